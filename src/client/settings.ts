import { assertApiKey } from '../api-keys/inspect.ts'
import { type ResolvedEndpoints, resolveEndpoints } from '../endpoints/resolve.ts'
import { httpOrigin, parseBaseUrl } from '../endpoints/url.ts'
import { AuthError } from '../errors/auth-error.ts'
import type { Fetch } from '../http/transport.ts'
import type { Lock } from '../lock/lock.ts'
import { memoryLock } from '../lock/memory-lock.ts'
import type { LoginFlow } from '../login/flow.ts'
import type { WebSockets } from '../mcp/web-socket.ts'
import type { ServerConfig } from '../oauth/server.ts'
import { Secret } from '../secret/secret.ts'
import { lazyList } from '../store/lazy-list.ts'
import { memoryStore } from '../store/memory-store.ts'
import type { StoreKey, TokenStore } from '../store/store.ts'
import type { AuthClientOptions, LanonasisClientOptions } from './options.ts'
import { isBrowser, processEnv } from './runtime.ts'

/** The options with everything decided: valid, complete, and in the library's own types. */
export interface Settings {
  readonly clientId: string
  readonly scope: string
  readonly key: StoreKey
  readonly server: ServerConfig
  /** Not for a server found by discovery. */
  readonly endpoints: ResolvedEndpoints | undefined
  /** The origins that what is obtained now is obtained for (★1). */
  readonly origins: readonly string[]
  readonly apiKey: Secret | undefined
  readonly store: TokenStore
  readonly lock: Lock
  readonly flows: readonly LoginFlow[]
  readonly interaction: 'allowed' | 'never'
  readonly fetch: Fetch
  readonly webSockets: WebSockets | undefined
  readonly now: () => number
  readonly timeoutMs: number
  readonly browser: boolean
  readonly autoRefresh: boolean
  readonly traceparent: (() => string | undefined) | undefined
  readonly projectScope: string | undefined
}

/** The two scopes that every registered client may ask for (CONTRACT §3). */
const defaultScope = 'memories:read memories:write'
const defaultTimeoutMs = 10_000

/** @throws AuthError `config_invalid`, `api_key_malformed`, `api_key_incomplete`, naming the setting */
export function resolveSettings(
  options: AuthClientOptions &
    Pick<LanonasisClientOptions, 'apiKey' | 'projectScope' | 'webSocket'>,
): Settings {
  const { login = [], timeoutMs = defaultTimeoutMs } = options
  const store = resolveStore(options.store)
  requireText('clientId', options.clientId, 'Pass the client id that is registered at the gateway.')
  if (options.profile !== undefined) requireText('profile', options.profile, 'Name the profile.')
  if (!(Number.isFinite(timeoutMs) && timeoutMs > 0)) {
    throw new AuthError('config_invalid', 'timeoutMs is not a positive number.')
  }
  if (options.apiKey !== undefined) assertApiKey(options.apiKey, 'apiKey')
  const services = resolveServices(options)
  const { clientId, profile = 'default', scope = defaultScope } = options
  return {
    ...services,
    clientId,
    scope,
    key: { issuer: services.server.issuer, clientId, profile },
    apiKey: options.apiKey === undefined ? undefined : new Secret(options.apiKey),
    store,
    lock: options.lock ?? store.lock ?? memoryLock(),
    flows: Array.isArray(login) ? login : [login],
    interaction: options.interaction ?? 'allowed',
    // Looked up at each call, so that what a test or a proxy library installs later counts.
    fetch: options.fetch ?? ((input, init) => globalThis.fetch(input, init)),
    webSockets: options.webSocket,
    now: options.now ?? Date.now,
    timeoutMs,
    browser: isBrowser(),
    autoRefresh: options.autoRefresh ?? false,
    traceparent: options.traceparent,
    projectScope: parseProjectScope(options.projectScope),
  }
}

function resolveStore(store: AuthClientOptions['store']): TokenStore {
  if (store === undefined) return memoryStore()
  return 'read' in store ? store : lazyList(store)
}

/** It becomes a header. */
function parseProjectScope(text: string | undefined): string | undefined {
  if (text === undefined || /^[\w.:/-]{1,200}$/.test(text)) return text
  throw new AuthError('config_invalid', 'projectScope is not a name of a project scope.', {
    hint: 'Use letters, digits and . _ : / - only.',
  })
}

function resolveServices(
  options: AuthClientOptions,
): Pick<Settings, 'server' | 'endpoints' | 'origins'> {
  if (options.issuer !== undefined) {
    const url = parseBaseUrl(options.issuer, 'issuer')
    const resources = (options.resources ?? []).map((url) => parseBaseUrl(url, 'resources'))
    const origins = [...new Set([url, ...resources].map((url) => httpOrigin(url)))]
    return {
      server: {
        // As it is given: a slash at its end is part of the name (RFC 8414 §2).
        issuer: options.issuer,
        discover: true,
        tokenRequestFormat: options.tokenRequestFormat ?? 'form',
      },
      endpoints: undefined,
      origins,
    }
  }
  const endpoints = resolveEndpoints({ ...options, env: options.env ?? processEnv() })
  return {
    server: {
      issuer: endpoints.urls.authGateway,
      discover: false,
      tokenRequestFormat: options.tokenRequestFormat ?? 'json',
    },
    endpoints,
    origins: [...new Set(Object.values(endpoints.urls).map((url) => httpOrigin(url)))],
  }
}

function requireText(name: string, value: string, hint: string): void {
  if (typeof value !== 'string' || value.trim() === '') {
    throw new AuthError('config_invalid', `${name} is empty.`, { hint })
  }
}

import { ApiKeysApi } from '../api-keys/api-keys.ts'
import { assertApiKey } from '../api-keys/inspect.ts'
import type { ApiKeyOwner } from '../api-keys/owner.ts'
import type { NewApiKey } from '../api-keys/types.ts'
import { raceSignal, throwIfAborted } from '../async/abort.ts'
import { once } from '../async/once.ts'
import type { DoctorOptions, Report } from '../doctor/report.ts'
import type { Endpoints } from '../endpoints/presets.ts'
import { httpOrigin, joinUrl, parseBaseUrl } from '../endpoints/url.ts'
import { AuthError } from '../errors/auth-error.ts'
import { loadPart } from '../errors/load-part.ts'
import type { CallOptions } from '../http/call-options.ts'
import type { Rest } from '../http/rest.ts'
import { isFields } from '../json/fields.ts'
import { McpApi } from '../mcp/mcp-api.ts'
import { MemoryApi } from '../memory/memory-api.ts'
import { Secret } from '../secret/secret.ts'
import type { Session } from '../session/session.ts'
import { AuthClient, coreOf } from './auth-client.ts'
import type { ClientCore } from './core.ts'
import type { LegacyBridge } from './legacy.ts'
import type {
  LanonasisClientOptions,
  LoginOptions,
  LogoutOptions,
  LogoutResult,
} from './options.ts'
import type { KeyKeeper } from './refusals.ts'

/** Options of `LanonasisClient.login`. */
export interface LanonasisLoginOptions extends LoginOptions {
  /**
   * Makes sure of an API key as well, in one go: see `apiKeys.ensure`. Where the sign-in leaves the page,
   * `completeLogin()` does it.
   */
  readonly apiKey?: NewApiKey | undefined
}

/**
 * The client of the Lanonasis services: sign-in, session, API keys and memories.
 *
 * The same class serves every platform; `createClient` of `./node` only fills in that platform's defaults.
 *
 * @example
 * ```ts
 * import { createClient } from '@lanonasis/auth-client/node'
 *
 * const lanonasis = createClient({ clientId: 'lanonasis-cli' })
 * await lanonasis.login()
 * await lanonasis.apiKeys.ensure({ name: 'my-laptop' })
 * await lanonasis.memory.create({ title: 'Example', content: 'Details', type: 'context' })
 * ```
 */
export class LanonasisClient extends AuthClient {
  /** Where the services are, as resolved when the client was made. Frozen. */
  readonly endpoints: Endpoints
  /** Keys for MCP Core. */
  readonly apiKeys: ApiKeysApi
  /** Memories of MCP Core, or of the old REST API with `legacyApi`. */
  readonly memory: MemoryApi
  /** MCP Core in real time. */
  readonly mcp: McpApi
  readonly #keyOwner: () => Promise<ApiKeyOwner>
  readonly #legacy: () => Promise<LegacyBridge>
  readonly #doctor: (options: DoctorOptions) => Promise<Report>

  /** @throws AuthError `config_invalid`, `api_key_malformed`, `api_key_incomplete`, naming what is wrong */
  constructor(options: LanonasisClientOptions) {
    super(options)
    const core = coreOf(this)
    const { endpoints } = core.settings
    if (endpoints === undefined) {
      throw new AuthError('config_invalid', 'LanonasisClient takes no issuer.', {
        hint: 'Use AuthClient for another authorization server.',
      })
    }
    this.endpoints = endpoints.urls
    const { legacyApi = false } = options
    const rest = once(() => loadRest(core))
    const url = resolveApiKeysUrl(core, options.apiKeysUrl, endpoints.urls)
    this.#keyOwner = once(async () => {
      const { apiKeyOwner } = await loadPart(import('./services.ts'))
      return apiKeyOwner(core, async () => ({ rest: await rest(), url }))
    })
    core.keys = lazyKeyKeeper(core, this.#keyOwner)
    this.apiKeys = new ApiKeysApi(this.#keyOwner)
    this.memory = new MemoryApi(
      once(async () => {
        const { memoryContext } = await loadPart(import('./services.ts'))
        const place = legacyApi
          ? { base: endpoints.urls.restApi, service: 'The REST API' }
          : { base: endpoints.urls.mcpHttp, service: 'MCP Core' }
        return memoryContext({ ...place, rest: await rest() })
      }),
    )
    this.mcp = new McpApi(
      once(async () => {
        const { mcpContext } = await import('./realtime.ts')
        return mcpContext(core)
      }),
    )
    this.#legacy = once(async () => {
      const { LegacyBridge } = await loadPart(import('./legacy.ts'))
      return new LegacyBridge(core)
    })
    const { diagnostics = {} } = options
    this.#doctor = async (options) => {
      const { runDoctor } = await loadPart(import('../doctor/run-doctor.ts'))
      return runDoctor(core, { endpoints, diagnostics, options })
    }
  }

  override async login(options: LanonasisLoginOptions = {}): Promise<Session> {
    const { apiKey, ...rest } = options
    if (apiKey === undefined) return super.login(rest)
    const { signIn } = await loadPart(import('./signing.ts'))
    await signIn(coreOf(this), { ...rest, afterwards: apiKey })
    const { signal } = options
    await this.apiKeys.ensure(apiKey, signal === undefined ? {} : { signal })
    return this.getSession()
  }

  override async completeLogin(url?: string | URL): Promise<Session | undefined> {
    const session = await super.completeLogin(url)
    const { completion } = coreOf(this)
    if (completion === undefined || !isNewApiKey(completion.afterwards)) return session
    await this.apiKeys.ensure(completion.afterwards)
    completion.afterwards = undefined
    return this.getSession()
  }

  override async logout(options: LogoutOptions = {}): Promise<LogoutResult> {
    if (options.apiKey !== 'revoke') return super.logout(options)
    const { revokeStoredKey } = await loadPart(import('./services.ts'))
    const refusal = await revokeStoredKey(coreOf(this), await this.#keyOwner(), options)
    const result = await super.logout(options)
    if (refusal === undefined) return result
    const { reason, alive = [] } = result
    const reasons = reason === undefined ? [refusal] : [reason, refusal]
    return { revoked: false, reason: reasons.join(' '), alive: [...alive, 'api-key'] }
  }

  /**
   * Stores an API key, as a person copied it from the dashboard, beside the session.
   *
   * @throws AuthError `api_key_incomplete` when only one half was copied, `api_key_malformed`, `store_unavailable`
   */
  async setApiKey(text: string): Promise<void> {
    assertApiKey(text, 'The API key')
    const { keepApiKey } = await loadPart(import('./services.ts'))
    await keepApiKey(coreOf(this), { secret: new Secret(text) })
  }

  /**
   * Exchanges the token of the time before OAuth (`auth.legacyToken`) for a session, where the gateway
   * has a bridge for that (roadmap §5.2). Until then it is used for requests as it is.
   *
   * @returns the session; `undefined` when there is nothing to exchange, or the person has to sign in.
   * That there is no bridge is found out once.
   * @throws AuthError `network_error`, `rate_limited`, `service_unavailable`: nothing was decided; `aborted`
   */
  async exchangeLegacyToken(options: CallOptions = {}): Promise<Session | undefined> {
    const { signal } = options
    throwIfAborted(signal)
    const legacy = await this.#legacy()
    // The exchange goes on when its caller leaves: its pair has to be stored in any case.
    return raceSignal(legacy.exchange(), signal)
  }

  /**
   * Looks into everything that a sign-in and a request need: the services, the gateway's answers against
   * its contract, the place where credentials are kept, the session, the API key.
   *
   * It changes nothing: no session is renewed or ended, nobody is asked. A credential goes only where it
   * would go anyway. About twenty requests, a few more with `origin`; one of them counts among the token requests that the gateway
   * allows this network (5 in 15 minutes). What is down is a finding, not an error.
   *
   * @returns plain data; `ok` is `false` when something does not work. See `formatReport` for a table.
   * @throws AuthError `aborted`, and nothing else
   */
  async doctor(options: DoctorOptions = {}): Promise<Report> {
    return this.#doctor(options)
  }

  override toJSON(): Record<string, unknown> {
    return { ...super.toJSON(), endpoints: this.endpoints }
  }

  [Symbol.for('nodejs.util.inspect.custom')](): Record<string, unknown> {
    return { LanonasisClient: this.toJSON() }
  }
}

/** The REST layer, with ky and zod. */
async function loadRest(core: ClientCore): Promise<Rest> {
  const { now, timeoutMs } = core.settings
  // Needed right after; a failure is that of the request.
  core.requests().catch(() => {})
  const { createRest } = await loadPart(import('./services.ts'))
  const grantedScope = () => {
    const session = core.keeper.known?.session
    return session?.status === 'signed-in' ? session.tokens.scope : undefined
  }
  return createRest({
    fetch: core.fetchAs('restFetch'),
    now,
    timeoutMs,
    random: Math.random,
    grantedScope,
  })
}

function lazyKeyKeeper(core: ClientCore, owner: () => Promise<ApiKeyOwner>): KeyKeeper {
  const keeper = once(async () => {
    const { keyKeeper } = await loadPart(import('./services.ts'))
    return keyKeeper(core, await owner())
  })
  return {
    isRevoked: async (signal) => (await keeper()).isRevoked(signal),
    replace: async (refused, signal) => (await keeper()).replace(refused, signal),
  }
}

/** @throws AuthError `config_invalid` when keys would be managed at none of the services */
function resolveApiKeysUrl(
  core: ClientCore,
  text: string | undefined,
  endpoints: Endpoints,
): string {
  if (text === undefined) return joinUrl(endpoints.mcpHttp, 'auth/api-keys').href
  const url = parseBaseUrl(text, 'apiKeysUrl')
  // Elsewhere at the services a request would get another credential than key management takes.
  if (core.settings.origins.includes(httpOrigin(url)) && url.endsWith('/api-keys')) return url
  throw new AuthError('config_invalid', 'apiKeysUrl is not the api-keys of one of the services.', {
    hint: 'Name an address below one of the endpoints that ends in /api-keys.',
  })
}

/** What was put away for the time after a sign-in; other scripts of the page may have changed it. */
function isNewApiKey(value: unknown): value is NewApiKey {
  return isFields(value) && typeof value.name === 'string'
}

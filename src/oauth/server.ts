import * as oauth from 'oauth4webapi'
import { isSecureUrl } from '../endpoints/url.ts'
import { AuthError } from '../errors/auth-error.ts'
import { errorFromResponse } from '../http/response-error.ts'
import { fetchWhole, type TransportOptions } from '../http/transport.ts'
import { parseFields, textOf } from '../json/fields.ts'

/** Which authorization server to speak to, as it was configured. */
export interface ServerConfig {
  readonly issuer: string
  /** `false`: the Lanonasis gateway, whose routes are known. `true`: any server, found by its metadata (RFC 8414). */
  readonly discover: boolean
  readonly tokenRequestFormat: 'json' | 'form'
}

/** An authorization server whose routes are known. */
export interface Server extends ServerConfig {
  readonly metadata: oauth.AuthorizationServer
}

/** What every request of this folder needs. */
export interface OAuthContext {
  readonly server: Server
  readonly clientId: string
  readonly transport: TransportOptions
  readonly now: () => number
}

/** The gateway's routes (roadmap, Appendix B); asking for its metadata first would only add a request. */
export function gatewayServer(config: ServerConfig): Server {
  const { issuer } = config
  return {
    ...config,
    metadata: {
      issuer,
      authorization_endpoint: `${issuer}/oauth/authorize`,
      token_endpoint: `${issuer}/oauth/token`,
      introspection_endpoint: `${issuer}/oauth/introspect`,
      revocation_endpoint: `${issuer}/oauth/revoke`,
      device_authorization_endpoint: `${issuer}/oauth/device`,
      code_challenge_methods_supported: ['S256'],
    },
  }
}

/**
 * Reads a server's metadata: RFC 8414, and OpenID Connect Discovery where that is all it has.
 *
 * @throws AuthError `issuer_mismatch` when the metadata is of another server, `invalid_response`, transport errors
 */
export async function discoverServer(
  config: ServerConfig,
  transport: TransportOptions,
  now: () => number,
): Promise<Server> {
  const issuer = new URL(config.issuer)
  let response: Response | undefined
  for (const algorithm of ['oauth2', 'oidc'] as const) {
    response = await oauth.discoveryRequest(issuer, {
      algorithm,
      ...httpOptions(issuer, transport),
    })
    // A web application may have a page for every path.
    if (response.ok && isJson(response)) break
  }
  if (response === undefined || !response.ok) {
    const failed = response ?? new Response(null, { status: 404 })
    throw await errorFromResponse(failed, {
      service: hostOf(issuer),
      credential: 'none',
      now: now(),
    })
  }
  const said = textOf(parseFields(await response.clone().text()).issuer)
  if (said !== undefined && !(URL.canParse(said) && new URL(said).href === issuer.href)) {
    throw new AuthError('issuer_mismatch', `${hostOf(issuer)} calls itself by another issuer.`)
  }
  try {
    return { ...config, metadata: await oauth.processDiscoveryResponse(issuer, response) }
  } catch (error) {
    throw new AuthError('invalid_response', `The metadata of ${hostOf(issuer)} is not valid.`, {
      cause: error,
    })
  }
}

function isJson(response: Response): boolean {
  return /\bjson\b/i.test(response.headers.get('content-type') ?? '')
}

/**
 * How oauth4webapi sends its requests here: through our transport (time limit, no redirects, typed
 * errors), and as JSON where the server wants it (roadmap, Appendix B).
 *
 * @throws AuthError `config_invalid` for an address out of the metadata that cannot be trusted
 */
export function httpOptions(
  url: URL | string,
  transport: TransportOptions,
  format: 'json' | 'form' = 'form',
): Record<symbol, unknown> & { [oauth.allowInsecureRequests]: boolean } {
  assertSecure(url)
  return {
    // Of this very machine only.
    [oauth.allowInsecureRequests]: true,
    [oauth.customFetch]: (target: string, init: RequestInit) => {
      const { signal: _signal, ...rest } = init
      return fetchWhole(target, format === 'json' ? asJson(rest) : rest, transport)
    },
  }
}

/**
 * A server behind a proxy that does not know its own scheme names plain http in its metadata, to which no
 * credential goes.
 * @throws AuthError `config_invalid`
 */
export function assertSecure(endpoint: URL | string | undefined): asserts endpoint is URL | string {
  if (endpoint !== undefined && URL.canParse(endpoint) && isSecureUrl(new URL(endpoint))) return
  throw new AuthError(
    'config_invalid',
    'The authorization server has no endpoint for this that can be trusted.',
    { hint: 'Its metadata has to name https addresses.' },
  )
}

function asJson(init: RequestInit): RequestInit {
  if (!(init.body instanceof URLSearchParams)) return init
  const headers = new Headers(init.headers)
  headers.set('content-type', 'application/json')
  return { ...init, headers, body: JSON.stringify(Object.fromEntries(init.body)) }
}

export function hostOf(issuer: URL | string): string {
  return new URL(issuer).host
}

import { inspectApiKey } from '../api-keys/inspect.ts'
import { AuthError } from '../errors/auth-error.ts'

const schemes = {
  http: { secure: 'https:', plain: 'http:' },
  ws: { secure: 'wss:', plain: 'ws:' },
} as const

/** Whether a host name (as `URL` prints it) is this machine: RFC 8252 §7.3, RFC 6761 §6.3. */
export function isLoopback(hostname: string): boolean {
  return (
    hostname === 'localhost' ||
    hostname.endsWith('.localhost') ||
    hostname === '[::1]' ||
    /^127(\.\d{1,3}){3}$/.test(hostname)
  )
}

/** Whether credentials may go over this connection: TLS, or no network at all (★4). */
export function isSecureUrl(url: URL): boolean {
  const secure = url.protocol === 'https:' || url.protocol === 'wss:'
  const plain = url.protocol === 'http:' || url.protocol === 'ws:'
  return secure || (plain && isLoopback(url.hostname))
}

/**
 * Validates the base URL of a service and writes it in one form, without trailing slashes.
 *
 * @param setting how the person who set it knows it: `AUTH_GATEWAY_URL`, `endpoints.mcpHttp`, …
 * @throws AuthError `config_invalid`, naming the setting. The value itself is not repeated, for it may hold a password.
 */
export function parseBaseUrl(
  text: string,
  setting: string,
  scheme: 'http' | 'ws' = 'http',
): string {
  const { secure, plain } = schemes[scheme]
  const invalid = (problem: string, hint: string) =>
    new AuthError('config_invalid', `${setting} ${problem}.`, { hint })
  const example = scheme === 'ws' ? 'wss://mcp.lanonasis.com/ws' : 'https://auth.lanonasis.com'

  let url: URL
  try {
    url = new URL(text)
  } catch {
    throw invalid('is not a URL', `Set ${setting} to an absolute URL such as ${example}.`)
  }
  if (url.protocol !== secure && url.protocol !== plain) {
    throw invalid(
      `has to start with ${secure}//`,
      `Set ${setting} to an absolute URL such as ${example}.`,
    )
  }
  if (!isSecureUrl(url)) {
    throw invalid(
      'is not encrypted',
      `Use ${secure}//; ${plain}// is accepted for loopback hosts (127.0.0.1, localhost) only.`,
    )
  }
  if (url.username !== '' || url.password !== '') {
    throw invalid('contains user information', 'Remove the part before the @.')
  }
  if (url.search !== '' || url.hash !== '' || /[?#]/.test(text)) {
    throw invalid('contains a query or a fragment', 'Remove what follows the ? or the #.')
  }
  const path = url.pathname.replace(/\/{2,}/g, '/').replace(/\/$/, '')
  return `${url.protocol}//${url.host}${path}`
}

/**
 * Joins a service's base and a route (★2). A route may repeat the end of the base's path, as
 * `/api/v1/memory` does for `https://host/api/v1`: it is never doubled, dropped or joined with `//`.
 */
export function joinUrl(base: string, route: string): URL {
  const url = new URL(base)
  const basePath = segments(url.pathname)
  const [routePath = '', ...query] = route.split('?')
  const routeSegments = segments(routePath)
  const overlap = overlapLength(basePath, routeSegments)
  url.pathname = `/${[...basePath, ...routeSegments.slice(overlap)].join('/')}`
  url.search = query.join('?')
  return url
}

/**
 * An id as one segment of a path.
 * @throws AuthError `validation_failed` for one that would lead elsewhere, and for a key in its place: an
 * address is in the logs of every server on the way (★6)
 */
export function pathSegment(id: string, name: string): string {
  // The last is half of a character, which no address can have.
  if (typeof id !== 'string' || /^(\s*|\.\.?)$|\p{Cs}/u.test(id)) {
    throw new AuthError('validation_failed', `The ${name} is empty or not an id.`, {
      hint: `Give the ${name} as the service returned it.`,
    })
  }
  if (holdsKey(id)) {
    throw new AuthError('validation_failed', `An API key was given in the place of the ${name}.`, {
      hint: `Nothing was sent. Give the ${name} as the service returned it.`,
    })
  }
  return encodeURIComponent(id)
}

/**
 * Whether it is a key, its secret half, its hash (★9) or a token. A public half is no secret, and the id of a
 * key where the service has no other one.
 */
function holdsKey(id: string): boolean {
  const bare = id.replace(/^[\s'"`“‘]+|[\s'"`”’]+$/g, '')
  const inspection = inspectApiKey(bare)
  if (inspection.ok) return true
  const { reason } = inspection
  return reason === 'secret_half_only' || reason === 'hash' || /^eyJ[\w-]+\./.test(bare)
}

function segments(path: string): string[] {
  return path.split('/').filter((segment) => segment !== '')
}

/** How many segments at the start of `route` repeat the end of `base`; a version prefix has at least two. */
function overlapLength(base: readonly string[], route: readonly string[]): number {
  for (let length = Math.min(base.length, route.length); length >= 2; length--) {
    const tail = base.slice(-length)
    if (tail.every((segment, index) => segment === route[index])) return length
  }
  return 0
}

/** The origin that decides which credential a URL gets: a socket's is that of its handshake. */
export function httpOrigin(url: URL | string): string {
  const { protocol, host } = typeof url === 'string' ? new URL(url) : url
  const scheme = protocol === 'wss:' ? 'https:' : protocol === 'ws:' ? 'http:' : protocol
  return `${scheme}//${host}`
}

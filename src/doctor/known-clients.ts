/** What is known of a registered client (CONTRACT §3). */
interface KnownClient {
  /** One of its registered redirects; `undefined`: they are not known here. */
  readonly redirectUri: string | undefined
  /** Whether it has a secret and signs in without PKCE. */
  readonly confidential: boolean
}

const ide: KnownClient = { redirectUri: 'http://127.0.0.1:8080/callback', confidential: false }
const cli: KnownClient = { redirectUri: 'http://127.0.0.1:8888/callback', confidential: false }

const known: Readonly<Record<string, KnownClient>> = {
  'lanonasis-cli': cli,
  'vscode-extension': ide,
  'cursor-extension': ide,
  'windsurf-extension': ide,
  'dashboard-web': {
    redirectUri: 'https://dashboard.lanonasis.com/auth/callback',
    confidential: true,
  },
}

const unknown: KnownClient = { redirectUri: undefined, confidential: false }

export function knownClient(clientId: string): KnownClient {
  return (Object.hasOwn(known, clientId) ? known[clientId] : undefined) ?? unknown
}

/**
 * A redirect that no gateway adds to a client. A loopback one may be added on the fly to a client that is known
 * there, and doctor changes nothing.
 */
export const impossibleRedirect = 'https://doctor.invalid/callback'

/** The redirect to ask with: one that is registered, or one that cannot be. */
export function redirectFor(clientId: string): string {
  return knownClient(clientId).redirectUri ?? impossibleRedirect
}

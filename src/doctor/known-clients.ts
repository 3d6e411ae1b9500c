/** What is known of a registered client (CONTRACT §3). */
interface KnownClient {
  /** One of its registered redirects: any other loopback one would be added at the gateway on the fly. */
  readonly redirectUri: string
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

/** A client that is not known is taken for a program with a loopback redirect. */
export function knownClient(clientId: string): KnownClient {
  return (Object.hasOwn(known, clientId) ? known[clientId] : undefined) ?? cli
}

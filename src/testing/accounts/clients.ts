/** An OAuth client registered at the gateway. */
export interface Client {
  /** What it calls itself in requests; tokens are bound to it (★14). */
  readonly clientId: string
  /** What the consent page calls it. */
  readonly name: string
  /** Exact strings; loopback redirects of a known client are added to them on the fly. */
  readonly redirectUris: readonly string[]
  /** The scopes it may ask for. */
  readonly scopes: readonly string[]
  /** The scopes it gets when it asks for none. */
  readonly defaultScopes: readonly string[]
  /** Whether a sign-in without a challenge is refused. */
  readonly requirePkce: boolean
  /** A confidential client's secret. */
  readonly secret: string | undefined
}

/** What registering a client needs; it is public and uses PKCE unless said otherwise. */
export interface NewClient {
  /** What it calls itself in requests. One that is registered already is replaced. */
  readonly clientId: string
  /** Exact strings; default: none. Loopback redirects are added on the fly. */
  readonly redirectUris?: readonly string[]
  /** The scopes it may ask for; default: `memories:read` and `memories:write`. */
  readonly scopes?: readonly string[]
  /** What the consent page calls it; default: its id. */
  readonly name?: string
  /** Default `true`. */
  readonly requirePkce?: boolean
  /** Makes it a confidential client. */
  readonly secret?: string
}

export interface ClientStore {
  readonly all: readonly Client[]
  add(client: NewClient): Client
  get(clientId: string): Client | undefined
  /** Whether the redirect is registered, after adding it when it is a loopback one. */
  allowRedirect(clientId: string, redirectUri: string): boolean
}

const readAndWrite = ['memories:read', 'memories:write'] as const
const cacheMs = 3_600_000

function ideClient(clientId: string): NewClient {
  return {
    clientId,
    redirectUris: [
      'http://127.0.0.1:8080/callback',
      'http://localhost:8080/callback',
      'vscode://lanonasis.mcp-client/callback',
    ],
    scopes: [...readAndWrite, 'mcp:connect'],
  }
}

/** The clients every deployment has (CONTRACT §3); only the two memory scopes are common to all. */
const registered: readonly NewClient[] = [
  {
    clientId: 'lanonasis-cli',
    redirectUris: ['127.0.0.1', 'localhost'].flatMap((host) =>
      [8888, 3000].map((port) => `http://${host}:${port}/callback`),
    ),
    scopes: [...readAndWrite, 'memories:delete', 'profile'],
  },
  ideClient('vscode-extension'),
  ideClient('cursor-extension'),
  ideClient('windsurf-extension'),
  {
    clientId: 'dashboard-web',
    redirectUris: ['https://dashboard.lanonasis.com/auth/callback'],
    scopes: [...readAndWrite, 'profile'],
    requirePkce: false,
    secret: 'dashboard-secret',
  },
]

/**
 * @param cached whether a cache of one hour stands before the database: a redirect that is new to a
 * client already in it is stored, and refused until the cache forgets the client.
 */
export function createClientStore(now: () => number, options: { cached: boolean }): ClientStore {
  const clients = new Map<string, Client>()
  const cache = new Map<string, { redirectUris: readonly string[]; until: number }>()

  const add = (client: NewClient): Client => {
    const record: Client = {
      clientId: client.clientId,
      name: client.name ?? client.clientId,
      redirectUris: [...(client.redirectUris ?? [])],
      scopes: [...(client.scopes ?? readAndWrite)],
      defaultScopes: readAndWrite,
      requirePkce: client.requirePkce ?? true,
      secret: client.secret,
    }
    clients.set(record.clientId, record)
    cache.delete(record.clientId)
    return record
  }
  for (const client of registered) add(client)

  return {
    get all() {
      return [...clients.values()]
    },
    add,
    get: (clientId) => clients.get(clientId),
    allowRedirect(clientId, redirectUri) {
      const client = clients.get(clientId)
      if (client === undefined) return false
      const known = client.redirectUris.includes(redirectUri)
      const redirectUris =
        known || !isLoopbackRedirect(redirectUri)
          ? client.redirectUris
          : [...client.redirectUris, redirectUri]
      clients.set(clientId, { ...client, redirectUris })
      if (!options.cached) return redirectUris.includes(redirectUri)

      const entry = cache.get(clientId)
      if (entry !== undefined && entry.until > now())
        return entry.redirectUris.includes(redirectUri)
      cache.set(clientId, { redirectUris, until: now() + cacheMs })
      return redirectUris.includes(redirectUri)
    },
  }
}

function isLoopbackRedirect(redirectUri: string): boolean {
  const url = parse(redirectUri)
  return url?.protocol === 'http:' && ['127.0.0.1', 'localhost', '[::1]'].includes(url.hostname)
}

function parse(text: string): URL | undefined {
  try {
    return new URL(text)
  } catch {
    return undefined
  }
}

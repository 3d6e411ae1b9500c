import type { Endpoints } from '../../endpoints/presets.ts'
import type { WebSockets } from '../../mcp/web-socket.ts'
import { memoryStore } from '../../store/memory-store.ts'
import type { TokenStore } from '../../store/store.ts'
import type { PlatformFetch } from './fetch.ts'
import type { IssueTokensOptions, Platform } from './platform.ts'

/** What leads a client to the platform, as options of `LanonasisClient` or of a `createClient`. */
export interface PlatformClientOptions {
  /** `lanonasis-cli`, unless tokens of another client were asked for. */
  readonly clientId: string
  /** Empty in process: the variables of this machine are no part of the test. */
  readonly env: Record<string, string>
  /** Where the services are. */
  readonly endpoints: Endpoints
  /** Only in process; on sockets a client uses its own. */
  readonly fetch?: PlatformFetch
  /** Only in process; on sockets a client uses its own. */
  readonly webSocket?: WebSockets
  /** The platform's clock. */
  readonly now: () => number
}

/** The same, with the session of a person who has signed in. */
export interface SignedInClientOptions extends PlatformClientOptions {
  /** Holds the session, and nothing outside of this object: two clients on it are two users of one session. */
  readonly store: TokenStore
}

/** How a client gets to the services. */
export type Reach = Pick<PlatformClientOptions, 'env' | 'fetch' | 'webSocket'>

/** Makes the options that lead to a platform. */
export function createClientOptions(
  { endpoints, clock, issueTokens }: Pick<Platform, 'endpoints' | 'clock' | 'issueTokens'>,
  reach: Reach,
): Pick<Platform, 'clientOptions' | 'signedIn'> {
  const clientOptions = { clientId: 'lanonasis-cli', endpoints, now: clock.now, ...reach }
  return {
    clientOptions,
    async signedIn(options: IssueTokensOptions = {}) {
      const { clientId } = { ...clientOptions, ...options }
      const store = memoryStore({ tokens: await issueTokens(options), clientId })
      return { ...clientOptions, clientId, store }
    },
  }
}

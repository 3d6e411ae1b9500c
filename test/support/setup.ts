import { LanonasisClient } from '../../src/client/lanonasis-client.ts'
import type { LanonasisClientOptions } from '../../src/client/options.ts'
import { type InitialCredentials, memoryStore } from '../../src/store/memory-store.ts'
import { createPlatform, type Platform, type PlatformOptions } from '../../src/testing.ts'

export { personFlow } from '../../src/testing.ts'

/** A fixed moment: nothing here depends on when it runs. */
export const epoch = Date.UTC(2026, 5, 1)
/** The life of an access token. */
export const lifeMs = 900_000

export function platformAt(options: PlatformOptions = {}): Platform {
  return createPlatform({ now: () => epoch, ...options })
}

export function clientFor(
  platform: Platform,
  options: Partial<LanonasisClientOptions> = {},
): LanonasisClient {
  return new LanonasisClient({
    clientId: 'lanonasis-cli',
    env: {},
    endpoints: platform.endpoints,
    fetch: platform.fetch,
    now: platform.clock.now,
    ...options,
  })
}

interface SignedInOptions extends Partial<LanonasisClientOptions> {
  readonly platform?: Platform
  readonly family?: 'opaque' | 'jwt'
  readonly initial?: InitialCredentials
}

/** A person who is signed in: the services, their store, and a client on it. */
export async function signedIn({ platform, family, initial, ...options }: SignedInOptions = {}) {
  const services = platform ?? platformAt({ limits: false })
  const { clientId } = options
  const tokens = await services.issueTokens({
    ...(family === undefined ? {} : { family }),
    ...(clientId === undefined ? {} : { clientId }),
  })
  const store = memoryStore({ tokens, ...initial })
  return {
    platform: services,
    tokens,
    store,
    client: clientFor(services, { store, ...options }),
    /** Lets the access token end. */
    expire: () => services.clock.advance(lifeMs),
    tokenRequests: () => services.requestsTo('POST /oauth/token'),
  }
}

import { resolveEndpoints } from '../../../src/index.ts'
import { redisStore } from '../../../src/redis.ts'
import type { StoredAccount } from '../../../src/store/account.ts'
import type { StoreKey, TokenStore } from '../../../src/store/store.ts'
import {
  type Programs,
  programsWith,
  type Services,
  type ServicesOptions,
  servicesWith,
} from '../session/home.ts'
import type { Client, RedisServer } from './redis-server.ts'

/** Programs on hosts that share a Redis, and the services behind a gate. */
export interface Hosts extends Services, Programs {
  readonly server: RedisServer
  readonly client: Client
  readonly store: TokenStore
  readonly key: StoreKey
  /** What is in Redis. */
  account(): Promise<StoredAccount | undefined>
}

const prefix = 'hosts:'

/** Signed in, with an access token that has ended, unless told otherwise. */
export async function hostsOn(
  server: RedisServer,
  { withApiKey = true, ...options }: ServicesOptions & { readonly withApiKey?: boolean } = {},
): Promise<Hosts> {
  const services = await servicesWith(options)
  const { env, tokens, times, apiKey } = services
  const client = await server.connect()
  const store = redisStore(client, { prefix })
  const issuer = resolveEndpoints({ env }).urls.authGateway
  const key = { issuer, clientId: 'lanonasis-cli', profile: 'default' }
  const { accessToken, refreshToken, scope } = tokens
  await store.commit(key, undefined, {
    session: {
      status: 'signed-in',
      tokens: { accessToken, refreshToken, scope, ...times, tokenType: 'Bearer', kind: 'opaque' },
    },
    ...(withApiKey && { apiKey: { value: apiKey } }),
  })
  return {
    ...services,
    ...programsWith({ env, redis: { url: server.url, prefix } }),
    server,
    client,
    store,
    key,
    account: async () => (await store.read(key))?.value,
  }
}

/** The access token of a record. */
export function accessTokenOf(account: StoredAccount | undefined): string | undefined {
  return account?.session.status === 'signed-in' ? account.session.tokens.accessToken : undefined
}

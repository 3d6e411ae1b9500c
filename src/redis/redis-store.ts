import type { TokenStore } from '../store/store.ts'
import type { RedisClient } from './client.ts'
import { createRedisStore } from './create-store.ts'
import type { RedisStoreOptions } from './options.ts'

/**
 * Keeps credentials in Redis, for all processes on all hosts that have the same Redis: the server side of a
 * dashboard, workers, functions.
 *
 * A change is a compare-and-swap in one script on the server, so that two hosts never overwrite each other;
 * `lock` is a lease that Redis lets end when its holder is gone; `watch` tells of what others have changed.
 * An answer that is lost with its connection costs nothing: the same change is made again, and Redis
 * recognises it.
 *
 * All keys of one account are in one slot of a cluster. A record ends a week after its refresh token, and
 * not at all when it holds an API key. Set Redis to keep what it is given: `appendonly yes`, and a
 * `maxmemory-policy` that evicts nothing.
 *
 * @param client connected, and closed, by its owner
 * @throws AuthError `config_invalid` for something that is no client, a prefix with braces, or a bad key
 * @example
 * ```ts
 * import { LanonasisClient } from '@lanonasis/auth-client'
 * import { redisStore } from '@lanonasis/auth-client/redis'
 * import { createClient } from 'redis'
 *
 * const redis = await createClient({ url: process.env.REDIS_URL ?? '' }).connect()
 * const store = redisStore(redis, {
 *   prefix: 'dashboard:auth:',
 *   encryption: Buffer.from(process.env.AUTH_STORE_KEY ?? '', 'base64'),
 * })
 * const lanonasis = new LanonasisClient({ clientId: 'dashboard', profile: 'user-42', store })
 * ```
 */
export function redisStore(client: RedisClient, options: RedisStoreOptions = {}): TokenStore {
  return createRedisStore(client, options)
}

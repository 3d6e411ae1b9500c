/**
 * Servers on several hosts, and functions: credentials in a Redis that all of them share.
 *
 * @module
 */
export type {
  IoredisClient,
  NodeRedisClient,
  RedisClient,
  RedisCommandContext,
  RedisCommandFunction,
} from './redis/client.ts'
export type {
  RedisEncryption,
  RedisEncryptionKey,
  RedisEncryptionKeys,
  RedisStoreOptions,
} from './redis/options.ts'
export { redisStore } from './redis/redis-store.ts'

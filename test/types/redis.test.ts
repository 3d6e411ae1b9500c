import type { TokenStore } from '@lanonasis/auth-client'
import {
  type RedisClient,
  type RedisCommandFunction,
  redisStore,
} from '@lanonasis/auth-client/redis'
import type { createClient, createClientPool, createCluster } from 'redis'
import { describe, expectTypeOf, it } from 'vitest'

describe('redisStore', () => {
  it('takes what the package redis makes, with or without an extension', () => {
    expectTypeOf<ReturnType<typeof createClient>>().toExtend<RedisClient>()
    expectTypeOf<ReturnType<typeof createClientPool>>().toExtend<RedisClient>()
    expectTypeOf(redisStore).returns.toEqualTypeOf<TokenStore>()
  })

  it('takes a cluster of it by a function only, because that wants the key', () => {
    expectTypeOf<ReturnType<typeof createCluster>>().not.toExtend<RedisClient>()
    const ofCluster =
      (cluster: ReturnType<typeof createCluster>): RedisCommandFunction =>
      (command, { key }) =>
        cluster.sendCommand(key, false, command)
    expectTypeOf(ofCluster).returns.toExtend<RedisClient>()
  })

  it('takes a client as ioredis makes it', () => {
    interface Ioredis {
      call(command: string, ...args: (string | Buffer | number)[]): Promise<unknown>
      sendCommand(command: { readonly name: string }): unknown
      duplicate(override?: object): Ioredis
    }
    expectTypeOf<Ioredis>().toExtend<RedisClient>()
  })
})

import { randomUUID } from 'node:crypto'
import { afterAll, beforeEach, describe, it } from 'vitest'
import type { RedisStoreOptions } from '../../../src/redis.ts'
import { redisStore } from '../../../src/redis.ts'
import { type StorePlace, storeContract } from '../../../src/testing.ts'
import { type Client, obstacle, requireRedis, startRedis } from './redis-server.ts'

const damaged = '{"session":{"status":"signed-in","tokens":{"accessToken":"access-of-everything"'

interface RedisPlace extends StorePlace {
  readonly client: Client
  readonly prefix: string
}

const server = obstacle === undefined ? await startRedis({ atEnd: afterAll }) : undefined
/** A place has at most this many stores on connections of their own, as hosts have them. */
const clients = await Promise.all(Array.from({ length: 4 }, async () => server?.connect()))

function places(options: RedisStoreOptions) {
  return (): RedisPlace => {
    const prefix = `contract-${randomUUID()}:`
    let opened = 0
    const [client] = clients
    if (client === undefined) throw new Error('There is a server.')
    const open = () => {
      opened += 1
      return redisStore(clients[opened % clients.length] ?? client, { ...options, prefix })
    }
    return { client, prefix, store: open(), reopen: open }
  }
}

async function keysOf({ client, prefix }: RedisPlace, ending: string): Promise<readonly string[]> {
  return client.keys(`${prefix}*:${ending}`)
}

const kinds: readonly (readonly [string, RedisStoreOptions, number])[] = [
  ['redisStore', {}, 1_000],
  ['redisStore that looks for changes', { watch: 'poll' }, 6_000],
  ['redisStore that encrypts', { encryption: new Uint8Array(32).fill(7) }, 1_000],
]

describe('on a real Redis', { timeout: 60_000 }, () => {
  beforeEach(requireRedis)
  for (const [title, options, watchWithinMs] of kinds) {
    describe(title, () => {
      storeContract<RedisPlace>({
        describe,
        it,
        createStore: places(options),
        watchWithinMs,
        corruption: {
          async damage(place) {
            for (const key of await keysOf(place, 'account')) {
              await place.client.hSet(key, 'value', damaged)
            }
          },
          async isKept(place) {
            const keys = await keysOf(place, 'damaged')
            const kept = await Promise.all(keys.map((key) => place.client.hVals(key)))
            return kept.flat().includes(damaged)
          },
        },
        newerVersion: {
          async addField(place) {
            for (const key of await keysOf(place, 'account')) {
              await place.client.hSet(key, 'passkey', 'of a newer version')
            }
          },
          async hasField(place) {
            const keys = await keysOf(place, 'account')
            const found = await Promise.all(keys.map((key) => place.client.hGet(key, 'passkey')))
            return found.includes('of a newer version')
          },
        },
      })
    })
  }
})

import { inspect } from 'node:util'
import { beforeEach, describe, expect, it } from 'vitest'
import { type RedisEncryption, redisStore } from '../../../src/redis.ts'
import { failure } from '../../support/async.ts'
import { type Client, requireRedis, startRedis } from './redis-server.ts'
import { key, put, signedIn } from './samples.ts'

beforeEach(requireRedis)

const first = new Uint8Array(32).fill(1)
const second = new Uint8Array(32).fill(2)

/** Everything that Redis knows, as text. */
async function dump(client: Client): Promise<string> {
  const parts: unknown[] = []
  for (const name of await client.keys('*')) parts.push(name, await client.hGetAll(name))
  return JSON.stringify(parts)
}

/** Stores with different keys, on one Redis. */
async function storesWith(...encryptions: readonly (RedisEncryption | undefined)[]) {
  const client = await (await startRedis()).connect()
  return {
    client,
    stores: encryptions.map((encryption) =>
      redisStore(client, encryption === undefined ? {} : { encryption }),
    ),
  }
}

function two<T>([one, other]: readonly T[]): readonly [T, T] {
  if (one === undefined || other === undefined) throw new Error('There are two.')
  return [one, other]
}

describe('an account that is encrypted', () => {
  it('gives nothing away in Redis, and the same account never looks the same', async () => {
    const { client, stores } = await storesWith(first, first)
    const [store, same] = two(stores)
    await put(store, signedIn('ada'))
    const before = await dump(client)
    expect(before).not.toContain('secret-of')
    await put(same, signedIn('ada'))
    expect(await dump(client)).not.toBe(before)
    expect((await store.read(key))?.value).toEqual(signedIn('ada'))
    expect(inspect([store, store.describe()], { depth: 9 })).not.toContain('secret-of')
    expect(store.describe()).toMatchObject({ encrypted: true, persistent: true, shared: 'cluster' })
  })

  it.each([
    ['another key', second],
    ['no key', undefined],
  ])('is left as it is by who has %s, and never taken for nothing', async (_what, other) => {
    const { client, stores } = await storesWith(first, other)
    const [store, stranger] = two(stores)
    const revision = await put(store, signedIn('ada'))
    const before = await dump(client)
    for (const attempt of [
      stranger.read(key),
      stranger.commit(key, undefined, signedIn('grace')),
    ]) {
      expect(await failure(attempt)).toMatchObject({
        code: 'store_unavailable',
        retryable: false,
        hint: expect.stringContaining('`encryption`'),
      })
    }
    expect(await dump(client)).toBe(before)
    expect(await store.read(key)).toEqual({ value: signedIn('ada'), revision })
  })

  it('is read with the previous key, and written with the current one', async () => {
    const { stores } = await storesWith(first, { current: second, previous: [first] }, second)
    const [old, changing, latest] = stores
    if (!old || !changing || !latest) throw new Error('There are three.')
    await put(old, signedIn('ada'))
    expect((await changing.read(key))?.value).toEqual(signedIn('ada'))
    expect(await failure(latest.read(key))).toMatchObject({ code: 'store_unavailable' })
    await put(changing, signedIn('grace'))
    expect((await latest.read(key))?.value).toEqual(signedIn('grace'))
    expect(await failure(old.read(key))).toMatchObject({ code: 'store_unavailable' })
  })

  it('cannot be put in the place of another account, or of a later commit', async () => {
    const { client, stores } = await storesWith(first, first)
    const [store] = two(stores)
    const work = { ...key, profile: 'work' }
    await put(store, signedIn('ada'))
    await store.commit(work, undefined, signedIn('work'))
    const [mine = '', theirs = ''] = [
      (await client.keys('*user-42*:account'))[0],
      (await client.keys('*work*:account'))[0],
    ]
    await client.hSet(mine, await client.hGetAll(theirs))
    expect(await failure(store.read(key))).toMatchObject({ code: 'store_corrupt' })

    await put(store, signedIn('ada'))
    const old = (await client.hGet(mine, 'value')) ?? ''
    await put(store, signedIn('grace'))
    await client.hSet(mine, 'value', old)
    expect(await failure(store.read(key))).toMatchObject({ code: 'store_corrupt' })
  })

  it('is not replaced by one that is not encrypted, unless that was asked for', async () => {
    const { stores } = await storesWith(undefined, first, { current: first, acceptPlain: true })
    const [plain, strict, migrating] = stores
    if (!plain || !strict || !migrating) throw new Error('There are three.')
    await put(plain, signedIn('ada'))
    expect(await failure(strict.read(key))).toMatchObject({
      code: 'store_unavailable',
      hint: expect.stringContaining('`acceptPlain`'),
    })
    await put(migrating, signedIn('grace'))
    expect((await strict.read(key))?.value).toEqual(signedIn('grace'))
  })

  it('by a newer version is left to it', async () => {
    const { client, stores } = await storesWith(first, first)
    const [store] = two(stores)
    await put(store, signedIn('ada'))
    const [name = ''] = await client.keys('*:account')
    const value = (await client.hGet(name, 'value')) ?? ''
    await client.hSet(name, 'value', value.replace('sealed.1.', 'sealed.2.'))
    expect(await failure(store.read(key))).toMatchObject({ code: 'store_unavailable' })
    expect(await client.hGet(name, 'value')).toContain('sealed.2.')
  })
})

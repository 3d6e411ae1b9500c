import { beforeEach, describe, expect, it } from 'vitest'
import { type RedisCommandFunction, redisStore } from '../../../src/redis.ts'
import type { StoredAccount } from '../../../src/store/account.ts'
import { failure } from '../../support/async.ts'
import { type Client, requireRedis, startRedis } from './redis-server.ts'
import { key, put, signedIn } from './samples.ts'

beforeEach(requireRedis)

const day = 86_400_000

/** Tokens whose refresh token ends in so many days. */
function endingIn(days: number, more: Partial<StoredAccount> = {}): StoredAccount {
  const account = signedIn('ada', more)
  if (account.session.status !== 'signed-in') throw new Error('Somebody is signed in.')
  const refreshExpiresAt = Date.now() + days * day
  return {
    ...account,
    session: { ...account.session, tokens: { ...account.session.tokens, refreshExpiresAt } },
  }
}

const apiKey = { value: 'pk_a.sk_a' }
const signedOut: StoredAccount = { session: { status: 'signed-out' } }
const expired: StoredAccount = { session: { status: 'expired' } }

async function onlyKey(client: Client): Promise<string> {
  const [found = '', ...more] = await client.keys('*:account')
  expect(more).toEqual([])
  return found
}

/** All keys but those that only say for a while that an account is gone. */
async function keysOf(client: Client, pattern = '*'): Promise<readonly string[]> {
  return (await client.keys(pattern)).filter((name) => !name.endsWith(':gone'))
}

/** How long the record is kept, in whole days; `never` to end: `undefined`. */
async function daysLeft(client: Client): Promise<number | undefined> {
  const ms = await client.pTTL(await onlyKey(client))
  return ms === -1 ? undefined : Math.round(ms / day)
}

describe('a record in Redis', () => {
  const lives: readonly (readonly [string, readonly StoredAccount[], number | undefined])[] = [
    ['a week longer than its refresh token', [endingIn(30)], 37],
    ['a week although a clock says that it has ended', [endingIn(-400)], 7],
    ['without end, when nobody knows how long the tokens last', [signedIn('ada')], undefined],
    ['without end, when it has an API key', [endingIn(30, { apiKey })], undefined],
    ['without end, when it has a legacy token', [{ ...signedOut, legacyToken: 'old' }], undefined],
    ['half a year, when somebody has signed out', [endingIn(30), signedOut], 180],
    ['half a year, when the session has expired', [signedIn('ada'), expired], 180],
    ['as long as the tokens would have been, after a sign-out', [endingIn(300), signedOut], 307],
    ['as long as the new tokens, when somebody signs in again', [signedOut, endingIn(30)], 37],
    ['as long as tokens, when the API key is gone', [endingIn(9, { apiKey }), endingIn(9)], 16],
  ]
  it.each(lives)('is kept %s', async (_how, accounts, days) => {
    const client = await (await startRedis()).connect()
    const store = redisStore(client)
    for (const account of accounts) await put(store, account)
    expect(await daysLeft(client)).toBe(days)
  })

  it('lies under the prefix that was chosen, with a slot of its own account', async () => {
    const client = await (await startRedis()).connect()
    await put(redisStore(client, { prefix: 'dash:' }), signedIn('ada'))
    expect(await onlyKey(client)).toMatch(/^dash:\{[^{}]+user-42[^{}]+\}:account$/)
    await redisStore(client, { prefix: 'other:' }).read(key)
    expect(await redisStore(client, { prefix: 'other:' }).read(key)).toBe(undefined)
  })

  it('of another program is left alone', async () => {
    const client = await (await startRedis()).connect()
    const store = redisStore(client)
    await put(store, signedIn('ada'))
    const name = await onlyKey(client)
    await client.set(name, 'mine')
    expect(await failure(store.read(key))).toMatchObject({ code: 'store_unavailable' })
    expect(await failure(store.commit(key, undefined, signedIn('grace')))).toMatchObject({
      code: 'store_unavailable',
    })
    expect(await client.get(name)).toBe('mine')
  })

  it('is removed with all that belongs to it, and nothing of others, by destroy', async () => {
    const client = await (await startRedis()).connect()
    const store = redisStore(client)
    const work = { ...key, profile: 'work' }
    await store.commit(work, undefined, signedIn('work'))
    await put(store, signedIn('ada'))
    await client.hSet((await client.keys('*user-42*:account'))[0] ?? '', 'value', '{"session":')
    expect(await failure(store.read(key))).toMatchObject({ code: 'store_corrupt' })
    await put(store, signedIn('grace'))
    expect(await keysOf(client, '*user-42*')).toHaveLength(2)
    await store.destroy?.(key)
    expect(await keysOf(client, '*user-42*')).toEqual([])
    expect((await store.read(work))?.value).toEqual(signedIn('work'))
    await store.destroy?.(key)
  })

  it('is removed by destroy although nobody can read it', async () => {
    const client = await (await startRedis()).connect()
    const encryption = new Uint8Array(32).fill(1)
    await put(redisStore(client, { encryption }), signedIn('ada'))
    const store = redisStore(client)
    expect(await failure(store.read(key))).toMatchObject({ code: 'store_unavailable' })
    await store.destroy?.(key)
    expect(await keysOf(client)).toEqual([])
  })
})

describe('a commit that begins an account', () => {
  /** A client that keeps the commits it has sent, and can hold them back. */
  function recording(client: Client) {
    const commits: string[][] = []
    let hold: (() => Promise<unknown>) | undefined
    const send: RedisCommandFunction = async (command) => {
      if (!command.some((part) => part.includes('access-secret'))) {
        return client.sendCommand(command)
      }
      commits.push(command)
      const held = hold
      hold = undefined
      await held?.()
      return client.sendCommand(command)
    }
    return {
      send,
      again: () => client.sendCommand(commits.at(-1) ?? []),
      holdNext: (work: () => Promise<unknown>) => {
        hold = work
      },
    }
  }

  it.each(['destroyed', 'removed', 'changed and destroyed'])(
    'and is sent once more by the client does not bring back what was %s elsewhere',
    async (how) => {
      const server = await startRedis()
      const client = await server.connect()
      const other = redisStore(await server.connect())
      const { send, again } = recording(client)
      await put(redisStore(send), signedIn('ada'))
      if (how === 'changed and destroyed') await put(other, { session: { status: 'signed-out' } })
      if (how === 'removed') await put(other, undefined)
      else await other.destroy?.(key)
      await again()
      expect(await other.read(key)).toBe(undefined)
      // Who signs in now is no repetition, on whichever host.
      await put(other, signedIn('grace'))
      await again()
      expect((await other.read(key))?.value).toEqual(signedIn('grace'))
    },
  )

  it('is refused when it arrives only after somebody has destroyed the account', async () => {
    const server = await startRedis()
    const { send, holdNext } = recording(await server.connect())
    const other = redisStore(await server.connect())
    const store = redisStore(send)
    holdNext(async () => other.destroy?.(key))
    expect(await store.commit(key, undefined, signedIn('late'))).toEqual({ ok: false })
    expect(await other.read(key)).toBe(undefined)
    expect(await store.commit(key, undefined, signedIn('ada'))).toMatchObject({ ok: true })
  })

  it('and whose answer was lost is confirmed, and not made again, when it was removed since', async () => {
    const server = await startRedis()
    const client = await server.connect()
    const other = redisStore(await server.connect())
    let isLost = false
    const store = redisStore(async (command) => {
      const answer = await client.sendCommand(command)
      if (isLost || !command.some((part) => part.includes('access-secret'))) return answer
      isLost = true
      await other.destroy?.(key)
      throw new Error('The connection was lost.')
    })
    expect(await store.commit(key, undefined, signedIn('ada'))).toMatchObject({ ok: true })
    expect(await store.read(key)).toBe(undefined)
  })

  it('leaves no more than its name when it is gone, and that not for long', async () => {
    const client = await (await startRedis()).connect()
    const store = redisStore(client)
    await put(store, signedIn('ada'))
    await store.destroy?.(key)
    const [name = '', ...more] = await client.keys('*')
    expect([name.endsWith(':gone'), more]).toEqual([true, []])
    expect(await client.get(name)).toMatch(/^[0-9a-f-]{36}$/)
    expect(await client.pTTL(name)).toBeGreaterThan(600_000)
  })
})

describe('a Redis Cluster', () => {
  it('has all of an account in one slot', async () => {
    const client = await (await startRedis({ cluster: true })).connect()
    await client.sendCommand(['CLUSTER', 'ADDSLOTSRANGE', '0', '16383'])
    await expect
      .poll(() => client.sendCommand(['CLUSTER', 'INFO']), { timeout: 10_000 })
      .toContain('cluster_state:ok')
    const keys: string[] = []
    // As a cluster client does, it goes by the first key.
    const store = redisStore((command, context) => {
      keys.push(context.key)
      return client.sendCommand(command)
    })
    await put(store, signedIn('ada'))
    await store.lock?.withLock('["a","b","c",""]', { timeoutMs: 1_000 }, async () => {})
    await client.hSet(await onlyKey(client), 'value', 'damage')
    expect(await failure(store.read(key))).toMatchObject({ code: 'store_corrupt' })
    await store.destroy?.(key)
    expect(await keysOf(client)).toEqual([])
    const slots = keys.map((name) => client.sendCommand(['CLUSTER', 'KEYSLOT', name]))
    expect(new Set(await Promise.all(slots)).size).toBe(2)
  })
})

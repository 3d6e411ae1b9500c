import { inspect } from 'node:util'
import { beforeEach, describe, expect, it } from 'vitest'
import { createRedisStore } from '../../../src/redis/create-store.ts'
import { redisStore } from '../../../src/redis.ts'
import { failure } from '../../support/async.ts'
import { pause, until } from '../session/agents.ts'
import { accessTokenOf, hostsOn } from './hosts.ts'
import { requireRedis, startRedis } from './redis-server.ts'
import { key, lossy, put, signedIn } from './samples.ts'

beforeEach(requireRedis)

/** Longer than all attempts of one commit. */
const manyAnswers = 100
const killOthers = ['CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes'] as const

describe('an answer that is lost', () => {
  it('after the server has written costs nothing: the commit is made once, and confirmed', async () => {
    const server = await startRedis()
    const { send, losses } = lossy(await server.connect())
    const store = redisStore(send)
    const revision = await put(store, signedIn('ada'))
    losses.left = 2
    const result = await store.commit(key, revision, signedIn('grace'))
    expect(losses.made).toBe(2)
    expect(await store.read(key)).toEqual({
      value: signedIn('grace'),
      revision: result.ok ? result.revision : '',
    })
  })

  it('for as long as anybody waits is recognised by the next commit of the same', async () => {
    const server = await startRedis()
    const { send, losses } = lossy(await server.connect())
    const store = redisStore(send)
    const revision = await put(store, signedIn('ada'))
    losses.left = manyAnswers
    expect(await failure(store.commit(key, revision, signedIn('grace')))).toMatchObject({
      code: 'store_unavailable',
      retryable: true,
    })
    losses.left = 0
    const result = await store.commit(key, revision, signedIn('grace'))
    expect(result.ok).toBe(true)
    expect((await store.read(key))?.value).toEqual(signedIn('grace'))
  })

  it('does not make a commit of something else pass for the one that was made', async () => {
    const server = await startRedis()
    const { send, losses } = lossy(await server.connect())
    const store = redisStore(send)
    const revision = await put(store, signedIn('ada'))
    losses.left = manyAnswers
    await failure(store.commit(key, revision, signedIn('grace')))
    losses.left = 0
    expect(await store.commit(key, revision, { session: { status: 'signed-out' } })).toMatchObject({
      ok: false,
      current: { value: signedIn('grace') },
    })
  })

  it('of a removal that was made is no conflict either', async () => {
    const server = await startRedis()
    const { send, losses } = lossy(await server.connect())
    const store = redisStore(send)
    const revision = await put(store, signedIn('ada'))
    losses.left = 1
    expect((await store.commit(key, revision, undefined)).ok).toBe(true)
    expect(await store.read(key)).toBe(undefined)
  })

  it('of the lock does not leave it to nobody', async () => {
    const server = await startRedis()
    const { send, losses } = lossy(await server.connect())
    const store = createRedisStore(send, {})
    const other = createRedisStore(await server.connect(), {})
    losses.left = 3
    const limits = { timeoutMs: 5_000 }
    expect(await failure(store.lock.withLock('a', limits, async () => {}))).toMatchObject({
      code: 'store_unavailable',
    })
    const startedAt = performance.now()
    expect(await other.lock.withLock('a', limits, async () => 'free')).toBe('free')
    expect(performance.now() - startedAt).toBeLessThan(2_000)
  })

  it('shows nothing of what was sent', async () => {
    const server = await startRedis()
    const { send, losses } = lossy(await server.connect())
    const store = redisStore(send)
    losses.left = manyAnswers
    const error = await failure(store.commit(key, undefined, signedIn('ada')))
    const printed = [
      inspect(error, { depth: 9 }),
      JSON.stringify(error),
      inspect(store),
      `${error}`,
    ]
    expect(printed.join()).not.toContain('secret-of')
  })
})

describe('a connection that breaks', () => {
  it('while many write is mended, and no change is lost or made twice', async () => {
    const server = await startRedis()
    const killer = await server.connect()
    const stores = await Promise.all([1, 2, 3].map(async () => redisStore(await server.connect())))
    let stop = false
    let kills = 0
    const killing = (async () => {
      while (!stop) {
        kills += Number(await killer.sendCommand([...killOthers]))
        await pause(15)
      }
    })()
    const counts = stores.map(async (store, index) => {
      for (;;) {
        const entry = await store.read(key).catch(() => 'unread' as const)
        if (entry === 'unread') continue
        const text = entry?.value.apiKey?.value ?? ''
        if (text.split(`${index}`).length > 40) return
        const account = {
          session: { status: 'signed-out' },
          apiKey: { value: `${text}${index}` },
        } as const
        // Whether it was made is seen by the next look.
        await store.commit(key, entry?.revision, account).catch(() => {})
      }
    })
    await Promise.all(counts)
    stop = true
    await killing
    const written = (await redisStore(killer).read(key))?.value.apiKey?.value ?? ''
    expect(kills).toBeGreaterThan(10)
    expect(written).toHaveLength(120)
    for (const index of ['0', '1', '2']) expect(written.split(index)).toHaveLength(41)
  })

  it('in the middle of a renewal loses no session', async () => {
    const server = await startRedis()
    const hosts = await hostsOn(server)
    const agents = await hosts.startMany(3)
    hosts.gate.keep(async ({ pass, answer }) => {
      await pass()
      await hosts.client.sendCommand([...killOthers])
      answer()
    })
    const outcomes = await Promise.all(agents.map((agent) => agent.do('token')))
    const token = accessTokenOf(await hosts.account())
    expect(outcomes.map((outcome) => outcome.ok && outcome.value)).toEqual([token, token, token])
    expect(hosts.tokenRequests()).toEqual({ sent: 1, succeeded: 1 })
  })
})

describe('a Redis that is restarted', () => {
  it('while a renewal is under way gets the new pair when it is back', {
    timeout: 60_000,
  }, async () => {
    const server = await startRedis({ durable: true })
    const hosts = await hostsOn(server)
    const agents = await hosts.startMany(3)
    hosts.gate.keep(async ({ pass, answer }) => {
      await pass()
      await server.kill()
      answer()
      await server.start()
    })
    const outcomes = await Promise.all(agents.map((agent) => agent.do('token')))
    await until(async () => (await hosts.account().catch(() => undefined)) !== undefined)
    const token = accessTokenOf(await hosts.account())
    expect(await hosts.isActive(token)).toBe(true)
    expect(outcomes.map((outcome) => outcome.ok && outcome.value)).toEqual([token, token, token])
    expect(hosts.tokenRequests()).toEqual({ sent: 1, succeeded: 1 })
  })

  it('and knows no scripts any more is told them again', async () => {
    const server = await startRedis({ durable: true })
    const client = await server.connect()
    const store = redisStore(client)
    await put(store, signedIn('ada'))
    await client.sendCommand(['SCRIPT', 'FLUSH'])
    expect((await store.read(key))?.value).toEqual(signedIn('ada'))
    await server.kill()
    await server.start()
    await until(async () => client.isReady)
    expect((await store.read(key))?.value).toEqual(signedIn('ada'))
  })
})

describe('a Redis that does not answer', () => {
  it('is given up after a time limit, and what it does later is recognised', async () => {
    const server = await startRedis()
    const client = await server.connect()
    const other = await server.connect()
    const store = createRedisStore(client, { commandTimeoutMs: 1_000 })
    const revision = await put(redisStore(client), signedIn('ada'))
    // For longer than this takes anywhere.
    await other.sendCommand(['CLIENT', 'PAUSE', '60000', 'WRITE'])
    const startedAt = performance.now()
    expect(await failure(store.commit(key, revision, signedIn('grace')))).toMatchObject({
      code: 'store_unavailable',
      message: 'Redis did not answer within 1000 ms.',
    })
    expect(performance.now() - startedAt).toBeLessThan(10_000)
    await other.sendCommand(['CLIENT', 'UNPAUSE'])
    const result = await store.commit(key, revision, signedIn('grace'))
    expect(result.ok).toBe(true)
    expect((await store.read(key))?.value).toEqual(signedIn('grace'))
  })

  it('is never taken for one that has nothing', async () => {
    const server = await startRedis()
    const client = await server.connect()
    const store = createRedisStore(client, { commandTimeoutMs: 150 })
    await put(redisStore(client), signedIn('ada'))
    await server.kill()
    expect(await failure(store.read(key))).toMatchObject({ code: 'store_unavailable' })
    client.destroy()
    expect(await failure(store.read(key))).toMatchObject({ code: 'store_unavailable' })
  })

  it('does not get later what was given up while the connection was down', async () => {
    const server = await startRedis({ durable: true })
    const client = await server.connect()
    const patient = redisStore(client)
    const hurried = createRedisStore(client, { commandTimeoutMs: 100 })
    const revision = await put(patient, signedIn('ada'))
    await server.kill()
    await until(async () => !client.isReady)
    await failure(hurried.commit(key, revision, signedIn('grace')))
    await server.start()
    await until(async () => client.isReady)
    expect((await patient.read(key))?.value).toEqual(signedIn('ada'))
  })
})

describe('a Redis that refuses', () => {
  it('says why, by its code, and shows nothing else', async () => {
    const server = await startRedis()
    const client = await server.connect()
    const store = redisStore(client)
    const revision = await put(store, signedIn('ada'))
    await client.sendCommand(['CONFIG', 'SET', 'maxmemory', '1'])
    const error = await failure(store.commit(key, revision, signedIn('grace')))
    expect(error).toMatchObject({ code: 'store_unavailable', message: 'Redis refused (OOM).' })
    await client.sendCommand(['CONFIG', 'SET', 'maxmemory', '0'])
    expect((await store.commit(key, revision, signedIn('grace'))).ok).toBe(true)
  })

  it('to announce a change has made it all the same', async () => {
    const server = await startRedis()
    const admin = await server.connect()
    const rules = ['on', '>pass', '~*', '+@all', '-publish', 'resetchannels']
    await admin.sendCommand(['ACL', 'SETUSER', 'limited', ...rules])
    const client = await server.connect()
    await client.sendCommand(['AUTH', 'limited', 'pass'])
    const refusals: string[] = []
    const store = redisStore(async (command) => {
      try {
        return await client.sendCommand(command)
      } catch (error) {
        refusals.push(String(error))
        throw error
      }
    })
    const revision = await put(store, signedIn('ada'))
    expect((await store.commit(key, revision, undefined)).ok).toBe(true)
    await store.destroy?.(key)
    expect(refusals.filter((text) => !text.includes('NOSCRIPT'))).toEqual([])
  })
})

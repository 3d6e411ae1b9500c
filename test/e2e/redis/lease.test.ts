import { beforeEach, describe, expect, it } from 'vitest'
import type { Lease } from '../../../src/lock/lock.ts'
import { createRedisStore, type RedisStore } from '../../../src/redis/create-store.ts'
import { nameOf } from '../../../src/store/store.ts'
import { deferred, failure } from '../../support/async.ts'
import { pause, until } from '../session/agents.ts'
import { accessTokenOf, hostsOn } from './hosts.ts'
import { type RedisServer, requireRedis, startRedis } from './redis-server.ts'
import { key, lossy, put, signedIn } from './samples.ts'

beforeEach(requireRedis)

const name = nameOf(key)
const limits = { timeoutMs: 10_000 }

/** A holder of the account's lease that stays until it is told to leave. */
async function hold(store: RedisStore) {
  const entered = deferred<Lease>()
  const leaving = deferred()
  const left = store.lock.withLock(name, limits, async (lease) => {
    entered.resolve(lease)
    await leaving.promise
  })
  const lease = await entered.promise
  return {
    lease,
    leave: async () => {
      leaving.resolve()
      await left
    },
  }
}

/** Takes all leases away, as a failover does to a replica that has not heard of them. */
async function loseLeases(server: RedisServer): Promise<number> {
  const client = await server.connect()
  const keys = await client.keys('*:lease')
  return keys.length === 0 ? 0 : client.del(keys)
}

describe('a lease in Redis', () => {
  it('is prolonged for as long as its holder lives, by the clock of Redis alone', async () => {
    const server = await startRedis()
    // Longer than this process gets no turn on a busy machine, and shorter than the other one waits.
    const store = createRedisStore(await server.connect(), { leaseMs: 2_000, now: () => 0 })
    const other = createRedisStore(await server.connect(), { now: () => Date.now() + 10 ** 12 })
    const { lease, leave } = await hold(store)
    expect(
      await failure(other.lock.withLock(name, { timeoutMs: 4_000 }, async () => {})),
    ).toMatchObject({ code: 'lock_timeout' })
    expect(await lease.isHeld()).toBe(true)
    await leave()
    expect(await other.lock.withLock(name, limits, async () => 'mine')).toBe('mine')
  })

  it('that was lost is not held, and does not come back', async () => {
    const server = await startRedis()
    const store = createRedisStore(await server.connect(), { leaseMs: 2_000 })
    const { lease, leave } = await hold(store)
    expect(await loseLeases(server)).toBe(1)
    expect(await lease.isHeld()).toBe(false)
    // It has given a sign of life since.
    await pause(500)
    expect(await lease.isHeld()).toBe(false)
    await leave()
  })

  it('of somebody else is not given back by one that has lost it', async () => {
    const server = await startRedis()
    const first = createRedisStore(await server.connect(), {})
    const second = createRedisStore(await server.connect(), {})
    const stalled = await hold(first)
    await loseLeases(server)
    const successor = await hold(second)
    await stalled.leave()
    expect(await successor.lease.isHeld()).toBe(true)
    await successor.leave()
  })

  it('is not held by one that Redis does not answer', async () => {
    const server = await startRedis()
    const client = await server.connect()
    const store = createRedisStore(client, { commandTimeoutMs: 1_000 })
    const { lease, leave } = await hold(store)
    await server.kill()
    expect(await lease.isHeld()).toBe(false)
    await leave()
  })

  it('is left free when its holder has nothing to say to Redis any more', async () => {
    const server = await startRedis()
    const { send, losses } = lossy(await server.connect())
    const store = createRedisStore(send, { leaseMs: 200 })
    const other = createRedisStore(await server.connect(), {})
    const { leave } = await hold(store)
    losses.left = 1
    await leave()
    expect(await other.lock.withLock(name, limits, async () => 'free')).toBe('free')
  })
})

describe('who has lost the lease', () => {
  it('cannot commit over what it has read before somebody else got it', async () => {
    const server = await startRedis()
    const first = createRedisStore(await server.connect(), {})
    const second = createRedisStore(await server.connect(), {})
    await put(first, signedIn('ada'))
    const stalled = await hold(first)
    const before = await first.read(key)
    await loseLeases(server)
    const successor = await hold(second)
    // Nothing is written by the successor yet.
    expect(await first.commit(key, before?.revision, signedIn('late'))).toMatchObject({
      ok: false,
      current: { value: signedIn('ada') },
    })
    await successor.leave()
    await stalled.leave()
  })

  it('can commit what it alone knows, once it has seen what there is', async () => {
    const server = await startRedis()
    const first = createRedisStore(await server.connect(), {})
    const second = createRedisStore(await server.connect(), {})
    await put(first, signedIn('ada'))
    const stalled = await hold(first)
    await loseLeases(server)
    const successor = await hold(second)
    const seen = await second.read(key)
    await put(first, signedIn('the only successor'))
    expect((await second.commit(key, seen?.revision, signedIn('other'))).ok).toBe(false)
    await successor.leave()
    await stalled.leave()
  })

  it('renews nothing, and the session is renewed once', { timeout: 60_000 }, async () => {
    const server = await startRedis()
    const hosts = await hostsOn(server)
    let lost = 0
    const agents = await hosts.startMany(3, {
      stages: ['intended'],
      // The intent stands, and the request is next: `isHeld` is asked in between.
      onStage: async () => {
        if (lost === 0) lost = await loseLeases(server)
      },
    })
    const outcomes = await Promise.all(agents.map((agent) => agent.do('token')))
    expect(lost).toBe(1)
    const token = accessTokenOf(await hosts.account())
    expect(outcomes.map((outcome) => outcome.ok && outcome.value)).toEqual([token, token, token])
    expect(hosts.tokenRequests()).toEqual({ sent: 1, succeeded: 1 })
  })

  it('because everything in Redis was lost, does not bring its old tokens back', async () => {
    const server = await startRedis()
    const hosts = await hostsOn(server)
    const agent = await hosts.start({
      stages: ['intent'],
      onStage: async () => void (await hosts.client.sendCommand(['FLUSHALL'])),
    })
    expect(await agent.do('token')).toMatchObject({ ok: false, code: 'login_required' })
    expect(await hosts.account()).toBe(undefined)
    expect(hosts.tokenRequests().sent).toBe(0)
  })

  it('while it stood still finds what another host has done', { timeout: 60_000 }, async () => {
    const server = await startRedis()
    const hosts = await hostsOn(server)
    const [first, second] = await hosts.startMany(2, { staleMs: 1_000 })
    if (first === undefined || second === undefined) throw new Error('Two were started.')
    const held = deferred()
    hosts.gate.keep(async ({ pid, pass, answer, lose }) => {
      if (pid !== first.pid) {
        await pass()
        return answer()
      }
      await first.stall()
      held.resolve()
      // The request is lost: nobody has acted on it.
      lose()
    })
    const stalled = first.do('token')
    await held.promise
    const renewed = await second.do('token')
    expect(renewed).toMatchObject({ ok: true })
    first.resume()
    // It got no answer itself, and may say so once; it has not harmed what it finds now.
    const outcome = await stalled
    if (!outcome.ok) expect(outcome).toMatchObject({ code: 'refresh_failed', retryable: true })
    expect(await first.do('token')).toMatchObject({ ok: true, value: renewed.ok && renewed.value })
    expect(hosts.tokenRequests()).toEqual({ sent: 1, succeeded: 1 })
  })
})

describe('those who wait for the lease', () => {
  it('get it one after the other, soon after it is given back', { timeout: 60_000 }, async () => {
    const server = await startRedis()
    const stores = await Promise.all(
      Array.from({ length: 12 }, async () => createRedisStore(await server.connect(), {})),
    )
    let inside = 0
    let most = 0
    const startedAt = performance.now()
    await Promise.all(
      stores.map((store) =>
        store.lock.withLock(name, { timeoutMs: 30_000 }, async () => {
          inside += 1
          most = Math.max(most, inside)
          await pause(5)
          inside -= 1
        }),
      ),
    )
    console.log(`12 connections had their turn in ${Math.round(performance.now() - startedAt)} ms`)
    expect(most).toBe(1)
  })

  it('leave no wish behind when they give up', async () => {
    const server = await startRedis()
    const client = await server.connect()
    const store = createRedisStore(client, {})
    const waiting = createRedisStore(await server.connect(), {})
    const { leave } = await hold(store)
    await failure(waiting.lock.withLock(name, { timeoutMs: 60 }, async () => {}))
    await leave()
    await until(async () => (await client.keys('*:lease')).length === 0)
  })
})

import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { AuthError } from '../../src/errors/auth-error.ts'
import type { Lease } from '../../src/lock/lock.ts'
import { memoryLock } from '../../src/lock/memory-lock.ts'
import { Secret } from '../../src/secret/secret.ts'
import { hasLeft, type Tokens } from '../../src/session/account.ts'
import type { RenewalOutcome } from '../../src/session/outcome.ts'
import { memoryStore } from '../../src/store/memory-store.ts'
import { deferred, failure, settle } from '../support/async.ts'
import {
  ambiguous,
  keeperOn,
  keeperSetup,
  pairNumber,
  refused,
  storeKey,
  unavailable,
} from '../support/keeper.ts'
import { epoch, lifeMs } from '../support/setup.ts'

const signedInWith = (tokens: Tokens) => ({ session: { status: 'signed-in', tokens } }) as const
const access = async (tokens: Promise<Tokens>) => (await tokens).accessToken.reveal()

describe('a fresh access token', () => {
  it('is given without a request', async () => {
    const { keeper, sent } = keeperSetup()
    expect(await access(keeper.tokens())).toBe('access-0')
    expect(sent).toEqual([])
  })

  it('costs no I/O once it is known', async () => {
    const { keeper, seen } = keeperSetup()
    await keeper.tokens()
    const before = { ...seen }
    await Promise.all(Array.from({ length: 100 }, () => keeper.tokens()))
    expect(seen).toEqual(before)
  })

  it('is read once for all who ask first', async () => {
    const { keeper, seen } = keeperSetup()
    await Promise.all(Array.from({ length: 10 }, () => keeper.tokens()))
    expect(seen).toEqual({ reads: 1, commits: 0 })
  })

  it('is the one that another process wrote, as soon as the store tells of it', async () => {
    const { keeper, another } = keeperSetup()
    await keeper.tokens()
    await another().keeper.refresh()
    await settle()
    expect(await access(keeper.tokens())).toBe('access-1')
  })
})

describe('an access token near its end', () => {
  it('is renewed and written down before anybody gets it', async () => {
    const { keeper, sent, expire, stored } = keeperSetup()
    await keeper.tokens()
    expire()
    expect(await access(keeper.tokens())).toBe('access-1')
    expect(sent).toEqual(['refresh-0'])
    expect(await stored()).toMatchObject({
      session: { tokens: { accessToken: 'access-1', refreshToken: 'refresh-1' } },
      apiKey: { value: 'pk_1.sk_2' },
    })
  })

  it('is renewed once for all who ask', async () => {
    const { keeper, sent, expire } = keeperSetup()
    expire()
    const all = await Promise.all(Array.from({ length: 20 }, () => access(keeper.tokens())))
    expect(new Set(all)).toEqual(new Set(['access-1']))
    expect(sent).toEqual(['refresh-0'])
  })

  it('counts from when it was first seen, where nobody knows when it was obtained', async () => {
    const { keeper, sent, age } = keeperSetup()
    await keeper.tokens()
    age()
    await keeper.reload()
    await keeper.tokens()
    expect(sent).toEqual(['refresh-0'])
  })

  it('is asked for once by all who ask, though that fails', async () => {
    const error = new AuthError('network_error', 'ECONNREFUSED')
    const { keeper, sent, expire } = keeperSetup(() => ({ type: 'unavailable', error }))
    expire()
    const all = await Promise.all(Array.from({ length: 5 }, () => failure(keeper.tokens())))
    expect(new Set(all).size).toBe(1)
    expect(sent).toEqual(['refresh-0'])
  })

  it('costs no I/O once it was renewed, in a store that tells nothing', async () => {
    const { keeper, store, seen, expire } = keeperSetup()
    delete store.watch
    expire()
    await keeper.tokens()
    const before = { ...seen }
    expect(await access(keeper.tokens())).toBe('access-1')
    expect(seen).toEqual(before)
  })

  it('is renewed within the margin, although it is valid', async () => {
    const { keeper, sent, age } = keeperSetup()
    await keeper.tokens()
    age()
    expect(await access(keeper.tokens())).toBe('access-1')
    expect(sent).toHaveLength(1)
  })

  it('★15 is renewed by one of many processes, whose pair the others take over', async () => {
    const { another, sent, expire } = keeperSetup()
    const processes = Array.from({ length: 5 }, () => another())
    for (const { keeper } of processes) await keeper.tokens()
    expire()
    const all = await Promise.all(processes.map(({ keeper }) => access(keeper.tokens())))
    expect(new Set(all)).toEqual(new Set(['access-1']))
    expect(sent).toEqual(['refresh-0'])
  })

  it('is renewed again when that one ends', async () => {
    const { keeper, sent, world, expire } = keeperSetup()
    expire()
    await keeper.tokens()
    world.now += lifeMs
    expect(await access(keeper.tokens())).toBe('access-2')
    expect(sent).toEqual(['refresh-0', 'refresh-1'])
  })
})

describe('how long a token has to last', () => {
  it('is up to the caller', async () => {
    const { keeper, sent, world } = keeperSetup()
    await keeper.tokens()
    world.now = epoch + lifeMs - 120_000
    expect(await access(keeper.tokens({ minValidityMs: 60_000 }))).toBe('access-0')
    expect(await access(keeper.tokens({ minValidityMs: 180_000 }))).toBe('access-1')
    expect(sent).toHaveLength(1)
  })

  it('is its life at most: who wants more does not renew on each call', async () => {
    const { keeper, sent } = keeperSetup()
    for (let call = 0; call < 3; call++) await keeper.tokens({ minValidityMs: 1e9 })
    await keeper.refresh()
    for (let call = 0; call < 3; call++) await keeper.tokens({ minValidityMs: 1e9 })
    expect(sent).toHaveLength(1)
  })

  it('costs one renewal when callers who want more and less ask at once', async () => {
    const { keeper, sent, age } = keeperSetup()
    await keeper.tokens()
    age()
    const wants = [0, 300_000, 0, 600_000, 1e9]
    const all = wants.map((minValidityMs) => access(keeper.tokens({ minValidityMs })))
    expect(new Set(await Promise.all(all))).toEqual(new Set(['access-1']))
    expect(sent).toHaveLength(1)
  })
})

describe('a caller who gives up', () => {
  it('does not end the renewal, which the others and the store still get', async () => {
    const answer = deferred<RenewalOutcome>()
    const { keeper, sent, expire, stored, underWay } = keeperSetup(() => answer.promise)
    expire()
    const controller = new AbortController()
    const leaving = failure(keeper.tokens({ signal: controller.signal }))
    const staying = access(keeper.tokens())
    await underWay
    controller.abort()
    expect(await leaving).toMatchObject({ code: 'aborted' })
    answer.resolve({ type: 'renewed', tokens: pairNumber(1, epoch + lifeMs) })
    expect(await staying).toBe('access-1')
    expect(sent).toHaveLength(1)
    expect(await stored()).toMatchObject({ session: { tokens: { accessToken: 'access-1' } } })
  })

  it('leaves a pair behind that is written down although nobody waits for it', async () => {
    const answer = deferred<RenewalOutcome>()
    const { keeper, expire, stored, underWay } = keeperSetup(() => answer.promise)
    expire()
    const controller = new AbortController()
    const leaving = failure(keeper.tokens({ signal: controller.signal }))
    await underWay
    controller.abort()
    await leaving
    answer.resolve({ type: 'renewed', tokens: pairNumber(1, epoch + lifeMs) })
    await settle()
    expect(await stored()).toMatchObject({ session: { tokens: { accessToken: 'access-1' } } })
  })

  it('asks for nothing when they have given up before', async () => {
    const { keeper, sent, expire } = keeperSetup()
    expire()
    const signal = AbortSignal.abort()
    expect(await failure(keeper.tokens({ signal }))).toMatchObject({ code: 'aborted' })
    await settle()
    expect(sent).toEqual([])
  })
})

describe('a pair in the store', () => {
  it('that is fresh is taken without a request', async () => {
    const { keeper, another, sent, expire } = keeperSetup(undefined)
    await keeper.tokens()
    keeper.close()
    expire()
    await another().keeper.tokens()
    expect(await access(keeper.tokens())).toBe('access-1')
    expect(sent).toEqual(['refresh-0'])
  })

  it('that somebody signed out is not renewed', async () => {
    const { keeper, another, sent, expire } = keeperSetup()
    await keeper.tokens()
    keeper.close()
    await another().keeper.update(() => ({ session: { status: 'signed-out' } }))
    expire()
    expect(await failure(keeper.tokens())).toMatchObject({ code: 'login_required' })
    expect(sent).toEqual([])
  })

  it('that appears after a sign-in elsewhere is found at the next call', async () => {
    const store = memoryStore()
    const world = { now: epoch }
    const { keeper } = keeperOn({ ...store, watch: () => () => {} }, world)
    expect(await failure(keeper.tokens())).toMatchObject({ code: 'login_required' })
    const tokens = pairNumber(7, epoch)
    await keeperOn(store, world).keeper.update(() => ({ session: { status: 'signed-in', tokens } }))
    expect(await access(keeper.tokens())).toBe('access-7')
  })
})

describe('a session that has ended, and another one that begins before everybody has heard of it', () => {
  async function endAndBegin(obtainedAt: (now: number) => number) {
    const { keeper, another, store, world, expire, sent } = keeperSetup()
    await keeper.tokens()
    keeper.close()
    const other = another().keeper
    await other.update(() => ({ session: { status: 'signed-out' } }))
    expire()
    const read = store.read
    let reads = 0
    store.read = async (key) => {
      reads += 1
      // The first one sees the end, the second one is for everybody else to see it too.
      if (reads === 2) {
        const tokens = pairNumber(7, obtainedAt(world.now))
        await other.update(() => ({ session: { status: 'signed-in', tokens } }))
      }
      return read(key)
    }
    return { keeper, sent }
  }

  it('serves the new one', async () => {
    const { keeper, sent } = await endAndBegin((now) => now)
    expect(await access(keeper.tokens())).toBe('access-7')
    expect(sent).toEqual([])
  })

  it('asks its callers to come again where that is due again', async () => {
    const { keeper } = await endAndBegin((now) => now - lifeMs)
    const error = await failure(keeper.tokens())
    expect(error).toMatchObject({ code: 'refresh_failed', retryable: true })
    expect(await access(keeper.tokens())).toBe('access-8')
  })
})

describe('a renewal that was asked for', () => {
  it('happens although the access token is fresh', async () => {
    const { keeper, sent } = keeperSetup()
    expect(await access(keeper.refresh())).toBe('access-1')
    expect(sent).toEqual(['refresh-0'])
  })

  it('happens once for all who ask at the same time', async () => {
    const { keeper, sent } = keeperSetup()
    await Promise.all([keeper.refresh(), keeper.refresh(), keeper.refresh()])
    expect(sent).toHaveLength(1)
  })

  it('is not needed when another process renewed meanwhile', async () => {
    const { keeper, another, sent } = keeperSetup()
    await keeper.tokens()
    const other = another()
    await other.keeper.tokens()
    await Promise.all([keeper.refresh(), other.keeper.refresh()])
    expect(sent).toEqual(['refresh-0'])
  })

  it('says that it failed, although the old token would do', async () => {
    const { keeper } = keeperSetup(() => unavailable)
    expect(await failure(keeper.refresh())).toMatchObject({ code: 'refresh_failed' })
  })
})

describe('a refusal', () => {
  it('★13 ends the session, and keeps the API key', async () => {
    const { keeper, expire, stored, sent } = keeperSetup(() => refused)
    expire()
    expect(await failure(keeper.tokens())).toMatchObject({
      code: 'session_expired',
      status: 400,
      retryable: false,
    })
    expect(await stored()).toMatchObject({
      session: { status: 'expired' },
      apiKey: { value: 'pk_1.sk_2' },
    })
    expect(await failure(keeper.tokens())).toMatchObject({ code: 'session_expired' })
    expect(sent).toHaveLength(1)
  })

  it('★13 ends nothing when somebody else has stored another pair meanwhile', async () => {
    const setup = keeperSetup(async () => {
      // The race was lost: who won it writes its pair while our refusal is on its way.
      const entry = await setup.store.read(storeKey)
      await setup.store.commit(storeKey, entry?.revision, {
        session: {
          status: 'signed-in',
          tokens: {
            accessToken: 'access-9',
            refreshToken: 'refresh-9',
            tokenType: 'Bearer',
            kind: 'opaque',
            expiresAt: epoch + 2 * lifeMs,
          },
        },
      })
      return refused
    })
    setup.expire()
    expect(await access(setup.keeper.tokens())).toBe('access-9')
    expect(await setup.stored()).toMatchObject({ session: { tokens: { accessToken: 'access-9' } } })
  })

  it('is not needed without a refresh token: the session ends by itself', async () => {
    const tokens = { accessToken: 'access', expiresAt: epoch + lifeMs }
    const world = { now: epoch }
    const { keeper } = keeperOn(memoryStore({ tokens }), world)
    expect(await access(keeper.tokens())).toBe('access')
    world.now = epoch + lifeMs - 1
    expect(await access(keeper.tokens())).toBe('access')
    world.now = epoch + lifeMs
    expect(await failure(keeper.tokens())).toMatchObject({ code: 'session_expired' })
  })
})

describe('a pair that is not needed any more', () => {
  /** Another process has renewed, or somebody has signed in, while our own pair was under way. */
  async function superseded({ signInId, rotates }: { signInId?: string; rotates: boolean }) {
    const setup = keeperSetup(async (tokens) => {
      const refreshToken = rotates ? new Secret('refresh-50') : tokens.refreshToken
      const later = { ...pairNumber(50, epoch), refreshToken, signInId }
      await setup.another().keeper.update(() => signedInWith(later))
      const { refreshToken: own } = rotates ? pairNumber(1, epoch) : tokens
      return { type: 'renewed', tokens: { ...pairNumber(1, epoch), refreshToken: own } }
    })
    await setup.keeper.tokens()
    expect(await access(setup.keeper.refresh())).toBe('access-50')
    return setup.discarded
  }

  it('is not revoked at a server that gives everybody the same refresh token', async () => {
    expect(await superseded({ signInId: 'another', rotates: false })).toEqual([])
  })

  it('is not revoked when it is of the same sign-in, all of whose tokens may end by that', async () => {
    expect(await superseded({ rotates: true })).toEqual([])
  })

  it('is revoked when it is of another sign-in', async () => {
    expect(await superseded({ signInId: 'another', rotates: true })).toEqual(['access-1'])
  })
})

describe('a record that is gone', () => {
  it('counts as signed out, also for a renewal that was under way', async () => {
    const setup = keeperSetup(async (tokens) => {
      const entry = await setup.store.read(storeKey)
      await setup.store.commit(storeKey, entry?.revision, undefined)
      return setup.rotate(tokens)
    })
    await setup.keeper.tokens()
    expect(await failure(setup.keeper.refresh())).toMatchObject({ code: 'login_required' })
    expect(await setup.stored()).toBeUndefined()
    expect(setup.discarded).toEqual(['access-1'])
  })

  it('is replaced where it was set aside as damaged: the new pair is all that is left', async () => {
    let isDamaged = false
    const setup = keeperSetup(async (tokens) => {
      const entry = await setup.store.read(storeKey)
      await setup.store.commit(storeKey, entry?.revision, undefined)
      isDamaged = true
      return setup.rotate(tokens)
    })
    const { read } = setup.store
    setup.store.read = async (key) => {
      if (!isDamaged) return read(key)
      isDamaged = false
      throw new AuthError('store_corrupt', 'It was set aside.')
    }
    await setup.keeper.tokens()
    expect(await access(setup.keeper.refresh())).toBe('access-1')
    expect(await setup.stored()).toMatchObject({ session: { tokens: { accessToken: 'access-1' } } })
  })
})

describe('what a renewal needs', () => {
  const lost = new AuthError('network_error', 'A part of this program could not be loaded.')

  it('is got before the lock is waited for', async () => {
    const order: string[] = []
    const { keeper } = keeperSetup(undefined, {
      prepare: async () => {
        order.push('prepared')
        return async () => {
          order.push('sent')
          return unavailable
        }
      },
      lock: {
        withLock: (...args) => {
          order.push('locked')
          return memoryLock().withLock(...args)
        },
      },
    })
    await failure(keeper.refresh())
    expect(order).toEqual(['prepared', 'locked', 'sent'])
  })

  it('is missed by nobody who has a token that is valid still', async () => {
    const { keeper, age, expire, stored } = keeperSetup(undefined, {
      prepare: () => Promise.reject(lost),
    })
    age()
    expect(await access(keeper.tokens())).toBe('access-0')
    expire()
    expect(await failure(keeper.tokens())).toMatchObject({ code: 'refresh_failed' })
    expect((await stored())?.intent).toBeUndefined()
  })
})

describe('a lock that was lost twice', () => {
  const stalled = {
    withLock: <T>(_name: string, _limits: unknown, work: (lease: Lease) => Promise<T>) =>
      work({ isHeld: async () => false }),
  }

  it('sends nothing, and leaves a valid token in use', async () => {
    const { keeper, sent, age, expire } = keeperSetup(undefined, { lock: stalled })
    age()
    expect(await access(keeper.tokens())).toBe('access-0')
    expire()
    expect(await failure(keeper.tokens())).toMatchObject({ code: 'lock_timeout' })
    expect(sent).toEqual([])
  })
})

describe('a sign-out that cannot be written', () => {
  it('ends the session for this process all the same, and is written as soon as it can be', async () => {
    const { keeper, fail, stored } = keeperSetup()
    const tokens = await keeper.tokens()
    fail.commits = true
    keeper.insist((account) =>
      hasLeft(account, tokens) ? undefined : { session: { status: 'signed-out' } },
    )
    expect(await failure(keeper.tokens())).toMatchObject({ code: 'login_required' })
    fail.commits = false
    expect(await failure(keeper.tokens())).toMatchObject({ code: 'login_required' })
    expect(await stored()).toMatchObject({ session: { status: 'signed-out' } })
  })

  it('gives way to a sign-in elsewhere', async () => {
    const { keeper, another } = keeperSetup()
    const tokens = await keeper.tokens()
    keeper.insist((account) =>
      hasLeft(account, tokens) ? undefined : { session: { status: 'signed-out' } },
    )
    const later = { ...pairNumber(50, epoch), signInId: 'another' }
    await another().keeper.update(() => signedInWith(later))
    expect(await access(keeper.tokens())).toBe('access-50')
  })
})

describe('a read that is to be of now', () => {
  it('does not join one that has begun before', async () => {
    const { keeper, another, store } = keeperSetup()
    const gate = deferred()
    const { read } = store
    let isFirst = true
    store.read = async (key) => {
      const entry = await read(key)
      if (isFirst) {
        isFirst = false
        await gate.promise
      }
      return entry
    }
    const before = keeper.reload()
    await settle()
    await another().keeper.update(() => signedInWith(pairNumber(50, epoch)))
    const anew = keeper.readAnew()
    gate.resolve()
    await before
    const { session } = await anew
    expect(session.status === 'signed-in' && session.tokens.accessToken.reveal()).toBe('access-50')
  })
})

describe('a store that does not answer', () => {
  it('is left alone for a while by those who have a valid token', async () => {
    vi.useFakeTimers()
    onTestFinished(() => void vi.useRealTimers())
    const { keeper, store, age, world } = keeperSetup()
    await keeper.tokens()
    age()
    const { read } = store
    const silent = vi.fn(() => new Promise<never>(() => {}))
    store.read = silent
    const served = access(keeper.tokens())
    await vi.advanceTimersByTimeAsync(20_000)
    expect(await served).toBe('access-0')
    const reads = silent.mock.calls.length
    world.now += 4_999
    expect(await access(keeper.tokens())).toBe('access-0')
    expect(silent).toHaveBeenCalledTimes(reads)
    world.now += 1
    store.read = read
    expect(await access(keeper.tokens())).toBe('access-1')
  })

  it('is left alone for a while by those who have a pair that it would not take, too', async () => {
    vi.useFakeTimers()
    onTestFinished(() => void vi.useRealTimers())
    const silent = vi.fn(() => new Promise<never>(() => {}))
    const setup = keeperSetup((tokens) => {
      setup.fail.commits = true
      return setup.rotate(tokens)
    })
    const { keeper, store, expire, world, stored } = setup
    await keeper.tokens()
    expire()
    expect(await access(keeper.tokens())).toBe('access-1')
    const { read } = store
    store.read = silent
    const served = access(keeper.tokens())
    await vi.advanceTimersByTimeAsync(14_000)
    expect(await served).toBe('access-1')
    world.now += 4_999
    expect(await access(keeper.tokens())).toBe('access-1')
    expect(silent).toHaveBeenCalledTimes(1)
    world.now += 1
    store.read = read
    setup.fail.commits = false
    expect(await access(keeper.tokens())).toBe('access-1')
    expect(await stored()).toMatchObject({ session: { tokens: { accessToken: 'access-1' } } })
  })
})

describe('a caller whose signal has fired already', () => {
  it('begins no renewal', async () => {
    const { keeper, expire, sent } = keeperSetup()
    await keeper.tokens()
    expire()
    const signal = AbortSignal.abort()
    expect(await failure(keeper.tokens({ signal }))).toMatchObject({ code: 'aborted' })
    expect(sent).toEqual([])
  })
})

describe('a refusal that cannot be written down', () => {
  it('is known to this process, which does not send the dead token again', async () => {
    const setup = keeperSetup(() => {
      setup.fail.reads = true
      return refused
    })
    const { keeper, sent, fail, stored } = setup
    await keeper.tokens()
    setup.expire()
    expect(await failure(keeper.tokens())).toMatchObject({ code: 'store_unavailable' })
    fail.reads = false
    expect(await failure(keeper.tokens())).toMatchObject({ code: 'session_expired' })
    expect(sent).toEqual(['refresh-0'])
    expect(await stored()).toMatchObject({ session: { status: 'expired' } })
  })
})

describe('a renewal that did not come about', () => {
  const endings: [string, RenewalOutcome][] = [
    ['unavailable', unavailable],
    ['ambiguous', ambiguous],
  ]

  it.each(endings)(
    'keeps everything, and serves a token that is still valid (%s)',
    async (_type, outcome) => {
      const { keeper, events, age, stored, sent } = keeperSetup(() => outcome)
      await keeper.tokens()
      const before = await stored()
      age()
      expect(await access(keeper.tokens())).toBe('access-0')
      expect(sent).toHaveLength(1)
      expect(await stored()).toMatchObject({
        session: { tokens: { accessToken: 'access-0', refreshToken: 'refresh-0' } },
        apiKey: before?.apiKey,
      })
      expect(keeper.degraded).toMatchObject({ since: epoch + lifeMs - 30_000 })
      expect(events.map(({ type }) => type)).toContain('degraded')
    },
  )

  it.each(endings)('keeps everything when no valid token is left (%s)', async (_type, outcome) => {
    const { keeper, expire, stored } = keeperSetup(() => outcome)
    expire()
    expect(await failure(keeper.tokens())).toMatchObject({
      code: 'refresh_failed',
      retryable: true,
    })
    expect(await stored()).toMatchObject({
      session: { tokens: { refreshToken: 'refresh-0' } },
      apiKey: { value: 'pk_1.sk_2' },
    })
  })

  it.each(endings)(
    'is not tried again before a minute has passed, by any process (%s)',
    async (_type, outcome) => {
      const { keeper, another, expire, world, sent } = keeperSetup(() => outcome)
      expire()
      await failure(keeper.tokens())
      world.now += 59_999
      for (const one of [keeper, another().keeper]) {
        expect(await failure(one.tokens())).toMatchObject({
          code: 'refresh_failed',
          retryAfterMs: 1,
        })
      }
      expect(sent).toHaveLength(1)
      world.now += 1
      await failure(another().keeper.tokens())
      expect(sent).toHaveLength(2)
    },
  )

  it('does not matter to somebody who has signed in again meanwhile', async () => {
    const done = deferred()
    const { keeper, expire, underWay } = keeperSetup(async () => {
      await done.promise
      return ambiguous
    })
    expire()
    const renewing = keeper.tokens()
    await underWay
    await keeper.update(() => signedInWith(pairNumber(50, epoch + lifeMs)))
    done.resolve()
    expect(await access(renewing)).toBe('access-50')
  })

  it('does not shorten the pause that another process was told of since', async () => {
    const done = deferred()
    const { keeper, another, expire, underWay, stored, world } = keeperSetup(async () => {
      await done.promise
      return ambiguous
    })
    expire()
    const renewing = failure(keeper.tokens())
    await underWay
    const coolDown = { since: world.now, until: world.now + 900_000, code: 'rate_limited' }
    await another().keeper.update((account) => ({ ...account, coolDown }))
    done.resolve()
    await renewing
    expect(await stored()).toMatchObject({ coolDown })
  })

  it('passes on how long to wait', async () => {
    const { keeper, expire } = keeperSetup(() => unavailable)
    expire()
    expect(await failure(keeper.tokens())).toMatchObject({ status: 429, retryAfterMs: 60_000 })
  })

  it('ends the session when the same token is refused the next time', async () => {
    let outcome = ambiguous
    const { keeper, expire, world } = keeperSetup(() => outcome)
    expire()
    await failure(keeper.tokens())
    outcome = refused
    world.now += 60_000
    expect(await failure(keeper.tokens())).toMatchObject({ code: 'session_expired' })
  })

  it('is over with the next one that works', async () => {
    let works = false
    const setup = keeperSetup((tokens) => (works ? setup.rotate(tokens) : ambiguous))
    setup.expire()
    await failure(setup.keeper.tokens())
    expect(setup.keeper.degraded?.error.code).toBe('timeout')
    works = true
    setup.world.now += 120_000
    expect(await access(setup.keeper.tokens())).toBe('access-1')
    expect(setup.keeper.degraded).toBeUndefined()
  })
})

describe('a sign-out during a renewal', () => {
  const signOut = () => ({ session: { status: 'signed-out' } }) as const

  it('stands at once, and the late pair is given up', async () => {
    const answer = deferred<RenewalOutcome>()
    const setup = keeperSetup(() => answer.promise)
    const { keeper, expire, stored, discarded, underWay } = setup
    expire()
    const renewing = failure(keeper.tokens())
    await underWay
    await keeper.update(signOut)
    expect(await failure(keeper.tokens())).toMatchObject({ code: 'login_required' })
    answer.resolve({ type: 'renewed', tokens: pairNumber(1, epoch + lifeMs) })
    expect(await renewing).toMatchObject({ code: 'login_required' })
    expect(discarded).toEqual(['access-1'])
    expect(await stored()).toMatchObject({ session: { status: 'signed-out' } })
  })

  it('stands when it happens elsewhere, under no common lock', async () => {
    const answer = deferred<RenewalOutcome>()
    const setup = keeperSetup(() => answer.promise)
    const { keeper, another, expire, stored, discarded, underWay } = setup
    expire()
    const renewing = failure(keeper.tokens())
    await underWay
    await another({ lock: memoryLock() }).keeper.update(signOut)
    answer.resolve({ type: 'renewed', tokens: pairNumber(1, epoch + lifeMs) })
    expect(await renewing).toMatchObject({ code: 'login_required' })
    expect(discarded).toEqual(['access-1'])
    expect(await stored()).toMatchObject({ session: { status: 'signed-out' } })
  })

  it('stands when it comes between the commit and the release of the lock', async () => {
    const lock = memoryLock()
    const done = deferred()
    const gate = deferred()
    const setup = keeperSetup(undefined, {
      lock: {
        withLock: (name, options, work) =>
          lock.withLock(name, options, async (lease) => {
            const result = await work(lease)
            done.resolve()
            // A file has to be removed, or a message sent: that takes a while.
            await gate.promise
            return result
          }),
      },
    })
    const { keeper, store } = setup
    delete store.watch
    const renewing = keeper.refresh().catch(() => {})
    await done.promise
    await keeper.update(signOut)
    gate.resolve()
    await renewing
    expect(await failure(keeper.tokens())).toMatchObject({ code: 'login_required' })
    expect(keeper.known?.session.status).toBe('signed-out')
  })
})

describe('a pair that cannot be written down', () => {
  /** The store takes the intent, and nothing more. */
  async function unsaved() {
    const setup = keeperSetup((tokens) => {
      setup.fail.commits = true
      return setup.rotate(tokens)
    })
    await setup.keeper.tokens()
    setup.expire()
    return setup
  }

  it('is served from memory, and written later', async () => {
    const { keeper, events, fail, stored, sent } = await unsaved()
    expect(await access(keeper.tokens())).toBe('access-1')
    expect(events).toContainEqual({
      type: 'unsaved',
      error: expect.objectContaining({ code: 'store_unavailable' }),
    })
    expect(await access(keeper.tokens())).toBe('access-1')
    expect(await stored()).toMatchObject({ session: { tokens: { accessToken: 'access-0' } } })

    fail.commits = false
    expect(await access(keeper.tokens())).toBe('access-1')
    expect(await stored()).toMatchObject({ session: { tokens: { accessToken: 'access-1' } } })
    expect(sent).toEqual(['refresh-0'])
  })

  it('is tried to be written for two seconds first', async () => {
    const waits: number[] = []
    const setup = keeperSetup(
      (tokens) => {
        setup.fail.commits = true
        return setup.rotate(tokens)
      },
      {
        wait: async (ms) => {
          waits.push(ms)
          if (waits.length === 2) setup.fail.commits = false
        },
      },
    )
    expect(await access(setup.keeper.refresh())).toBe('access-1')
    expect(await setup.stored()).toMatchObject({ session: { tokens: { accessToken: 'access-1' } } })
    expect(waits.reduce((sum, ms) => sum + ms, 0)).toBeLessThanOrEqual(2_000)
  })

  it('is not replaced by its dead predecessor when the store is read again', async () => {
    const { keeper } = await unsaved()
    await keeper.tokens()
    await keeper.reload()
    expect(await access(keeper.tokens())).toBe('access-1')
  })

  it('gives way to a new sign-in that was written meanwhile', async () => {
    const { keeper, another, fail, stored } = await unsaved()
    await keeper.tokens()
    fail.commits = false
    const tokens = pairNumber(50, epoch + lifeMs)
    await another().keeper.update(() => ({ session: { status: 'signed-in', tokens } }))
    expect(await access(keeper.tokens())).toBe('access-50')
    expect(await stored()).toMatchObject({ session: { tokens: { accessToken: 'access-50' } } })
  })

  it('is renewed by a new sign-in that was written meanwhile, without a request', async () => {
    const { keeper, another, fail, sent } = await unsaved()
    await keeper.tokens()
    fail.commits = false
    const tokens = pairNumber(50, epoch + lifeMs)
    // Nobody tells it.
    keeper.close()
    await another().keeper.update(() => ({ session: { status: 'signed-in', tokens } }))
    expect(await access(keeper.refresh())).toBe('access-50')
    expect(sent).toEqual(['refresh-0'])
  })

  it('is what the next renewal is for', async () => {
    const { keeper, fail, sent } = await unsaved()
    await keeper.tokens()
    fail.commits = false
    expect(await access(keeper.refresh())).toBe('access-2')
    expect(sent).toEqual(['refresh-0', 'refresh-1'])
  })

  it('outlives the refusal that another process got for its predecessor', async () => {
    const { keeper, another, fail, stored } = await unsaved()
    await keeper.tokens()
    fail.commits = false
    const other = another({ renew: async () => refused })
    expect(await failure(other.keeper.tokens())).toMatchObject({ code: 'session_expired' })
    expect(await access(keeper.tokens())).toBe('access-1')
    expect(await stored()).toMatchObject({ session: { tokens: { accessToken: 'access-1' } } })
  })

  it('gives way to a sign-out elsewhere, and is given up', async () => {
    const { keeper, another, fail, stored, discarded } = await unsaved()
    await keeper.tokens()
    fail.commits = false
    await another().keeper.update(() => ({ session: { status: 'signed-out' } }))
    expect(await failure(keeper.tokens())).toMatchObject({ code: 'login_required' })
    expect(await stored()).toMatchObject({ session: { status: 'signed-out' } })
    expect(discarded).toEqual(['access-1'])
  })

  it('is there for who has waited for the lock meanwhile, and the dead one is not sent again', async () => {
    const { keeper, fail, sent } = await unsaved()
    const waiting = keeper.tokens().then(() => {
      fail.commits = false
    })
    const forced = keeper.refresh()
    await waiting
    expect(await access(forced)).toBe('access-1')
    expect(sent).toEqual(['refresh-0'])
  })

  it('is nothing to serve when this process has signed in or out meanwhile', async () => {
    const setup = keeperSetup(
      (tokens) => {
        setup.fail.reads = true
        return setup.rotate(tokens)
      },
      {
        wait: async () => {
          setup.world.now += 3_000
        },
      },
    )
    const { keeper, fail, discarded } = setup
    await keeper.tokens()
    const renewing = keeper.refresh()
    await setup.underWay
    fail.reads = false
    await keeper.update(() => signedInWith({ ...pairNumber(50, epoch), signInId: 'another' }))
    fail.reads = true
    expect(await access(renewing)).toBe('access-50')
    expect(discarded).toEqual(['access-1'])
  })

  it('is what a sign-out here finds, and not its dead predecessor', async () => {
    const { keeper, fail } = await unsaved()
    await keeper.tokens()
    fail.commits = false
    const found: unknown[] = []
    await keeper.update((account) => {
      found.push(account.session.status === 'signed-in' && account.session.tokens)
      return { session: { status: 'signed-out' } }
    })
    expect(found).toMatchObject([{ accessToken: pairNumber(1, 0).accessToken }])
    expect(await failure(keeper.tokens())).toMatchObject({ code: 'login_required' })
  })
})

describe('a store that cannot be written', () => {
  it('lets nothing be sent: its answer could not be kept', async () => {
    const { keeper, fail, sent, expire } = keeperSetup()
    await keeper.tokens()
    expire()
    fail.commits = true
    expect(await failure(keeper.tokens())).toMatchObject({ code: 'store_unavailable' })
    expect(sent).toEqual([])
  })

  it('does not matter while the token is valid', async () => {
    const { keeper, fail, sent, age, events } = keeperSetup()
    await keeper.tokens()
    age()
    fail.commits = true
    expect(await access(keeper.tokens())).toBe('access-0')
    expect(sent).toEqual([])
    expect(events.map(({ type }) => type)).toContain('degraded')
  })
})

describe('a store that cannot be read', () => {
  it('is never taken for an empty one', async () => {
    const { keeper, fail } = keeperSetup()
    fail.reads = true
    expect(await failure(keeper.tokens())).toMatchObject({ code: 'store_unavailable' })
    fail.reads = false
    expect(await access(keeper.tokens())).toBe('access-0')
  })

  it('does not matter while the token is fresh', async () => {
    const { keeper, fail } = keeperSetup()
    await keeper.tokens()
    fail.reads = true
    expect(await access(keeper.tokens())).toBe('access-0')
  })

  it('lets nothing be sent', async () => {
    const { keeper, fail, sent, expire } = keeperSetup()
    await keeper.tokens()
    expire()
    fail.reads = true
    expect(await failure(keeper.tokens())).toMatchObject({ code: 'store_unavailable' })
    expect(sent).toEqual([])
  })
})

describe('a change', () => {
  it('is tried again when somebody else was quicker', async () => {
    const { keeper, store, stored } = keeperSetup()
    let disturbed = false
    const seen: (string | undefined)[] = []
    const read = store.read
    store.read = async (key) => {
      const entry = await read(key)
      if (!disturbed && entry !== undefined) {
        disturbed = true
        await store.commit(key, entry.revision, { ...entry.value, legacyToken: 'theirs' })
      }
      return entry
    }
    await keeper.update((account) => {
      seen.push(account.legacyToken?.reveal())
      return { ...account, apiKey: undefined }
    })
    expect(seen).toEqual([undefined, 'theirs'])
    expect(await stored()).toMatchObject({ legacyToken: 'theirs', apiKey: undefined })
  })

  it('is given up when somebody else is always quicker', async () => {
    const { keeper, store } = keeperSetup()
    store.commit = async () => ({ ok: false, current: undefined })
    expect(await failure(keeper.update((account) => account))).toMatchObject({
      code: 'lock_timeout',
      retryable: true,
    })
  })

  it('of nothing writes nothing', async () => {
    const { keeper, seen } = keeperSetup()
    await keeper.update(() => undefined)
    expect(seen.commits).toBe(0)
  })

  it('tells of itself after the lock is released', async () => {
    const lock = memoryLock()
    let inside = false
    const told: boolean[] = []
    const { keeper, store } = keeperSetup(undefined, {
      lock: {
        withLock: (name, options, work) =>
          lock.withLock(name, options, async (lease) => {
            inside = true
            const result = await work(lease)
            inside = false
            return result
          }),
      },
      onEvent: () => told.push(inside),
    })
    // What the store itself tells comes at any time.
    delete store.watch
    await keeper.refresh()
    expect(told.length).toBeGreaterThan(0)
    expect(new Set(told)).toEqual(new Set([false]))
  })

  it('fails with what the lock fails with', async () => {
    const { keeper } = keeperSetup(undefined, {
      lock: { withLock: () => Promise.reject(new AuthError('lock_timeout', 'Busy.')) },
    })
    expect(await failure(keeper.refresh())).toMatchObject({ code: 'lock_timeout' })
  })
})

describe('a pair of another process that has ended again', () => {
  it('is renewed, and not given to anybody', async () => {
    let other = async () => {}
    const { keeper, another, expire, world, sent } = keeperSetup(undefined, {
      lock: {
        withLock: async (...args) => {
          await other()
          return memoryLock().withLock(...args)
        },
      },
    })
    other = async () => {
      await another().keeper.update(() => signedInWith(pairNumber(50, epoch)))
    }
    await keeper.tokens()
    expire()
    expect(world.now).toBe(epoch + lifeMs)
    expect(await access(keeper.tokens())).toBe('access-51')
    expect(sent).toEqual(['refresh-50'])
  })

  it('is not renewed by a call that has sent its one request', async () => {
    const setup = keeperSetup(async () => {
      await setup.another().keeper.update(() => signedInWith(pairNumber(50, epoch)))
      return refused
    })
    const { keeper, expire, sent } = setup
    expire()
    expect(await failure(keeper.tokens())).toMatchObject({
      code: 'refresh_failed',
      retryable: true,
    })
    expect(sent).toEqual(['refresh-0'])
  })
})

describe('an intent', () => {
  it('is written down before the refresh token is sent, without the token', async () => {
    const setup = keeperSetup(async (tokens) => {
      const stored = await setup.stored()
      expect(stored?.intent).toMatchObject({ since: epoch })
      expect(JSON.stringify(stored?.intent)).not.toContain('refresh-0')
      return setup.rotate(tokens)
    })
    await setup.keeper.refresh()
    expect((await setup.stored())?.intent).toBeUndefined()
  })

  it('of a holder that died does not stop the next one', async () => {
    const { keeper, another, sent, expire } = keeperSetup()
    const dying = deferred<RenewalOutcome>()
    const reached = deferred()
    expire()
    const holder = another({
      lock: memoryLock(),
      renew: () => {
        reached.resolve()
        return dying.promise
      },
    })
    holder.keeper.tokens().catch(() => {})
    await reached.promise
    expect(await access(keeper.tokens())).toBe('access-1')
    expect(sent).toEqual(['refresh-0'])
  })

  it('is all that is done by a holder whose lock was taken over', async () => {
    const { keeper, sent, expire } = keeperSetup(undefined, {
      lock: { withLock: (_name, _options, work) => work({ isHeld: async () => false }) },
    })
    expire()
    expect(await failure(keeper.tokens())).toMatchObject({ code: 'lock_timeout', retryable: true })
    expect(sent).toEqual([])
  })
})

describe('a closed keeper', () => {
  it('no longer listens to the store, and does not begin to again', async () => {
    const { keeper, store, stored } = keeperSetup()
    const stop = vi.fn()
    const watch = vi.fn(() => stop)
    store.watch = watch
    await keeper.tokens()
    await keeper.reload()
    expect([watch.mock.calls.length, stop.mock.calls.length]).toEqual([1, 0])
    keeper.close()
    await keeper.reload()
    expect([watch.mock.calls.length, stop.mock.calls.length]).toEqual([1, 1])
    expect(await stored()).toBeDefined()
  })
})

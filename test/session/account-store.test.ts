import { afterEach, describe, expect, it, vi } from 'vitest'
import { emptyAccount } from '../../src/session/account.ts'
import { accountStore } from '../../src/session/account-store.ts'
import { memoryStore } from '../../src/store/memory-store.ts'
import type { TokenStore } from '../../src/store/store.ts'
import { deferred, failure, settle } from '../support/async.ts'
import { storeKey as key } from '../support/keeper.ts'
import { epoch } from '../support/setup.ts'

afterEach(() => {
  vi.useRealTimers()
})

const signedOut = { session: { status: 'signed-out' } } as const
const on = (store: TokenStore, now = () => epoch) =>
  accountStore({ store, key, now, onSeen: () => {} })

describe('accountStore', () => {
  it('reads nothing as nobody', async () => {
    expect(await on(memoryStore()).read()).toBe(emptyAccount)
  })

  it('gives what a change made of it, and what it was where the change was none', async () => {
    const accounts = on(memoryStore())
    expect(await accounts.swap(() => undefined)).toBe(emptyAccount)
    expect(await accounts.swap(() => signedOut)).toBe(signedOut)
  })

  it('changes what somebody else has written meanwhile, and not what it saw first', async () => {
    const store = memoryStore()
    let quicker = 3
    const contended: TokenStore = {
      ...store,
      async commit(...change) {
        if (quicker-- > 0) {
          const entry = await store.read(key)
          await store.commit(key, entry?.revision, { ...signedOut, legacyToken: `${quicker}` })
        }
        return store.commit(...change)
      },
    }
    const seen: (string | undefined)[] = []
    await on(contended).swap((account) => {
      seen.push(account.legacyToken?.reveal())
      return account
    })
    expect(seen).toEqual([undefined, '2', '1', '0'])
  })

  it('counts tokens that do not say when they were obtained from when they were first seen', async () => {
    let now = epoch
    const store = memoryStore({ tokens: { accessToken: 'one', expiresAt: epoch + 900_000 } })
    const accounts = on(store, () => now)
    const obtainedAt = async () => {
      const { session } = await accounts.read()
      return session.status === 'signed-in' && session.tokens.obtainedAt
    }
    expect(await obtainedAt()).toBe(epoch)
    now += 1_000
    expect(await obtainedAt()).toBe(epoch)
    const tokens = { accessToken: 'two', tokenType: 'Bearer', kind: 'opaque' } as const
    const { revision } = (await store.read(key)) ?? {}
    await store.commit(key, revision, { session: { status: 'signed-in', tokens } })
    expect(await obtainedAt()).toBe(now)
  })

  it('does not wait for a store that does not answer', async () => {
    vi.useFakeTimers()
    const silent = () => new Promise<never>(() => {})
    const accounts = on({ ...memoryStore(), read: silent })
    const waiting = [failure(accounts.read()), failure(accounts.swap((account) => account))]
    await vi.advanceTimersByTimeAsync(14_000)
    for (const error of await Promise.all(waiting)) {
      expect(error).toMatchObject({ code: 'store_unavailable', retryable: true })
    }
  })

  it('tells what it has seen in the order in which it was so, however late an answer comes', async () => {
    const store = memoryStore({ apiKey: 'pk_1.sk_2' })
    const gate = deferred()
    let reads = 0
    const slow: TokenStore = {
      ...store,
      async read(of) {
        const entry = await store.read(of)
        // What it has found is old by the time it is heard of.
        if (reads++ === 0) await gate.promise
        return entry
      },
    }
    const seen: (string | undefined)[] = []
    const accounts = accountStore({
      store: slow,
      key,
      now: () => epoch,
      onSeen: ({ apiKey }) => seen.push(apiKey?.secret.reveal()),
    })
    const reading = accounts.read()
    const changing = accounts.swap(() => signedOut)
    await settle()
    gate.resolve()
    await Promise.all([reading, changing])
    expect(seen.at(-1)).toBeUndefined()
    expect(seen).toEqual(['pk_1.sk_2', 'pk_1.sk_2', undefined])
  })

  it('tells nothing of an answer that came after its time', async () => {
    vi.useFakeTimers()
    const gate = deferred<undefined>()
    const onSeen = vi.fn()
    const store = { ...memoryStore(), read: () => gate.promise }
    const accounts = accountStore({ store, key, now: () => epoch, onSeen })
    const waiting = failure(accounts.read())
    await vi.advanceTimersByTimeAsync(14_000)
    await waiting
    gate.resolve(undefined)
    await vi.advanceTimersByTimeAsync(1)
    expect(onSeen).not.toHaveBeenCalled()
  })
})

import { describe, expect, it, vi } from 'vitest'
import type { BrowserStore } from '../../src/browser/browser-store.ts'
import { orMemory } from '../../src/browser/or-memory.ts'
import { AuthError, memoryLock, memoryStore, type StoredAccount } from '../../src/index.ts'
import { failure, settle } from '../support/async.ts'
import { storeKey } from '../support/keeper.ts'

const account: StoredAccount = { session: { status: 'signed-out' } }
const otherKey = { ...storeKey, profile: 'work' }

/** A place that works until it is told what to refuse with. */
function setup() {
  const inner = memoryStore()
  const refuse: { read?: Error; commit?: Error } = {}
  const place: BrowserStore = {
    lock: memoryLock(),
    async read(key) {
      if (refuse.read) throw refuse.read
      return inner.read(key)
    },
    async commit(key, revision, value) {
      if (refuse.commit) throw refuse.commit
      return inner.commit(key, revision, value)
    },
    watch: (key, listener) => inner.watch?.(key, listener) ?? (() => {}),
    describe: () => ({ kind: 'place', persistent: true, encrypted: true, shared: 'tabs' }),
    destroy: async () => {
      if (refuse.read) throw refuse.read
    },
  }
  const store = orMemory(place)
  const told = vi.fn()
  store.onFallback(told)
  return { store, inner, refuse, told }
}

const error = (name: string) => new DOMException('Refused.', name)

describe('a place that is refused from the first', () => {
  it('is memory from then on', async () => {
    const { store, refuse, told } = setup()
    refuse.read = error('SecurityError')
    expect(await store.read(storeKey)).toBeUndefined()
    expect(await store.commit(storeKey, undefined, account)).toMatchObject({ ok: true })
    expect(await store.read(storeKey)).toMatchObject({ value: account })
    expect(store.describe()).toMatchObject({ kind: 'memory', insteadOf: 'place' })
    expect(told).toHaveBeenCalledTimes(1)
  })

  it('stays memory when the place comes back: nothing flaps', async () => {
    const { store, refuse, inner } = setup()
    refuse.read = error('SecurityError')
    await store.read(storeKey)
    refuse.read = undefined as never
    await inner.commit(storeKey, undefined, { session: { status: 'expired' } })
    expect(await store.read(storeKey)).toBeUndefined()
  })

  it('is told once to many who ask at the same time, and to who listens later', async () => {
    const { store, refuse, told } = setup()
    refuse.read = error('SecurityError')
    await Promise.all([store.read(storeKey), store.read(otherKey), store.read(storeKey)])
    const late = vi.fn()
    store.onFallback(late)
    const stopped = vi.fn()
    store.onFallback(stopped)()
    await settle()
    expect([told, late, stopped].map(({ mock }) => mock.calls.length)).toEqual([1, 1, 0])
  })

  it('has nothing to remove', async () => {
    const { store, refuse } = setup()
    refuse.read = error('SecurityError')
    await store.destroy(storeKey)
    await store.commit(storeKey, undefined, account)
    await store.destroy(storeKey)
    expect(await store.read(storeKey)).toBeUndefined()
  })
})

describe('a place that has worked', () => {
  it.each(['SecurityError', 'InvalidStateError', 'UnknownError', 'TimeoutError'])(
    'is store_unavailable when it fails later: %s',
    async (name) => {
      const { store, refuse, told } = setup()
      await store.commit(storeKey, undefined, account)
      refuse.read = error(name)
      expect(await failure(store.read(storeKey))).toMatchObject({ code: 'store_unavailable' })
      refuse.read = undefined as never
      expect(await store.read(storeKey)).toMatchObject({ value: account })
      expect(told).not.toHaveBeenCalled()
    },
  )

  it.each(['InvalidStateError', 'UnknownError', 'AbortError', 'TimeoutError', 'NotFoundError'])(
    'never takes a failure that may pass for nothing, at the first read either: %s',
    async (name) => {
      const { store, inner, refuse, told } = setup()
      await inner.commit(storeKey, undefined, account)
      refuse.read = error(name)
      expect(await failure(store.read(storeKey))).toMatchObject({ code: 'store_unavailable' })
      expect(store.describe()).toMatchObject({ kind: 'place' })
      refuse.read = undefined as never
      expect(await store.read(storeKey)).toMatchObject({ value: account })
      expect(told).not.toHaveBeenCalled()
    },
  )

  it('does not keep a new account in memory because of what may pass', async () => {
    const { store, inner, refuse, told } = setup()
    refuse.commit = error('InvalidStateError')
    const early = store.commit(storeKey, undefined, account)
    expect(await failure(early)).toMatchObject({ code: 'store_unavailable' })
    refuse.commit = undefined as never
    expect(await store.commit(storeKey, undefined, account)).toMatchObject({ ok: true })
    expect(await inner.read(storeKey)).toMatchObject({ value: account })
    expect(told).not.toHaveBeenCalled()
  })

  it.each(['QuotaExceededError', 'DataCloneError'])(
    'keeps a new account in memory that it cannot write, and no other: %s',
    async (name) => {
      const { store, refuse, told } = setup()
      await store.commit(otherKey, undefined, account)
      refuse.commit = error(name)
      expect(await store.commit(storeKey, undefined, account)).toMatchObject({ ok: true })
      expect(await store.read(storeKey)).toMatchObject({ value: account })
      expect(await store.read(otherKey)).toMatchObject({ value: account })
      await settle()
      expect(told).toHaveBeenCalledTimes(1)
      expect(store.describe()).toMatchObject({ kind: 'memory', insteadOf: 'place' })
    },
  )

  it('does not move an account that it holds to memory: the other tabs have it there', async () => {
    const { store, refuse, told } = setup()
    await store.commit(storeKey, undefined, account)
    const revision = (await store.read(storeKey))?.revision
    refuse.commit = error('QuotaExceededError')
    const found = await failure(store.commit(storeKey, revision, account))
    expect(found).toMatchObject({
      code: 'store_unavailable',
      hint: expect.stringContaining('no space'),
    })
    expect(told).not.toHaveBeenCalled()
  })

  it('says of its own what is wrong, and calls its locks store_unavailable', async () => {
    const { store, refuse } = setup()
    refuse.read = new AuthError('store_corrupt', 'Damaged.')
    expect(await failure(store.read(storeKey))).toBe(refuse.read)
    refuse.read = new AuthError('lock_timeout', 'Busy.')
    expect(await failure(store.read(storeKey))).toMatchObject({ code: 'store_unavailable' })
  })
})

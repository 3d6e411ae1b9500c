import { AuthError, isAuthError } from '../errors/auth-error.ts'
import { isFields, textOf } from '../json/fields.ts'
import type { FullStore } from '../store/lazy-store.ts'
import { memoryStore } from '../store/memory-store.ts'
import {
  nameOf,
  type StoreDescription,
  type StoreFallback,
  type StoreKey,
  type TokenStore,
} from '../store/store.ts'
import type { BrowserStore } from './browser-store.ts'

/**
 * The browser does not let this page have the place at all. No other error says that for certain: a page
 * that is on its way out has connections that are closing (`InvalidStateError`), and data in the place.
 */
const forbidding = 'SecurityError'
/** It may let the page read, and not write: some private windows, a full disk (`UnknownError` in Firefox). */
const preventing = [forbidding, 'QuotaExceededError', 'DataCloneError', 'UnknownError']

/**
 * Memory instead of a place that the browser does not give.
 *
 * | row | what the browser refuses | then |
 * |---|---|---|
 * | A | the first thing that this page asks of the place, as forbidden | memory, for everything |
 * | B | the first commit of an account | memory, for this account: nothing in the place could be missed |
 * | C | anything else | `store_unavailable`: what is in the place must not seem to be gone, and what replaces it must not end with the page |
 *
 * It stays so for the life of the page: a session that came and went would be worse than either.
 */
export function orMemory(place: BrowserStore): FullStore {
  const memory = memoryStore()
  const inMemory = new Set<string>()
  const listeners = new Set<(fallback: StoreFallback) => void>()
  let state: 'untried' | 'works' | 'refused' = 'untried'

  const isFallen = () => state === 'refused' || inMemory.size > 0

  async function run<T>(
    key: StoreKey,
    { work, isFirst = false }: { work: (store: TokenStore) => Promise<T>; isFirst?: boolean },
  ): Promise<T> {
    const name = nameOf(key)
    if (state === 'refused' || inMemory.has(name)) return work(memory)
    try {
      const result = await work(place)
      works()
      return result
    } catch (error) {
      fallBack(error, isFirst ? name : undefined)
      return work(memory)
    }
  }

  function works(): void {
    if (state === 'untried') state = 'works'
  }

  /** @throws AuthError unless memory takes over */
  function fallBack(error: unknown, firstOf: string | undefined): void {
    if (isAuthError(error)) works()
    const before = isFallen()
    const reason = (isFields(error) && textOf(error.name)) || 'Error'
    if (state !== 'works' && reason === forbidding) state = 'refused'
    else if (firstOf !== undefined && preventing.includes(reason)) inMemory.add(firstOf)
    else throw unavailable(place.describe(), { error, reason })
    if (!before) for (const listener of listeners) tell(listener)
  }

  /** Later: whoever hears of it may ask the store at once. */
  function tell(listener: (fallback: StoreFallback) => void): void {
    queueMicrotask(() => {
      if (listeners.has(listener)) listener({ code: 'store_unavailable', instead: describe() })
    })
  }

  function describe(): StoreDescription {
    const described = place.describe()
    if (!isFallen()) return described
    return {
      ...memory.describe(),
      insteadOf: described.kind,
      note: 'The browser does not let this page store anything: the session ends with the page.',
    }
  }

  return {
    lock: place.lock,

    read: (key) => run(key, { work: (store) => store.read(key) }),

    commit: (key, expectedRevision, value) =>
      run(key, {
        work: (store) => store.commit(key, expectedRevision, value),
        isFirst: expectedRevision === undefined && value !== undefined,
      }),

    watch(key, listener) {
      const stops = [place, memory].map((store) => store.watch?.(key, listener))
      return () => {
        for (const stop of stops) stop?.()
      }
    },

    describe,

    onFallback(listener) {
      listeners.add(listener)
      if (isFallen()) tell(listener)
      return () => {
        listeners.delete(listener)
      }
    },

    async destroy(key) {
      await memory.commit(key, (await memory.read(key))?.revision, undefined)
      if (state === 'refused') return
      try {
        await place.destroy(key)
      } catch (error) {
        fallBack(error, undefined)
      }
    },
  }
}

function unavailable(
  { kind, location }: StoreDescription,
  { error, reason }: { readonly error: unknown; readonly reason: string },
): AuthError {
  // That the place is busy is all that a caller of a store has to know of its locks.
  if (isAuthError(error) && error.code !== 'lock_timeout') return error
  const isFull = reason === 'QuotaExceededError'
  return new AuthError('store_unavailable', `${kind} ${location} cannot be used (${reason}).`, {
    cause: error,
    hint: isFull ? 'The browser has no space left for this site; nothing was lost.' : undefined,
  })
}

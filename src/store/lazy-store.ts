import { once } from '../async/once.ts'
import { AuthError } from '../errors/auth-error.ts'
import type { Lock } from '../lock/lock.ts'
import type { StoreDescription, TokenStore } from './store.ts'

/** A store that has everything a store may have. */
export interface FullStore extends Required<Omit<TokenStore, 'choice' | 'holdsAccounts'>> {
  readonly lock: Lock
}

/** A store whose code is loaded on first use: a page shows itself before it asks who is signed in. */
export function lazyStore(options: {
  readonly load: () => Promise<FullStore>
  /** As the store describes itself, for as long as it is not loaded. */
  readonly describe: () => StoreDescription
}): FullStore {
  const waiting = new Set<(store: FullStore) => void>()
  let loaded: FullStore | undefined

  const load = once(async () => {
    const store = await options.load().catch((cause) => {
      const message = 'The code of the store could not be loaded.'
      throw new AuthError('store_unavailable', message, { cause })
    })
    loaded = store
    for (const begin of waiting) begin(store)
    waiting.clear()
    return store
  })

  /** Begins something that can be stopped, now or when the code is there. */
  function whenLoaded(begin: (store: FullStore) => () => void): () => void {
    let stop = loaded && begin(loaded)
    const beginLater = (store: FullStore) => {
      stop = begin(store)
    }
    if (stop === undefined) waiting.add(beginLater)
    return () => {
      waiting.delete(beginLater)
      stop?.()
    }
  }

  return {
    lock: {
      withLock: async (name, limits, work) => (await load()).lock.withLock(name, limits, work),
    },

    read: async (key) => (await load()).read(key),

    commit: async (key, revision, value) => (await load()).commit(key, revision, value),

    watch(key, listener) {
      // Who reads or writes meets the same failure, and reports it.
      load().catch(() => {})
      return whenLoaded((store) => store.watch(key, listener))
    },

    describe: () => (loaded ?? options).describe(),

    onFallback: (listener) => whenLoaded((store) => store.onFallback(listener)),

    destroy: async (key) => (await load()).destroy(key),
  }
}

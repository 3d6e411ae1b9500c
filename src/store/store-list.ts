import { AuthError, isAuthError } from '../errors/auth-error.ts'
import { memoryLock } from '../lock/memory-lock.ts'
import { destroyIn, holdsCredentials, keyIn } from './entries.ts'
import type { FullStore } from './lazy-store.ts'
import {
  nameOf,
  placeName,
  type StoreDescription,
  type StoredEntry,
  type StoreFallback,
  type StoreKey,
  type TokenStore,
} from './store.ts'

/** Where an account is, and what was found there. */
interface Found {
  readonly store: TokenStore
  readonly entry: StoredEntry | undefined
  /** Why a store before this one is not used. */
  readonly failure?: AuthError | undefined
}

const note = 'Credentials stay where they are; client.destroy() and a new sign-in choose anew.'

/**
 * Several stores as one: a keychain, then a file. Which of them keeps an account:
 *
 * | row | what is known | the account is in |
 * |---|---|---|
 * | A | this machine has chosen a store, and it has an entry of the account | that one |
 * | B | this machine has chosen a store, and cannot reach it | none: `store_unavailable`, because a second session elsewhere would be worse |
 * | C | credentials of the account are in another store | that one, of several the latest: nobody is signed out by a change of the list |
 * | D | as C, and in one of the others somebody has signed out since | the one with the sign-out: nor is one undone by it |
 * | E | this machine has chosen a store | that one |
 * | F | nothing is chosen | the first one that works; where a store before it does not, `onFallback` tells |
 *
 * The choice is made when credentials are first written, and kept by the first of the stores that can
 * (`choice`). `destroy` forgets it when nobody is left in the store that was chosen. Nothing is moved
 * from one store to another: other programs may use it.
 */
export function storeList(stores: readonly TokenStore[]): FullStore {
  const [first] = stores
  if (first === undefined) {
    throw new AuthError('config_invalid', 'The list of stores is empty.', {
      hint: 'Name at least one store.',
    })
  }
  const choice = stores.find((store) => store.choice !== undefined)?.choice
  /** What can be chosen: a place that forgets is none to look for credentials in later. */
  const places = () =>
    stores
      .map((store) => store.describe())
      .flatMap((each) => (each.persistent ? placeName(each) : []))
  /** Where credentials were found; what has none left holds nobody there. */
  const known = new Map<string, TokenStore>()
  const listeners = new Set<(fallback: StoreFallback) => void>()
  const spareLock = memoryLock()
  let used = { store: first, description: first.describe() }
  let fallback: StoreFallback | undefined

  async function locate(key: StoreKey): Promise<Found> {
    const name = nameOf(key)
    const place = known.get(name)
    const entry = await place?.read(key)
    if (place !== undefined && holds(entry)) return { store: place, entry }
    const chosen = storeNamed(stores, await choice?.read(places()))
    const found = chosen === undefined ? await search(stores, key) : await inChosen(chosen, key)
    if (holds(found.entry)) known.set(name, found.store)
    else known.delete(name)
    use(found)
    return found
  }

  /** Rows A to E. */
  async function inChosen(chosen: TokenStore, key: StoreKey): Promise<Found> {
    const entry = await readChosen(chosen, key)
    if (entry !== undefined) return { store: chosen, entry }
    const others = stores.filter((store) => store !== chosen)
    const elsewhere = await search(others, key).catch(ignoreUnusable)
    return holds(elsewhere?.entry) && elsewhere ? elsewhere : { store: chosen, entry }
  }

  function use({ store, failure }: Found): void {
    const description = describeUsed(store, failure)
    used = { store, description }
    if (store === first) {
      fallback = undefined
    } else if (failure !== undefined && fallback === undefined) {
      fallback = { code: failure.code, instead: description }
      for (const listener of [...listeners]) tell(listener, fallback)
    }
  }

  function describeUsed(store: TokenStore, failure: AuthError | undefined): StoreDescription {
    const description = store.describe()
    if (store === first) return description
    const insteadOf = first?.describe().kind
    return failure === undefined
      ? { ...description, insteadOf, note: description.note ?? note }
      : { ...description, insteadOf }
  }

  return {
    lock: {
      async withLock(name, limits, work) {
        const key = keyIn(name)
        const { store } = key === undefined ? used : await locate(key)
        return (store.lock ?? spareLock).withLock(name, limits, work)
      },
    },

    async read(key) {
      return (await locate(key)).entry
    },

    async commit(key, expectedRevision, value) {
      const { store } = await locate(key)
      const description = store.describe()
      const isNew = value !== undefined && holdsCredentials(value)
      if (isNew && description.persistent && choice !== undefined) {
        const settled = storeNamed(stores, await choice.settle(placeName(description), places()))
        // Somebody else was quicker, and chose another place.
        const found = settled === undefined || settled === store ? { store } : await locate(key)
        if (found.store !== store) {
          return { ok: false, current: 'entry' in found ? found.entry : undefined }
        }
      }
      return store.commit(key, expectedRevision, value)
    },

    watch(key, listener) {
      const stops = stores.map((store) => store.watch?.(key, listener))
      return () => {
        for (const stop of stops) stop?.()
      }
    },

    describe: () => used.description,

    onFallback(listener) {
      listeners.add(listener)
      if (fallback !== undefined) tell(listener, fallback)
      return () => {
        listeners.delete(listener)
      }
    },

    async destroy(key) {
      const failures: unknown[] = []
      for (const store of stores) {
        await destroyIn(store, key).catch((error) => failures.push(error))
      }
      known.delete(nameOf(key))
      if (failures.length > 0) throw failures[0]
      // Others in that place would seem signed out, were another one used from now on.
      const chosen = storeNamed(stores, await choice?.read(places()))
      if (!(await chosen?.holdsAccounts?.())) await choice?.clear(places())
    },
  }
}

/** Rows C, D and F. */
async function search(stores: readonly TokenStore[], key: StoreKey): Promise<Found> {
  let firstUsable: Found | undefined
  let holding: Found | undefined
  let signedOut: Found | undefined
  let failure: AuthError | undefined
  for (const store of stores) {
    try {
      const found = { store, entry: await store.read(key), failure }
      if (holds(found.entry)) holding = laterOf(holding, found, obtainedAt)
      if (signedOutAt(found) !== undefined) signedOut = laterOf(signedOut, found, signedOutAt)
      firstUsable ??= found
    } catch (error) {
      if (!isUnusable(error)) throw error
      failure ??= error
    }
  }
  if (firstUsable === undefined) throw failure
  if (holding === undefined || signedOut === undefined) return holding ?? firstUsable
  // Credentials of an unknown age may be the very ones that somebody has signed out of.
  return (obtainedAt(holding) ?? 0) > (signedOutAt(signedOut) ?? 0) ? holding : signedOut
}

/** The later one where both have a time; else the one that is first in the list. */
function laterOf(
  first: Found | undefined,
  next: Found,
  timeOf: (found: Found) => number | undefined,
): Found {
  const [before, after] = [first && timeOf(first), timeOf(next)]
  const isLater = before !== undefined && after !== undefined && after > before
  return first === undefined || isLater ? next : first
}

function obtainedAt({ entry }: Found): number | undefined {
  const session = entry?.value.session
  return session?.status === 'signed-in' ? session.tokens.obtainedAt : undefined
}

function signedOutAt({ entry }: Found): number | undefined {
  const session = entry?.value.session
  return session?.status === 'signed-out' ? session.since : undefined
}

/** Row B. */
async function readChosen(chosen: TokenStore, key: StoreKey): Promise<StoredEntry | undefined> {
  try {
    return await chosen.read(key)
  } catch (error) {
    if (!isUnusable(error)) throw error
    const { kind } = chosen.describe()
    throw new AuthError(
      'store_unavailable',
      `This machine keeps its credentials in the ${kind}, which cannot be used now.`,
      {
        cause: error,
        hint: `${error.hint} To keep them elsewhere from now on, call client.destroy() where the ${kind} works.`,
      },
    )
  }
}

function holds(entry: StoredEntry | undefined): boolean {
  return entry !== undefined && holdsCredentials(entry.value)
}

/** Whether a store cannot be used as things are; what is damaged in it is another matter. */
function isUnusable(error: unknown): error is AuthError {
  return isAuthError(error, 'store_unavailable') || isAuthError(error, 'config_invalid')
}

function ignoreUnusable(error: unknown): undefined {
  if (!isUnusable(error)) throw error
}

function storeNamed(
  stores: readonly TokenStore[],
  name: string | undefined,
): TokenStore | undefined {
  return stores.find((store) => placeName(store.describe()) === name)
}

/** Not at once: who asks may not be ready for it. */
function tell(listener: (fallback: StoreFallback) => void, fallback: StoreFallback): void {
  queueMicrotask(() => listener(fallback))
}

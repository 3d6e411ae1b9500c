import { raceSignal, startDeadline } from '../async/abort.ts'
import { AuthError } from '../errors/auth-error.ts'
import type { StoredEntry, StoreKey, TokenStore } from '../store/store.ts'
import { type Account, fromStored, toStored } from './account.ts'

/** What a change of an account starts from, and becomes; `undefined` leaves it as it is. */
export type AccountChange = (account: Account) => Account | undefined

/** One account in a store, changed by compare-and-swap only. */
export interface AccountStore {
  /** @throws AuthError `store_unavailable`, `store_corrupt` */
  read(): Promise<Account>
  /**
   * Changes the account; `change` runs again on what somebody else has written meanwhile.
   * @returns the account as it is afterwards
   * @throws AuthError `store_unavailable`; then nothing was changed
   */
  swap(change: AccountChange): Promise<Account>
}

/** Below half the age at which a lock's holder counts as stalled. */
const timeoutMs = 14_000
const maximalSwaps = 50

export function accountStore(
  { store, key }: { readonly store: TokenStore; readonly key: StoreKey },
  now: () => number,
): AccountStore {
  let seen: { readonly accessToken: string; readonly at: number } | undefined

  /** Tokens that do not say when they were obtained count from when they were first seen, and not anew at each reading. */
  function toAccount(entry: StoredEntry | undefined): Account {
    const session = entry?.value.session
    if (session?.status === 'signed-in' && session.tokens.accessToken !== seen?.accessToken) {
      seen = { accessToken: session.tokens.accessToken, at: now() }
    }
    return fromStored(entry?.value, seen?.at ?? now())
  }

  return {
    async read() {
      return toAccount(await limited(store.read(key)))
    },

    async swap(change) {
      for (let attempt = 0; attempt < maximalSwaps; attempt++) {
        const entry = await limited(store.read(key))
        const account = toAccount(entry)
        const changed = change(account)
        if (changed === undefined) return account
        const result = await limited(store.commit(key, entry?.revision, toStored(changed)))
        if (result.ok) return changed
      }
      throw new AuthError('lock_timeout', 'Somebody else keeps changing these credentials.')
    },
  }
}

/** A store that does not answer (a keychain waiting for a person) must not hold a lock. */
async function limited<T>(operation: Promise<T>): Promise<T> {
  const deadline = startDeadline(timeoutMs)
  try {
    return await raceSignal(operation, deadline.signal)
  } catch (error) {
    if (!deadline.timedOut()) throw error
    throw new AuthError('store_unavailable', `The store did not answer within ${timeoutMs} ms.`)
  } finally {
    deadline.dispose()
  }
}

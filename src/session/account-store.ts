import { raceSignal, startDeadline } from '../async/abort.ts'
import { AuthError } from '../errors/auth-error.ts'
import type { StoredEntry, StoreKey, TokenStore } from '../store/store.ts'
import { type Account, emptyAccount, fromStored, toStored } from './account.ts'

/** What a change of an account starts from, and becomes; `undefined` leaves it as it is. */
export type AccountChange = (account: Account) => Account | undefined

/** One account in a store, changed by compare-and-swap only. */
export interface AccountStore {
  /** @throws AuthError `store_unavailable`, `store_corrupt` */
  read(): Promise<Account>
  /**
   * Changes the account; `change` runs again on what somebody else has written meanwhile.
   * @returns the account as it is afterwards
   * @throws AuthError `store_unavailable`; then nothing was changed, unless the store did not answer in
   * time: then it may have been, or be later
   */
  swap(change: AccountChange): Promise<Account>
}

/** Where an account is, and who wants to know. */
export interface AccountStoreOptions {
  readonly store: TokenStore
  readonly key: StoreKey
  readonly now: () => number
  /** Called with what was read or written, in the order in which it was so. */
  readonly onSeen: (account: Account) => void
}

/** Below half the age at which a lock's holder counts as stalled. */
const timeoutMs = 14_000
const maximalSwaps = 50

/**
 * Operations of one process go to the store one after the other, and each is known before the next one
 * begins: an answer that comes late never passes for the latest.
 */
export function accountStore({ store, key, now, onSeen }: AccountStoreOptions): AccountStore {
  let seen: { readonly accessToken: string; readonly at: number } | undefined
  let previous: Promise<unknown> = Promise.resolve()

  /** Tokens that do not say when they were obtained count from when they were first seen, and not anew at each reading. */
  function toAccount(entry: StoredEntry | undefined): Account {
    const session = entry?.value.session
    if (session?.status === 'signed-in' && session.tokens.accessToken !== seen?.accessToken) {
      seen = { accessToken: session.tokens.accessToken, at: now() }
    }
    return fromStored(entry?.value, seen?.at ?? now())
  }

  function inTurn<T>(operation: () => Promise<T>, hear: (result: T) => void): Promise<T> {
    const turn = limited(previous, operation).then((result) => {
      hear(result)
      return result
    })
    previous = turn.catch(() => {})
    return turn
  }

  async function read(): Promise<{ account: Account; revision: string | undefined }> {
    let account = emptyAccount
    const entry = await inTurn(
      () => store.read(key),
      (found) => {
        account = toAccount(found)
        onSeen(account)
      },
    )
    return { account, revision: entry?.revision }
  }

  return {
    async read() {
      const { account } = await read()
      return account
    },

    async swap(change) {
      for (let attempt = 0; attempt < maximalSwaps; attempt++) {
        const { account, revision } = await read()
        const changed = change(account)
        if (changed === undefined) return account
        const { ok } = await inTurn(
          () => store.commit(key, revision, toStored(changed)),
          (result) => {
            if (result.ok) onSeen(changed)
          },
        )
        if (ok) return changed
      }
      throw new AuthError('lock_timeout', 'Somebody else keeps changing these credentials.')
    },
  }
}

const unknownEnds = /* @__PURE__ */ new WeakSet<object>()

/** Whether what failed with this error may have been written all the same, or will be. */
export function mayBeWritten(error: unknown): boolean {
  return typeof error === 'object' && error !== null && unknownEnds.has(error)
}

/** A store that does not answer (a keychain waiting for a person) must not hold a lock. */
async function limited<T>(previous: Promise<unknown>, operation: () => Promise<T>): Promise<T> {
  const deadline = startDeadline(timeoutMs)
  try {
    await raceSignal(previous, deadline.signal)
    return await raceSignal(operation(), deadline.signal)
  } catch (error) {
    if (!deadline.timedOut()) throw error
    const unknown = new AuthError(
      'store_unavailable',
      `The store did not answer within ${timeoutMs} ms.`,
    )
    unknownEnds.add(unknown)
    throw unknown
  } finally {
    deadline.dispose()
  }
}

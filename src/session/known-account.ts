import type { AuthError } from '../errors/auth-error.ts'
import type { StoredCoolDown } from '../store/account.ts'
import { type Account, emptyAccount, holds, succeed, type Tokens } from './account.ts'
import {
  type AccountChange,
  type AccountStore,
  type AccountStoreOptions,
  accountStore,
} from './account-store.ts'

/** A pair that could not be written yet, and the dead one that the store still holds. */
export interface UnsavedPair {
  readonly tokens: Tokens
  readonly predecessor: Tokens
  /** Of the predecessor's refresh token. */
  readonly hash: string
}

/** Since when renewals fail, and why. */
export interface Trouble {
  readonly error: AuthError
  readonly since: number
}

/**
 * What this process knows of one account: what it has read last, and what it could not write.
 *
 * A pair that could not be written is part of whatever is read, so that nobody in this process sends
 * its dead predecessor, and it goes along with the next write.
 */
export class KnownAccount implements AccountStore {
  /** What refresh tokens were answered, by hash: a refusal may not reach the store either. */
  readonly refusals = new Map<string, AuthError>()
  /** A pause between token requests, as this process was told of it. */
  coolDown: StoredCoolDown | undefined
  trouble: Trouble | undefined
  readonly #accounts: AccountStore
  readonly #discard: (tokens: Tokens) => Promise<void>
  #latest: Account | undefined
  #unsaved: UnsavedPair | undefined

  /** @param options.discard gives up a pair that nobody will use */
  constructor({
    discard,
    ...place
  }: Omit<AccountStoreOptions, 'onSeen'> & {
    readonly discard: (tokens: Tokens) => Promise<void>
  }) {
    this.#discard = discard
    // At once, also what a renewal reads under the lock: a sign-out needs no lock, and may be quicker.
    this.#accounts = accountStore({ ...place, onSeen: (account) => this.#take(account) })
  }

  /** What was seen last, without I/O; `undefined` before the first read. */
  get latest(): Account | undefined {
    return this.#latest
  }

  get hasUnsaved(): boolean {
    return this.#unsaved !== undefined
  }

  remember(pair: UnsavedPair): void {
    this.#unsaved = pair
    this.#take(this.#latest ?? emptyAccount)
  }

  async read(): Promise<Account> {
    return this.#complete(await this.#accounts.read())
  }

  async swap(change: AccountChange): Promise<Account> {
    const unsaved = this.#unsaved
    let isTaken = false
    const account = await this.#accounts.swap((found) => {
      const completed = unsaved && succeed(found, unsaved)
      isTaken = completed !== undefined
      return change(completed ?? found) ?? completed
    })
    if (unsaved === undefined || this.#unsaved !== unsaved) return account
    this.#unsaved = undefined
    // Somebody has signed out or in: that stands.
    if (!isTaken && !holds(account, unsaved.tokens)) await this.#discard(unsaved.tokens)
    return account
  }

  #complete(account: Account): Account {
    return (this.#unsaved && succeed(account, this.#unsaved)) ?? account
  }

  #take(found: Account): void {
    const account = this.#complete(found)
    const { session } = this.#latest ?? emptyAccount
    // Another token, whoever obtained it: the trouble is over.
    if (session.status !== 'signed-in' || !holds(account, session.tokens)) {
      this.trouble = undefined
      this.coolDown = undefined
    }
    this.#latest = account
  }
}

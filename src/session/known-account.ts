import { type AuthError, isAuthError } from '../errors/auth-error.ts'
import type { StoredCoolDown } from '../store/account.ts'
import { type Account, emptyAccount, hasLeft, succeed, type Tokens, withTokens } from './account.ts'
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

/** What could not be written. */
interface Unsaved {
  /** What it makes of the account that the store has; `undefined`: somebody else has decided otherwise. */
  readonly apply: AccountChange
  /** The tokens that nobody else knows. */
  readonly tokens?: Tokens | undefined
}

/**
 * What this process knows of one account: what it has read last, and what it could not write.
 *
 * What could not be written is part of whatever is read, so that nobody in this process sends the dead
 * predecessor of a pair, or goes on with a session that was signed out; and it goes along with the next write.
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
  #unsaved: Unsaved | undefined
  /** Whether the record was set aside because nobody could understand it. */
  #isDamaged = false

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

  /** Keeps what could not be written. */
  remember(apply: AccountChange, tokens?: Tokens): void {
    this.#unsaved = { apply, tokens }
    this.#take(this.#latest ?? emptyAccount)
  }

  /** The account with a new pair; see {@link succeed}. */
  succeed(current: Account, pair: UnsavedPair): Account | undefined {
    // A damaged record was set aside under our hands: ours is all that is left of it.
    const isLost = this.#isDamaged && current === emptyAccount
    return isLost ? withTokens(current, pair.tokens) : succeed(current, pair)
  }

  async read(): Promise<Account> {
    return this.#complete(await this.#noticing(this.#accounts.read()))
  }

  async swap(change: AccountChange): Promise<Account> {
    const unsaved = this.#unsaved
    let isTaken = false
    const account = await this.#noticing(
      this.#accounts.swap((found) => {
        const completed = unsaved?.apply(found)
        isTaken = completed !== undefined
        return change(completed ?? found) ?? completed
      }),
    )
    if (unsaved === undefined || this.#unsaved !== unsaved) return account
    this.#unsaved = undefined
    // Somebody has signed out or in: that stands.
    if (!isTaken && unsaved.tokens !== undefined) await this.giveUp(unsaved.tokens, account)
    return account
  }

  /**
   * Gives a pair up that did not become part of the account, unless it belongs to the session that the
   * account has: to revoke one of its tokens may end all of them (RFC 7009 §2.1).
   */
  async giveUp(tokens: Tokens, account: Account): Promise<void> {
    if (hasLeft(account, tokens)) await this.#discard(tokens)
  }

  async #noticing<T>(operation: Promise<T>): Promise<T> {
    try {
      return await operation
    } catch (error) {
      if (isAuthError(error, 'store_corrupt')) this.#isDamaged = true
      throw error
    }
  }

  #complete(account: Account): Account {
    return this.#unsaved?.apply(account) ?? account
  }

  #take(found: Account): void {
    if (found !== emptyAccount) this.#isDamaged = false
    const account = this.#complete(found)
    const before = tokensOf(this.#latest)
    // Another token, whoever obtained it: the trouble is over.
    if (before === undefined || !before.accessToken.equals(tokensOf(account)?.accessToken)) {
      this.trouble = undefined
      this.coolDown = undefined
    }
    this.#latest = account
  }
}

function tokensOf(account: Account | undefined): Tokens | undefined {
  return account?.session.status === 'signed-in' ? account.session.tokens : undefined
}

import { isAuthError } from '../errors/auth-error.ts'
import type { Lease, Lock } from '../lock/lock.ts'
import { nameOf, type StoreKey, type TokenStore } from '../store/store.ts'
import type { Account, Tokens } from './account.ts'
import type { KnownAccount, UnsavedPair } from './known-account.ts'
import type { RenewalOutcome } from './outcome.ts'
import { type RenewalResult, renewSession } from './renewal.ts'
import { requireTokens } from './session-errors.ts'
import { waitForStore } from './store-waiter.ts'

/** What renewals work with. */
export interface LockedRenewalsOptions {
  readonly key: StoreKey
  readonly store: TokenStore
  readonly lock: Lock
  readonly known: KnownAccount
  readonly now: () => number
  readonly wait: (ms: number) => Promise<void>
  /** Longest wait for the lock, ms. */
  readonly lockTimeoutMs: number
  /**
   * Gets everything ready that a renewal request needs, before the lock is waited for. What it gives
   * sends that request, and does nothing else.
   */
  readonly prepare: () => Promise<(tokens: Tokens) => Promise<RenewalOutcome>>
  /** Reads the store, and tells of it. */
  readonly reload: () => Promise<Account>
}

/** The renewals of one process, each under the lock of all who share the store. */
export class LockedRenewals {
  readonly #options: LockedRenewalsOptions
  /** How many are under the lock: one, or more where a lease was lost. */
  #holding = 0

  constructor(options: LockedRenewalsOptions) {
    this.#options = options
  }

  get isUnderLock(): boolean {
    return this.#holding > 0
  }

  /**
   * Waits for the lock and renews, or for somebody else to be done.
   *
   * @param isGood whether tokens found in the store make a request needless
   * @throws AuthError `login_required`, `session_expired`, `store_unavailable`, `lock_timeout`
   */
  async run(isGood: (tokens: Tokens) => boolean): Promise<RenewalResult> {
    const { known, reload } = this.#options
    let renew: (lease: Lease) => Promise<RenewalResult>
    try {
      renew = await this.#prepare(isGood)
    } catch (error) {
      // Not even begun.
      if (!isAuthError(error) || known.latest === undefined) throw error
      return { type: 'kept', tokens: requireTokens(known.latest), error }
    }
    const waiting = waitForStore({
      read: reload,
      isDone: ({ session }) => session.status !== 'signed-in' || isGood(session.tokens),
    })
    const attempt = () =>
      this.#alone(waiting.done, (lease) => {
        waiting.stop()
        return renew(lease)
      })
    try {
      const result = await attempt()
      // Whoever took over has renewed: that is found under the lock.
      return mayTryAgain(result) ? await attempt() : result
    } catch (error) {
      if (!waiting.done.aborted) throw error
      return { type: 'adopted', tokens: requireTokens(known.latest ?? (await reload())) }
    } finally {
      waiting.stop()
    }
  }

  async #prepare(isGood: (tokens: Tokens) => boolean) {
    const { store, prepare, known, now, wait } = this.#options
    const renew = await prepare()
    const shared = store.describe().shared !== 'process'
    return (lease: Lease) => renewSession({ known, isGood, now, wait, renew, shared }, lease)
  }

  async #alone(
    signal: AbortSignal,
    work: (lease: Lease) => Promise<RenewalResult>,
  ): Promise<RenewalResult> {
    const { key, lock, lockTimeoutMs: timeoutMs } = this.#options
    let entered = 0
    try {
      return await lock.withLock(nameOf(key), { timeoutMs, signal }, async (lease) => {
        entered = 1
        this.#holding += 1
        const result = await work(lease)
        // Before the next one gets the lock, who would send the dead predecessor again.
        if (result.type === 'unsaved') this.#remember(result)
        return result
      })
    } finally {
      this.#holding -= entered
    }
  }

  #remember(pair: UnsavedPair): void {
    const { known } = this.#options
    known.remember((found) => known.succeed(found, pair), pair.tokens)
  }
}

/** Nothing was sent: one token request per call is still to be had. */
function mayTryAgain(result: RenewalResult): boolean {
  return result.type === 'overtaken' || (result.type === 'outdated' && !result.sent)
}

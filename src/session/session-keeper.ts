import { abortedError, raceSignal } from '../async/abort.ts'
import { once } from '../async/once.ts'
import { singleFlight } from '../async/single-flight.ts'
import { type AuthError, isAuthError } from '../errors/auth-error.ts'
import { loadPart } from '../errors/load-part.ts'
import type { Secret } from '../secret/secret.ts'
import { type Account, emptyAccount, holds, type Tokens } from './account.ts'
import { type AccountChange, mayBeWritten } from './account-store.ts'
import { isFresh, isValid, renewalDueAt } from './freshness.ts'
import type {
  RefreshRequest,
  SessionKeeperOptions,
  TokenRequest,
  WantedTokens,
} from './keeper-types.ts'
import { KnownAccount, type Trouble } from './known-account.ts'
import type { LockedRenewals } from './locked-renewals.ts'
import type { RenewalResult } from './renewal.ts'
import { endedAgain, isEnd, lostLease, requireTokens } from './session-errors.ts'
import type { settle } from './settlement.ts'

/** Failures before anything was sent: the store, the lock, or a part of this program that could not be loaded. */
const passing: ReadonlySet<string> = new Set(['store_unavailable', 'lock_timeout', 'network_error'])

/** For how long a store that does not answer is left alone, while there is a token to serve, ms. */
const storeRestMs = 5_000

/** What is loaded with the first renewal. */
interface Renewing {
  readonly renewals: LockedRenewals
  readonly settle: typeof settle
}

/**
 * Owns the lifetime of one account's credentials: one renewal per expiry over all who share the
 * store, persisted before it is used.
 *
 * 1. A token that is fresh enough is returned from memory, without I/O.
 * 2. A renewal under way in this process is joined.
 * 3. Otherwise the lock is waited for; a fresh pair that shows up in the store meanwhile is adopted.
 *
 * The rest happens under the lock: see {@link renewSession}.
 */
export class SessionKeeper {
  readonly #options: SessionKeeperOptions
  readonly #known: KnownAccount
  /** Most programs end before their token does: its code is loaded on first use. */
  readonly #renewals: () => Promise<Renewing>
  #loaded: LockedRenewals | undefined
  readonly #jitter: number
  #stopWatching: (() => void) | undefined
  /** When a renewal last came to nothing because the store did not answer, epoch ms. */
  #storeFailedAt = Number.NEGATIVE_INFINITY
  #closed = false

  constructor(options: SessionKeeperOptions) {
    this.#options = options
    const { store, key, now, discard } = options
    const known = new KnownAccount({ store, key, now, discard })
    this.#known = known
    this.#renewals = once(async () => {
      const { LockedRenewals, settle } = await loadPart(import('./renewing.ts'))
      this.#loaded = new LockedRenewals({ ...options, known, reload: () => this.reload() })
      return { renewals: this.#loaded, settle }
    })
    this.#jitter = options.random()
  }

  /** What was last seen, without I/O; `undefined` before the first read. */
  get known(): Account | undefined {
    return this.#known.latest
  }

  get degraded(): Trouble | undefined {
    return this.#known.trouble
  }

  /** Whether a renewal of this process holds the lock. */
  get isUnderLock(): boolean {
    return this.#loaded?.isUnderLock ?? false
  }

  /** When the session stops being fresh, epoch ms; `undefined`: there is none, or it cannot be renewed. */
  renewalDueAt(): number | undefined {
    const session = this.#known.latest?.session
    return session?.status === 'signed-in' && session.tokens.refreshToken !== undefined
      ? renewalDueAt(session.tokens, { now: this.#options.now(), random: this.#jitter })
      : undefined
  }

  /** What is held, read from the store the first time only. */
  async account(): Promise<Account> {
    return this.#known.latest ?? this.reload()
  }

  /** Reads the store. */
  readonly reload = singleFlight(async () => {
    this.#watch()
    await this.#known.read()
    return this.#changed()
  })

  /**
   * Tokens whose access token can be used now.
   * @throws AuthError `login_required`, `session_expired`, `refresh_failed`, `store_unavailable`, `lock_timeout`, `aborted`
   */
  tokens(request: TokenRequest = {}): Promise<Tokens> {
    const session = this.#known.latest?.session
    // Only a session is trusted from memory: that there is none may have changed elsewhere.
    const known = !this.#known.hasUnsaved && session?.status === 'signed-in'
    return known ? this.#freshen(session.tokens, request) : this.#load(request)
  }

  /**
   * Renews although the access token may be fresh. A pair that somebody else obtained meanwhile counts.
   * @param options.refused the access token that is no good; default: the one that is known
   */
  async refresh({ refused, signal }: RefreshRequest = {}): Promise<Tokens> {
    const { session } = await raceSignal(this.account(), signal)
    // Later: what is found instead, where somebody else has decided otherwise, is a new pair already.
    if (this.#known.hasUnsaved) await raceSignal(this.#saveAgain(), signal)
    const known = session.status === 'signed-in' ? session.tokens.accessToken : undefined
    return raceSignal(this.#renewNow(refused ?? known), signal)
  }

  /**
   * Changes the account by compare-and-swap, without the lock: a renewal under way finds the change
   * when it commits, and gives way to it. `change` may run several times; `undefined` leaves all as it is.
   *
   * @returns the account as it is afterwards
   */
  async update(change: AccountChange): Promise<Account> {
    try {
      return await this.#known.swap(change)
    } finally {
      // What was read is known, although it could not be changed.
      this.#changed()
    }
  }

  /** Reads the store from now on: a read that is under way may have begun before something else happened. */
  readAnew(): Promise<Account> {
    return this.update(() => undefined)
  }

  /** Changes the account for this process although the store cannot be changed, and there as soon as it can. */
  insist(change: AccountChange): void {
    this.#known.remember(change)
    this.#changed()
  }

  /**
   * Ends the session although nothing was renewed: its access token is dead and cannot be replaced.
   * @returns the tokens of another session, where somebody has begun one meanwhile
   * @throws AuthError `session_expired`, `login_required`
   */
  async end(tokens: Tokens): Promise<Tokens> {
    const account = await this.update((current) =>
      holds(current, tokens) ? { ...current, session: { status: 'expired' } } : undefined,
    )
    return requireTokens(account)
  }

  /** Stops watching the store. */
  close(): void {
    this.#closed = true
    this.#stopWatching?.()
    this.#stopWatching = undefined
  }

  async #load(request: TokenRequest): Promise<Tokens> {
    const { signal } = request
    if (this.#known.hasUnsaved && !this.#isStoreDown) await raceSignal(this.#saveAgain(), signal)
    const known =
      this.#known.latest?.session.status === 'signed-in' ? this.#known.latest : undefined
    const tokens = requireTokens(known ?? (await raceSignal(this.reload(), signal)))
    return this.#freshen(tokens, request)
  }

  /** Not `async`: thousands may wait for one renewal, and need no more than its promise. */
  #freshen(tokens: Tokens, { minValidityMs = 0, signal }: TokenRequest): Promise<Tokens> {
    if (this.isFresh(tokens, minValidityMs)) return Promise.resolve(tokens)
    if (signal?.aborted) return Promise.reject(abortedError(signal))
    if (this.#isStoreDown && isValid(tokens, this.#options.now())) return Promise.resolve(tokens)
    // The renewal goes on when its caller leaves: a rotated pair has to be persisted in any case.
    return raceSignal(this.#renewStale(minValidityMs), signal)
  }

  /** A store that hangs would cost its whole time limit at each call. */
  get #isStoreDown(): boolean {
    const sinceFailure = this.#options.now() - this.#storeFailedAt
    return sinceFailure >= 0 && sinceFailure < storeRestMs
  }

  /** Whether a token is fresh as this process counts; see {@link isFresh}. */
  isFresh(tokens: Tokens, minValidityMs = 0): boolean {
    const now = this.#options.now()
    return isFresh(tokens, { now, minValidityMs, random: this.#jitter })
  }

  /** Joins the renewal under way, unless it was started for a caller who needs less. */
  readonly #renewStale = singleFlight(
    (minValidityMs: number) =>
      this.#renew({ isGood: (tokens) => this.isFresh(tokens, minValidityMs), serveValid: true }),
    ([underWay], [asked]) => underWay >= asked,
  )

  /** Joins a renewal in place of the same access token. */
  readonly #renewNow = singleFlight(
    (replaced: Secret | undefined) => {
      const isGood = (tokens: Tokens) =>
        !tokens.accessToken.equals(replaced) && this.isFresh(tokens)
      return this.#renew({ isGood, serveValid: false })
    },
    ([underWay], [asked]) => asked === undefined || asked.equals(underWay),
  )

  /** Step 3. */
  async #renew(wanted: WantedTokens): Promise<Tokens> {
    let settle: Renewing['settle']
    let result: RenewalResult
    try {
      const renewing = await this.#renewals()
      settle = renewing.settle
      result = await renewing.renewals.run(wanted.isGood)
    } catch (error) {
      return this.#afterFailure(error, wanted)
    } finally {
      // Another call of this process may have the lock, or have it by now.
      if (!this.isUnderLock) this.#options.onEvent({ type: 'released' })
    }
    if (result.type === 'overtaken') return this.#afterFailure(lostLease(), wanted)
    return settle(result, {
      ...this.#options,
      known: this.#known,
      serveValid: wanted.serveValid,
      degrade: (error) => this.#degrade(error),
    })
  }

  /** What is left when the renewal came to nothing: nothing was sent, or the session has ended. */
  async #afterFailure(error: unknown, { isGood, serveValid }: WantedTokens): Promise<Tokens> {
    const session = this.#known.latest?.session
    const passes = isAuthError(error) && passing.has(error.code)
    if (serveValid && passes && session?.status === 'signed-in') {
      if (isValid(session.tokens, this.#options.now())) {
        this.#degrade(error)
        this.#noticeSilence(error)
        return session.tokens
      }
    }
    if (!isEnd(error)) throw error
    // Everybody is to see it. The error is the answer; a store that cannot be read now does not change it.
    await this.reload().catch(() => {})
    const later = this.#known.latest?.session
    if (later?.status !== 'signed-in') throw error
    // Somebody has signed in meanwhile, perhaps long before those who joined this renewal have come.
    if (isGood(later.tokens) || (serveValid && isValid(later.tokens, this.#options.now()))) {
      return later.tokens
    }
    throw endedAgain()
  }

  #noticeSilence(error: AuthError): void {
    if (mayBeWritten(error)) this.#storeFailedAt = this.#options.now()
  }

  #degrade(error: AuthError): void {
    const { onEvent, now } = this.#options
    this.#known.trouble = { error, since: this.#known.trouble?.since ?? now() }
    onEvent({ type: 'degraded', error })
    onEvent({ type: 'changed' })
  }

  readonly #saveAgain = singleFlight(async () => {
    try {
      await this.#known.swap(() => undefined)
      this.#changed()
    } catch (error) {
      if (!isAuthError(error)) throw error
      this.#noticeSilence(error)
      this.#options.onEvent({ type: 'unsaved', error })
    }
  })

  /** @returns what is known now */
  #changed(): Account {
    this.#options.onEvent({ type: 'changed' })
    return this.#known.latest ?? emptyAccount
  }

  #watch(): void {
    const { store, key } = this.#options
    if (this.#closed || this.#stopWatching !== undefined) return
    this.#stopWatching = store.watch?.(key, () => {
      // A change that cannot be read now will be met by the next caller, who gets the error.
      this.reload().catch(() => {})
    })
  }
}

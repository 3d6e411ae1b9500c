import { raceSignal } from '../async/abort.ts'
import { singleFlight } from '../async/single-flight.ts'
import { AuthError, isAuthError } from '../errors/auth-error.ts'
import type { Lock } from '../lock/lock.ts'
import { nameOf, type StoreKey, type TokenStore } from '../store/store.ts'
import { type Account, emptyAccount, fromStored, type Tokens, toStored } from './account.ts'
import { isFresh, isValid } from './freshness.ts'
import type { RenewalOutcome } from './outcome.ts'
import { loginRequired, refreshFailed, sessionExpired } from './session-errors.ts'

/** What the keeper works with; everything that touches the world is passed in. */
export interface SessionKeeperOptions {
  readonly key: StoreKey
  readonly store: TokenStore
  readonly lock: Lock
  readonly now: () => number
  readonly random: () => number
  /** Longest wait for the lock, ms. */
  readonly lockTimeoutMs: number
  /** Sends one renewal request; see {@link RenewalOutcome}. */
  readonly renew: (tokens: Tokens) => Promise<RenewalOutcome>
  /** Gives up a pair that arrived after the person had signed out. */
  readonly discard: (tokens: Tokens) => Promise<void>
  /** Called after the lock is released, never inside it. */
  readonly onEvent: (event: KeeperEvent) => void
}

/** What happened to the session, in the order it happened. */
export type KeeperEvent =
  | { readonly type: 'changed' }
  | { readonly type: 'renewed' }
  | { readonly type: 'degraded'; readonly error: AuthError }
  | { readonly type: 'unsaved'; readonly error: AuthError }

/** Which tokens a caller can use. */
export interface TokenRequest {
  /** How long they have to be valid for still, ms. */
  readonly minValidityMs?: number | undefined
  readonly signal?: AbortSignal | undefined
}

const maximalSwaps = 5

/**
 * Owns the lifetime of one account's credentials: one renewal per expiry, persisted before it is used.
 *
 * It keeps what it last saw in memory, so that a fresh token costs no I/O, and reads the store again
 * before it decides anything.
 */
export class SessionKeeper {
  readonly #options: SessionKeeperOptions
  readonly #jitter: number
  readonly #pending: KeeperEvent[] = []
  #account: Account | undefined
  /** A pair that could not be written yet, and the dead one that the store still holds. */
  #unsaved: { readonly tokens: Tokens; readonly predecessor: Tokens } | undefined
  #closed = false
  #adoptions = 0
  #locks = 0
  #degraded: { readonly error: AuthError; readonly since: number } | undefined
  #stopWatching: (() => void) | undefined

  constructor(options: SessionKeeperOptions) {
    this.#options = options
    this.#jitter = options.random()
  }

  /** What was last seen, without I/O; `undefined` before the first read. */
  get known(): Account | undefined {
    return this.#account
  }

  get degraded(): { readonly error: AuthError; readonly since: number } | undefined {
    return this.#degraded
  }

  /** What is held, read from the store the first time only. */
  async account(): Promise<Account> {
    return this.#account ?? this.reload()
  }

  /** Reads the store. */
  readonly reload = singleFlight(async () => {
    const { store, key, now } = this.#options
    if (!this.#closed) {
      this.#stopWatching ??= store.watch?.(key, () => {
        // A change that cannot be read now will be met by the next caller, who gets the error.
        this.reload().catch(() => {})
      })
    }
    for (;;) {
      const before = this.#adoptions
      const entry = await store.read(key)
      // What was read may be older than what a renewal has committed meanwhile.
      if (this.#adoptions !== before) continue
      const account = this.#adopt(fromStored(entry?.value, now()))
      this.#flush()
      return account
    }
  })

  /**
   * Tokens whose access token can be used now.
   * @throws AuthError `login_required`, `session_expired`, `refresh_failed`, `store_unavailable`, `lock_timeout`, `aborted`
   */
  async tokens({ minValidityMs, signal }: TokenRequest = {}): Promise<Tokens> {
    if (this.#unsaved !== undefined) await raceSignal(this.#saveAgain(), signal)
    // Only a session is trusted from memory: that there is none may have changed elsewhere.
    const known = this.#account?.session.status === 'signed-in' ? this.#account : undefined
    const tokens = requireTokens(known ?? (await raceSignal(this.reload(), signal)))
    if (this.#isFresh(tokens, minValidityMs)) return tokens
    // The renewal goes on when its caller leaves: a rotated pair has to be persisted in any case.
    return raceSignal(this.#renewStale(minValidityMs), signal)
  }

  /** Renews although the access token may be fresh. A pair that somebody else obtained meanwhile counts. */
  async refresh({ signal }: { signal?: AbortSignal | undefined } = {}): Promise<Tokens> {
    await raceSignal(this.account(), signal)
    return raceSignal(this.#renewNow(), signal)
  }

  /**
   * Changes the account by compare-and-swap. `change` may run several times; `undefined` leaves all as it is.
   * @returns the account as it is afterwards
   */
  async update(change: (account: Account) => Account | undefined): Promise<Account> {
    return this.#locked(() => this.#swap(change))
  }

  /** Stops watching the store. */
  close(): void {
    this.#closed = true
    this.#stopWatching?.()
    this.#stopWatching = undefined
  }

  #isFresh(tokens: Tokens, minValidityMs: number | undefined): boolean {
    const now = this.#options.now()
    return isFresh(tokens, { now, minValidityMs, random: this.#jitter })
  }

  #staleFlight: { promise: Promise<Tokens>; minValidityMs: number } | undefined

  /** Joins the renewal under way, unless it was started for a caller who needs less. */
  #renewStale(minValidityMs = 0): Promise<Tokens> {
    const flight = this.#staleFlight
    if (flight !== undefined && flight.minValidityMs >= minValidityMs) return flight.promise
    const promise = this.#renew((tokens) => this.#isFresh(tokens, minValidityMs)).finally(() => {
      if (this.#staleFlight?.promise === promise) this.#staleFlight = undefined
    })
    this.#staleFlight = { promise, minValidityMs }
    return promise
  }

  readonly #renewNow = singleFlight(() => {
    const session = this.#account?.session
    const seen = session?.status === 'signed-in' ? session.tokens.accessToken : undefined
    return this.#renew((tokens) => !tokens.accessToken.equals(seen) && this.#isFresh(tokens, 0), {
      serveValid: false,
    })
  })

  /**
   * One renewal under the lock.
   * @param isGood whether the tokens found in the store make a request needless
   */
  #renew(
    isGood: (tokens: Tokens) => boolean,
    { serveValid = true }: { serveValid?: boolean } = {},
  ): Promise<Tokens> {
    return this.#locked(async () => {
      const { store, key, now, renew } = this.#options
      const entry = await store.read(key)
      this.#adopt(fromStored(entry?.value, now()))
      const tokens = requireTokens(this.#account)
      if (isGood(tokens)) return tokens
      if (tokens.refreshToken === undefined) {
        if (!isValid(tokens, now())) return this.#expire(tokens)
        if (serveValid) return tokens
      }
      const outcome = await renew(tokens)
      switch (outcome.type) {
        case 'renewed':
          return this.#commitRenewed(outcome.tokens, tokens)
        case 'refused':
          return this.#expire(tokens, outcome.error)
        case 'unavailable':
        case 'ambiguous':
          this.#degrade(outcome.error)
          if (serveValid && isValid(tokens, now())) return tokens
          throw refreshFailed(outcome.error)
      }
    })
  }

  /** A rotated pair is durable before anybody gets it; when that fails, it is at least not lost. */
  async #commitRenewed(tokens: Tokens, predecessor: Tokens): Promise<Tokens> {
    let account: Account
    try {
      account = await this.#swap((current) =>
        // A sign-out that happened meanwhile stands.
        current.session.status === 'signed-out' ? undefined : withTokens(current, tokens),
      )
    } catch (error) {
      if (!isAuthError(error)) throw error
      this.#unsaved = { tokens, predecessor }
      this.#adopt(withTokens(this.#account ?? emptyAccount, tokens))
      this.#pending.push({ type: 'unsaved', error })
      return tokens
    }
    if (account.session.status === 'signed-out') {
      await this.#options.discard(tokens)
      throw loginRequired()
    }
    this.#degraded = undefined
    this.#pending.push({ type: 'renewed' })
    return tokens
  }

  readonly #saveAgain = singleFlight(async () => {
    const unsaved = this.#unsaved
    if (unsaved === undefined) return
    const { tokens, predecessor } = unsaved
    try {
      await this.#locked(() =>
        this.#swap((current) =>
          holds(current, predecessor) ? withTokens(current, tokens) : undefined,
        ),
      )
      this.#unsaved = undefined
    } catch (error) {
      if (!isAuthError(error)) throw error
    }
  })

  async #expire(tokens: Tokens, cause?: AuthError): Promise<never> {
    await this.#swap((current) =>
      holds(current, tokens) ? { ...current, session: { status: 'expired' } } : undefined,
    )
    throw sessionExpired(cause)
  }

  #degrade(error: AuthError): void {
    this.#degraded = { error, since: this.#degraded?.since ?? this.#options.now() }
    this.#pending.push({ type: 'degraded', error }, { type: 'changed' })
  }

  async #swap(change: (account: Account) => Account | undefined): Promise<Account> {
    const { store, key, now } = this.#options
    for (let attempt = 0; attempt < maximalSwaps; attempt++) {
      const entry = await store.read(key)
      const account = fromStored(entry?.value, now())
      const changed = change(account)
      if (changed === undefined) return this.#adopt(account)
      const result = await store.commit(key, entry?.revision, toStored(changed))
      if (result.ok) return this.#adopt(changed)
    }
    throw new AuthError('lock_timeout', 'Somebody else keeps changing the same credentials.')
  }

  #adopt(found: Account): Account {
    const unsaved = this.#unsaved
    const behind = unsaved !== undefined && holds(found, unsaved.predecessor)
    const account = behind ? withTokens(found, unsaved.tokens) : found
    this.#account = account
    this.#adoptions += 1
    if (account.session.status !== 'signed-in') this.#degraded = undefined
    this.#pending.push({ type: 'changed' })
    return account
  }

  async #locked<T>(work: () => Promise<T>): Promise<T> {
    const { lock, key, lockTimeoutMs } = this.#options
    this.#locks += 1
    try {
      return await lock.withLock(nameOf(key), { timeoutMs: lockTimeoutMs }, work)
    } finally {
      this.#locks -= 1
      this.#flush()
    }
  }

  /** Tells what happened, outside the lock: a listener may take long, fail, or call us again. */
  #flush(): void {
    if (this.#locks > 0) return
    for (const event of this.#pending.splice(0)) this.#options.onEvent(event)
  }
}

function requireTokens(account: Account | undefined): Tokens {
  switch (account?.session.status) {
    case 'signed-in':
      return account.session.tokens
    case 'expired':
      throw sessionExpired()
    default:
      throw loginRequired()
  }
}

function withTokens(account: Account, tokens: Tokens): Account {
  return { ...account, session: { status: 'signed-in', tokens } }
}

/** Whether these very tokens are what the account has. */
function holds({ session }: Account, tokens: Tokens): boolean {
  return session.status === 'signed-in' && session.tokens.accessToken.equals(tokens.accessToken)
}

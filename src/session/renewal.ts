import { type AuthError, isAuthError } from '../errors/auth-error.ts'
import type { Lease } from '../lock/lock.ts'
import { type Account, emptyAccount, holds, type Tokens } from './account.ts'
import { coolDownError, coolDownFor, longerCoolDown, remainingCoolDownMs } from './cool-down.ts'
import { isValid } from './freshness.ts'
import type { KnownAccount, UnsavedPair } from './known-account.ts'
import type { RenewalOutcome } from './outcome.ts'
import { requireTokens, sessionExpired } from './session-errors.ts'
import { tokenHash } from './token-hash.ts'

/** What one renewal works with. Nothing else runs while the lock is held. */
export interface RenewalContext {
  readonly known: KnownAccount
  /** Whether tokens found in the store make a request needless. */
  readonly isGood: (tokens: Tokens) => boolean
  readonly now: () => number
  readonly wait: (ms: number) => Promise<void>
  /** Sends one renewal request. */
  readonly renew: (tokens: Tokens) => Promise<RenewalOutcome>
  /** Whether another process may know a successor of our pair. */
  readonly shared: boolean
}

/** What came of one renewal under the lock. */
export type RenewalResult =
  /** Somebody else's pair, found in the store: no request was sent. */
  | { readonly type: 'adopted'; readonly tokens: Tokens }
  /** Somebody else's pair, which has ended again: this machine slept, or that of the other one. */
  | { readonly type: 'outdated'; readonly tokens: Tokens; readonly sent: boolean }
  | { readonly type: 'renewed'; readonly tokens: Tokens }
  /** A new pair that could not be written: it is served from memory, and written later. */
  | ({ readonly type: 'unsaved'; readonly error: AuthError } & UnsavedPair)
  /** Nothing was renewed and nothing lost: the tokens are what they were. */
  | { readonly type: 'kept'; readonly tokens: Tokens; readonly error: AuthError }
  /** This process stalled, and another one took over before anything was sent. */
  | { readonly type: 'overtaken' }

/** How long another process may take to write the pair that it got for our refresh token, ms. */
const successorWaitMs = 5_000
const successorPollMs = 250
/** The pauses between attempts to write a new pair: two seconds in all. */
const commitPausesMs = [100, 300, 600, 1_000]

/**
 * Renews the session, under the lock (DESIGN: the session, steps 4 to 7).
 *
 * 4. Read the store again: what somebody else has renewed meanwhile is adopted, a sign-out is final.
 * 5. Write down the intent, or send nothing: after a crash, whoever comes next knows what was under way.
 * 6. Send the refresh token, once.
 * 7. Commit by compare-and-swap before anybody gets the new pair.
 *
 * | row | what came back | what happens |
 * |---|---|---|
 * | A | a new pair; the record still has its predecessor | commit |
 * | B | a new pair; the record says `expired` for its predecessor | somebody gave up too early: commit |
 * | C | a new pair; the record is signed out, or has another pair | that stands; ours is revoked unless it is of the same sign-in |
 * | D | a new pair that cannot be written | a few attempts, then it is served from memory |
 * | E | the refresh token is refused | look for a successor for 5 s and adopt it; else `expired`, the API key stays |
 * | F | no answer, or one that breaks off | keep everything; the same token again after the cool-down |
 * | G | the server did not act | keep everything; cool down as told |
 *
 * @throws AuthError `login_required`, `session_expired`, `store_unavailable`, `lock_timeout`
 */
export async function renewSession(context: RenewalContext, lease: Lease): Promise<RenewalResult> {
  const account = await context.known.read()
  const tokens = requireTokens(account)
  if (context.isGood(tokens)) return { type: 'adopted', tokens }
  const { refreshToken } = tokens
  if (refreshToken === undefined) return withoutRefreshToken(context, tokens)
  const paused = pauseOf(context, account)
  if (paused !== undefined) return { ...paused, tokens }

  const hash = await tokenHash(refreshToken)
  const refusal = context.known.refusals.get(hash)
  if (refusal !== undefined) {
    return endUnlessSucceeded(context, { tokens, hash, error: refusal, sent: false })
  }
  const declared = await declareIntent(context, { tokens, hash })
  if (declared.type !== 'declared') return declared
  // Stalled for so long that somebody else has taken over: the token is theirs to send.
  if (!(await lease.isHeld())) return { type: 'overtaken' }

  const outcome = await context.renew(tokens)
  switch (outcome.type) {
    case 'renewed':
      return commitRenewed(context, { tokens: outcome.tokens, predecessor: tokens, hash })
    case 'refused':
      context.known.refusals.set(hash, outcome.error)
      return endUnlessSucceeded(context, { tokens, hash, error: outcome.error, sent: true })
    case 'ambiguous':
    case 'unavailable':
      return coolDown(context, { tokens, outcome })
  }
}

/** A token that cannot be renewed is used until its end. */
async function withoutRefreshToken(
  { known, now }: RenewalContext,
  tokens: Tokens,
): Promise<RenewalResult> {
  if (isValid(tokens, now())) return { type: 'adopted', tokens }
  await known.swap((current) => (holds(current, tokens) ? ended(current) : undefined))
  throw sessionExpired()
}

/** Step 5. If the store cannot be written, nothing is sent: its answer could not be kept. */
async function declareIntent(
  context: RenewalContext,
  { tokens, hash }: { tokens: Tokens; hash: string },
): Promise<RenewalResult | { readonly type: 'declared' }> {
  const { known, now } = context
  const intent = { refreshTokenHash: hash, since: now() }
  let account: Account
  try {
    account = await known.swap((current) =>
      holds(current, tokens) && pauseOf(context, current) === undefined
        ? { ...current, intent, coolDown: undefined }
        : undefined,
    )
  } catch (error) {
    if (!isAuthError(error) || !isValid(tokens, now())) throw error
    return { type: 'kept', tokens, error }
  }
  // A sign-in or a sign-out needs no lock, and may have come in between.
  if (!holds(account, tokens)) return adopt(context, { account, sent: false })
  // Whoever took over from us while we stalled may have been told to wait.
  const paused = pauseOf(context, account)
  return paused === undefined ? { type: 'declared' } : { ...paused, tokens }
}

/** The pause between token requests that goes on still, whoever was told of it. */
function pauseOf(
  { known, now }: RenewalContext,
  account: Account,
): { readonly type: 'kept'; readonly error: AuthError } | undefined {
  const longer = longerCoolDown(account.coolDown, known.coolDown, now())
  const ms = remainingCoolDownMs(longer, now())
  return ms > 0 ? { type: 'kept', error: coolDownError(longer, ms) } : undefined
}

/** Rows A to D. */
async function commitRenewed(
  context: RenewalContext,
  { tokens, predecessor, hash }: UnsavedPair,
): Promise<RenewalResult> {
  const { known, now, wait } = context
  // An attempt may itself take its time, on a file that somebody else has open.
  const giveUpAt = now() + commitPausesMs.reduce((sum, ms) => sum + ms)
  for (let attempt = 0; ; attempt++) {
    let account: Account
    try {
      account = await known.swap((current) => known.succeed(current, { tokens, predecessor, hash }))
    } catch (error) {
      if (!isAuthError(error)) throw error
      const pauseMs = commitPausesMs[attempt]
      if (pauseMs !== undefined && now() < giveUpAt) {
        await wait(pauseMs)
        continue
      }
      account = known.latest ?? emptyAccount
      const pair = { tokens, predecessor, hash }
      if (known.succeed(account, pair) !== undefined) return { type: 'unsaved', ...pair, error }
    }
    if (holds(account, tokens)) return { type: 'renewed', tokens }
    await known.giveUp(tokens, account)
    return adopt(context, { account, sent: true })
  }
}

/** @throws AuthError `login_required`, `session_expired` */
function adopt(
  { isGood }: RenewalContext,
  { account, sent }: { readonly account: Account; readonly sent: boolean },
): RenewalResult {
  const tokens = requireTokens(account)
  return isGood(tokens) ? { type: 'adopted', tokens } : { type: 'outdated', tokens, sent }
}

/** Row E. Whoever lost a race, or took over from a holder that had stalled, finds a good pair in the store. */
async function endUnlessSucceeded(
  context: RenewalContext,
  { tokens, hash, error, sent }: { tokens: Tokens; hash: string; error: AuthError; sent: boolean },
): Promise<RenewalResult> {
  const { known, now, wait, shared } = context
  // By the clock as well: in a slow store the reads take most of the time.
  const until = now() + successorWaitMs
  for (let waitedMs = 0; shared && waitedMs < successorWaitMs; waitedMs += successorPollMs) {
    if (!holds(await known.read(), tokens) || now() >= until) break
    await wait(successorPollMs)
  }
  const account = await known.swap((current) =>
    holds(current, tokens) ? ended(current, hash) : undefined,
  )
  if (account.session.status === 'expired') throw sessionExpired(error)
  return adopt(context, { account, sent })
}

/** Rows F and G. */
async function coolDown(
  context: RenewalContext,
  {
    tokens,
    outcome,
  }: { tokens: Tokens; outcome: Extract<RenewalOutcome, { type: 'ambiguous' | 'unavailable' }> },
): Promise<RenewalResult> {
  const { known, now } = context
  const { error, type } = outcome
  const coolDown = coolDownFor(outcome, now())
  let account: Account
  try {
    account = await known.swap((current) => {
      if (!holds(current, tokens)) return undefined
      // The server did not act: there is nothing under way. Otherwise the intent stays, as a reminder.
      const intent = type === 'ambiguous' ? current.intent : undefined
      // We may have stalled, and somebody else was told something since.
      return { ...current, intent, coolDown: longerCoolDown(current.coolDown, coolDown, now()) }
    })
  } catch (failure) {
    if (!isAuthError(failure)) throw failure
    account = known.latest ?? emptyAccount
  }
  // Somebody has signed in or out meanwhile: what came of the old pair does not matter any more.
  if (!holds(account, tokens)) return adopt(context, { account, sent: true })
  // For the case that the store could not be told.
  known.coolDown = coolDown
  return { type: 'kept', tokens, error }
}

function ended(account: Account, refreshTokenHash?: string): Account {
  return {
    ...account,
    session: { status: 'expired', refreshTokenHash },
    intent: undefined,
    coolDown: undefined,
  }
}

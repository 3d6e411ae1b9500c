import { type AuthError, isAuthError } from '../errors/auth-error.ts'
import type { Lease } from '../lock/lock.ts'
import type { StoredCoolDown } from '../store/account.ts'
import { type Account, holds, succeed, type Tokens } from './account.ts'
import type { AccountStore } from './account-store.ts'
import { coolDownError, coolDownFor, remainingCoolDownMs } from './cool-down.ts'
import { isValid } from './freshness.ts'
import type { RenewalOutcome } from './outcome.ts'
import { loginRequired, requireTokens, sessionExpired } from './session-errors.ts'
import { tokenHash } from './token-hash.ts'

/** What one renewal works with. Nothing else runs while the lock is held. */
export interface RenewalContext {
  readonly accounts: AccountStore
  readonly now: () => number
  readonly wait: (ms: number) => Promise<void>
  /** Sends one renewal request. */
  readonly renew: (tokens: Tokens) => Promise<RenewalOutcome>
  /** Gives up a pair that nobody will use. */
  readonly discard: (tokens: Tokens) => Promise<void>
  /** Whether another process may know a successor of our pair. */
  readonly shared: boolean
  /** A cool-down that could not be written to the store. */
  readonly coolDown: StoredCoolDown | undefined
}

/** What came of one renewal under the lock. */
export type RenewalResult =
  /** Somebody else's pair, found in the store: no request was sent. */
  | { readonly type: 'adopted'; readonly tokens: Tokens }
  | { readonly type: 'renewed'; readonly tokens: Tokens }
  /** A new pair that could not be written: it is served from memory, and written later. */
  | {
      readonly type: 'unsaved'
      readonly tokens: Tokens
      /** What the store still holds. */
      readonly predecessor: Tokens
      /** The hash of its refresh token. */
      readonly hash: string
      readonly error: AuthError
    }
  /** Nothing was renewed and nothing lost: the tokens are what they were. */
  | {
      readonly type: 'kept'
      readonly tokens: Tokens
      readonly error: AuthError
      readonly coolDown?: StoredCoolDown | undefined
    }
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
 * | C | a new pair; the record is signed out, or has another pair | that stands, ours is revoked |
 * | D | a new pair that cannot be written | a few attempts, then it is served from memory |
 * | E | the refresh token is refused | look for a successor for 5 s and adopt it; else `expired`, the API key stays |
 * | F | no answer, or one that breaks off | keep everything; the same token again after the cool-down |
 * | G | the server did not act | keep everything; cool down as told |
 *
 * @param isGood whether tokens found in the store make a request needless
 * @throws AuthError `login_required`, `session_expired`, `store_unavailable`, `lock_timeout`
 */
export async function renewSession(
  context: RenewalContext,
  { lease, isGood }: { readonly lease: Lease; readonly isGood: (tokens: Tokens) => boolean },
): Promise<RenewalResult> {
  const { accounts, now } = context
  const account = await accounts.read()
  const tokens = requireTokens(account)
  if (isGood(tokens)) return { type: 'adopted', tokens }
  const { refreshToken } = tokens
  if (refreshToken === undefined) return withoutRefreshToken(context, tokens)
  const paused = [account.coolDown, context.coolDown]
    .map((coolDown) => ({ coolDown, ms: remainingCoolDownMs(coolDown, now()) }))
    .find(({ ms }) => ms > 0)
  if (paused !== undefined) {
    return { type: 'kept', tokens, error: coolDownError(paused.coolDown, paused.ms) }
  }

  const hash = await tokenHash(refreshToken)
  const declared = await declareIntent(context, { tokens, hash })
  if (declared.type !== 'declared') return declared
  // Stalled for so long that somebody else has taken over: the token is theirs to send.
  if (!(await lease.isHeld())) return { type: 'overtaken' }

  const outcome = await context.renew(tokens)
  switch (outcome.type) {
    case 'renewed':
      return commitRenewed(context, { tokens: outcome.tokens, predecessor: tokens, hash })
    case 'refused':
      return endUnlessSucceeded(context, { tokens, hash, error: outcome.error })
    case 'ambiguous':
    case 'unavailable':
      return coolDown(context, { tokens, outcome })
  }
}

/** A token that cannot be renewed is used until its end. */
async function withoutRefreshToken(
  { accounts, now }: RenewalContext,
  tokens: Tokens,
): Promise<RenewalResult> {
  if (isValid(tokens, now())) return { type: 'adopted', tokens }
  await accounts.swap((current) => (holds(current, tokens) ? ended(current) : undefined))
  throw sessionExpired()
}

/** Step 5. If the store cannot be written, nothing is sent: its answer could not be kept. */
async function declareIntent(
  { accounts, now }: RenewalContext,
  { tokens, hash }: { tokens: Tokens; hash: string },
): Promise<RenewalResult | { readonly type: 'declared' }> {
  const intent = { refreshTokenHash: hash, since: now() }
  let account: Account
  try {
    account = await accounts.swap((current) =>
      holds(current, tokens) ? { ...current, intent, coolDown: undefined } : undefined,
    )
  } catch (error) {
    if (!isAuthError(error) || !isValid(tokens, now())) throw error
    return { type: 'kept', tokens, error }
  }
  // A sign-in or a sign-out needs no lock, and may have come in between.
  if (holds(account, tokens)) return { type: 'declared' }
  return { type: 'adopted', tokens: requireTokens(account) }
}

/** Rows A to D. */
async function commitRenewed(
  { accounts, now, wait, discard }: RenewalContext,
  { tokens, predecessor, hash }: { tokens: Tokens; predecessor: Tokens; hash: string },
): Promise<RenewalResult> {
  // An attempt may itself take its time, on a file that somebody else has open.
  const giveUpAt = now() + commitPausesMs.reduce((sum, ms) => sum + ms)
  for (let attempt = 0; ; attempt++) {
    let account: Account
    try {
      account = await accounts.swap((current) => succeed(current, { tokens, predecessor, hash }))
    } catch (error) {
      if (!isAuthError(error)) throw error
      const pauseMs = commitPausesMs[attempt]
      if (pauseMs === undefined || now() >= giveUpAt) {
        return { type: 'unsaved', tokens, predecessor, hash, error }
      }
      await wait(pauseMs)
      continue
    }
    if (holds(account, tokens)) return { type: 'renewed', tokens }
    await discard(tokens)
    return { type: 'adopted', tokens: requireTokens(account) }
  }
}

/** Row E. Whoever lost a race, or took over from a holder that had stalled, finds a good pair in the store. */
async function endUnlessSucceeded(
  { accounts, wait, shared }: RenewalContext,
  { tokens, hash, error }: { tokens: Tokens; hash: string; error: AuthError },
): Promise<RenewalResult> {
  for (let waitedMs = 0; shared && waitedMs < successorWaitMs; waitedMs += successorPollMs) {
    if (!holds(await accounts.read(), tokens)) break
    await wait(successorPollMs)
  }
  const account = await accounts.swap((current) =>
    holds(current, tokens) ? ended(current, hash) : undefined,
  )
  switch (account.session.status) {
    case 'signed-in':
      return { type: 'adopted', tokens: account.session.tokens }
    case 'signed-out':
      throw loginRequired()
    case 'expired':
      throw sessionExpired(error)
  }
}

/** Rows F and G. */
async function coolDown(
  { accounts, now }: RenewalContext,
  {
    tokens,
    outcome,
  }: { tokens: Tokens; outcome: Extract<RenewalOutcome, { type: 'ambiguous' | 'unavailable' }> },
): Promise<RenewalResult> {
  const { error, type } = outcome
  const coolDown = coolDownFor(outcome, now())
  try {
    await accounts.swap((current) => {
      if (!holds(current, tokens)) return undefined
      // The server did not act: there is nothing under way. Otherwise the intent stays, as a reminder.
      const intent = type === 'ambiguous' ? current.intent : undefined
      return { ...current, intent, coolDown }
    })
  } catch (failure) {
    if (!isAuthError(failure)) throw failure
  }
  // Told to our own process as well, for the case that the store could not be.
  return { type: 'kept', tokens, error, coolDown }
}

function ended(account: Account, refreshTokenHash?: string): Account {
  return {
    ...account,
    session: { status: 'expired', refreshTokenHash },
    intent: undefined,
    coolDown: undefined,
  }
}

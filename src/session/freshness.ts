import type { Tokens } from './account.ts'

const maximalMarginMs = 60_000
const marginOfLife = 0.1
/** Renewals of several processes spread over the last fifth of the margin. */
const jitter = 0.2
/**
 * What the clocks of those who share a store may differ by. Tokens that come from later than that were obtained
 * by a clock that was ahead, and corrected since: they end earlier than they say.
 */
const clockToleranceMs = 300_000

/** How `isFresh` judges. */
export interface FreshnessOptions {
  readonly now: number
  /** How long the token has to be valid for still, in ms; at most its life counts. */
  readonly minValidityMs?: number | undefined
  /** In [0, 1): where in the jitter this process stands. */
  readonly random?: number
}

/**
 * Whether an access token can be used without renewing it first. The margin before its expiry is a
 * tenth of its life, at most a minute, so that it does not end on its way to the service.
 */
export function isFresh(
  tokens: Tokens,
  { now, minValidityMs, random = 0 }: FreshnessOptions,
): boolean {
  const { expiresAt, obtainedAt = now } = tokens
  if (expiresAt === undefined) return true
  if (isAhead(tokens, now)) return false
  const lifeMs = Math.max(0, expiresAt - obtainedAt)
  const marginMs = marginOf(lifeMs, random)
  // A caller who wants more than the whole life would otherwise renew on every call.
  const wantedMs = Math.min(minValidityMs || 0, lifeMs - marginMs)
  return now < expiresAt - Math.max(marginMs, wantedMs)
}

/** When an access token stops being fresh, epoch ms; `undefined`: nobody knows. */
export function renewalDueAt(
  tokens: Tokens,
  { now, random }: { readonly now: number; readonly random: number },
): number | undefined {
  const { expiresAt, obtainedAt = expiresAt ?? 0 } = tokens
  if (expiresAt === undefined) return undefined
  if (isAhead(tokens, now)) return now
  return expiresAt - marginOf(Math.max(0, expiresAt - obtainedAt), random)
}

/** What cannot be renewed is good until the service refuses it. */
function isAhead({ obtainedAt = 0, refreshToken }: Tokens, now: number): boolean {
  return refreshToken !== undefined && obtainedAt > now + clockToleranceMs
}

/** Whether the service will still take the token now, margin or not. */
export function isValid(tokens: Tokens, now: number): boolean {
  return tokens.expiresAt === undefined || now < tokens.expiresAt
}

function marginOf(lifeMs: number, random: number): number {
  return Math.min(maximalMarginMs, lifeMs * marginOfLife) * (1 - jitter * random)
}

import { AuthError, type AuthErrorOptions } from '../errors/auth-error.ts'
import type { StoredCoolDown } from '../store/account.ts'
import type { RenewalOutcome } from './outcome.ts'

/** After a request of which nobody knows whether it was acted on, and after a limit that names no time, ms. */
const defaultMs = 60_000
/** Longer than any server means; where it is in the store, it comes from a clock that was wrong. */
const maximalMs = 86_400_000
/** What the clocks of those who share the store may differ by. */
const toleranceMs = 5_000

/** For how long no token request is sent after this outcome, for all who share the store. */
export function coolDownFor(
  { type, error }: Extract<RenewalOutcome, { type: 'ambiguous' | 'unavailable' }>,
  now: number,
): StoredCoolDown | undefined {
  const { code, retryAfterMs } = error
  const unknown = type === 'ambiguous' || code === 'rate_limited'
  const ms = retryAfterMs ?? (unknown ? defaultMs : undefined)
  if (ms === undefined) return undefined
  return { since: now, until: now + Math.min(ms, maximalMs), code }
}

/** How long a cool-down lasts still; one that begins in the future comes from a clock that was set back. */
export function remainingCoolDownMs(coolDown: StoredCoolDown | undefined, now: number): number {
  if (coolDown === undefined || now < (coolDown.since ?? now) - toleranceMs) return 0
  const ms = coolDown.until - now
  return ms > maximalMs ? 0 : Math.max(0, ms)
}

/** The one that lasts longer: what was told to somebody else holds as well. */
export function longerCoolDown(
  one: StoredCoolDown | undefined,
  other: StoredCoolDown | undefined,
  now: number,
): StoredCoolDown | undefined {
  return remainingCoolDownMs(one, now) > remainingCoolDownMs(other, now) ? one : other
}

/** The error for a request that was not sent. */
export function coolDownError(
  coolDown: StoredCoolDown | undefined,
  retryAfterMs: number,
): AuthError {
  const options: AuthErrorOptions = { retryAfterMs, retryable: true }
  return coolDown?.code === 'rate_limited'
    ? new AuthError('rate_limited', 'The authorization server asked to wait.', options)
    : new AuthError(
        'service_unavailable',
        'The last token request had no clear end; the next one has to wait.',
        options,
      )
}

import { type AuthError, isAuthError } from '../errors/auth-error.ts'
import { isOffline } from './transport.ts'

/** How long one call may go on trying, and how. */
export interface RetryLimits {
  /** How often a request may be repeated. */
  readonly retries: number
  /** What all waits of one call may add up to, ms. */
  readonly budgetMs: number
}

export const defaultRetryLimits: RetryLimits = { retries: 3, budgetMs: 20_000 }

const firstWaitMs = 300
const longestGuessMs = 5_000

/** Failures that pass by themselves. A 500 is not among them: some services answer a client's mistake with it (★20). */
const passingCodes = new Set(['network_error', 'timeout', 'rate_limited', 'service_unavailable'])

/**
 * Decides, failure by failure, whether a call is repeated and after how long.
 *
 * What the service asks for is kept to; without it the waits grow, with full jitter, so that many
 * clients that failed at one moment do not come back at one moment. A wait that the budget does not
 * cover is not begun: the caller gets the error, with `retryAfterMs`, at once.
 */
export function waitPlan(
  { retries, budgetMs }: RetryLimits,
  random: () => number,
): (error: unknown) => number | undefined {
  let attempt = 0
  let leftMs = budgetMs
  return (error) => {
    if (attempt >= retries || !isPassing(error)) return undefined
    const ceilingMs = Math.min(longestGuessMs, firstWaitMs * 2 ** attempt)
    const waitMs = error.retryAfterMs ?? ceilingMs * random()
    if (waitMs > leftMs) return undefined
    attempt += 1
    leftMs -= waitMs
    return waitMs
  }
}

/** A 401 was looked into already, and without a network nothing changes while we wait. */
function isPassing(error: unknown): error is AuthError {
  if (!isAuthError(error) || !error.retryable || !passingCodes.has(error.code)) return false
  return error.status !== 401 && !isOffline(error)
}

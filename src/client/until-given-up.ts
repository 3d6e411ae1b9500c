import { raceSignal, startDeadline } from '../async/abort.ts'
import { AuthError } from '../errors/auth-error.ts'

/** What a store that works needs at most, ms. */
const graceMs = 1_000

/**
 * Waits for the store at a sign-out, which is to be written although its caller gives up; but then no longer
 * than a store takes that works. What was begun goes on.
 *
 * @throws AuthError `store_unavailable`
 */
export function untilGivenUp<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  return raceSignal(work, signal).catch((error) => {
    if (!signal?.aborted) throw error
    const grace = startDeadline(graceMs)
    return raceSignal(work, grace.signal)
      .catch((error) => {
        throw grace.timedOut() ? unanswered() : error
      })
      .finally(grace.dispose)
  })
}

function unanswered(): AuthError {
  return new AuthError(
    'store_unavailable',
    'The sign-out was given up: the store did not answer.',
    {
      hint: 'Sign out again when it does; nothing was revoked.',
    },
  )
}

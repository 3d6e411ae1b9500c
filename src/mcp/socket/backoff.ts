import type { AuthError } from '../../errors/auth-error.ts'

const firstWaitMs = 500
const longestWaitMs = 30_000
/** A connection that lasted this long was a good one, ms. */
const stableMs = 10_000
/** How often in a row a credential may be refused that is good as far as anybody says. */
const maximalRefusals = 3

/** Says when to connect again. */
export interface Backoff {
  /** @returns after how many ms; `undefined`: not at all, somebody has to act first */
  next(error: AuthError): number | undefined
  /** There is a connection. */
  connected(): void
  /** Somebody asked for the connection anew. */
  reset(): void
}

/**
 * Waits that grow up to 30 s, with full jitter, so that the clients of a service that was restarted do
 * not come back all at once. What the service asks for is kept to. They start anew after a connection that lasted.
 */
export function createBackoff({
  random,
  now,
}: {
  readonly random: () => number
  readonly now: () => number
}): Backoff {
  let failures = 0
  let refusals = 0
  let connectedAt: number | undefined
  const reset = () => {
    failures = 0
    refusals = 0
  }
  return {
    next(error) {
      if (connectedAt !== undefined && now() - connectedAt >= stableMs) reset()
      connectedAt = undefined
      if (error.status === 401) refusals += 1
      if (!error.retryable || refusals > maximalRefusals) return undefined
      const ceilingMs = Math.min(longestWaitMs, firstWaitMs * 2 ** failures)
      failures += 1
      return Math.max(error.retryAfterMs ?? 0, ceilingMs * random())
    },
    connected() {
      connectedAt = now()
    },
    reset,
  }
}

import type { AuthError } from '../../errors/auth-error.ts'

const firstMs = 1_000
const longestMs = 30_000
const shortestAskedMs = 100
const longestAskedMs = 60_000

/**
 * How long to wait for the next connection: with full jitter, so that the many clients of a service that
 * cuts its streams, or comes back, do not all return at one moment.
 */
export class BackOff {
  readonly #maxRetries: number
  readonly #random: () => number
  #askedMs = 0
  #attempt = 0

  constructor(maxRetries: number, random: () => number) {
    this.#maxRetries = maxRetries
    this.#random = random
  }

  /** What the service asks for in `retry:`, within reason: the least that is waited (HTML Standard, §9.2.3). */
  set retryMs(ms: number) {
    this.#askedMs = Math.min(Math.max(ms, shortestAskedMs), longestAskedMs)
  }

  get attempt(): number {
    return this.#attempt
  }

  /** After a stream that worked. */
  reset(): void {
    this.#attempt = 0
  }

  /** @returns ms; `undefined` when there were tries enough, or another one is of no use */
  next(error: AuthError | undefined): number | undefined {
    if (this.#attempt >= this.#maxRetries || (error && !passes(error))) return undefined
    const ceilingMs = Math.min(longestMs, firstMs * 2 ** this.#attempt)
    this.#attempt += 1
    return Math.max(error?.retryAfterMs ?? 0, this.#askedMs + this.#random() * ceilingMs)
  }
}

/** A stream can be asked for again after any failure of the service: nothing was to be changed there. */
function passes({ retryable, status = 0 }: AuthError): boolean {
  return retryable || status >= 500
}

import type { AuthError } from '../../errors/auth-error.ts'

const firstMs = 1_000
const longestMs = 30_000
const shortestAskedMs = 100
const longestAskedMs = 60_000
/** So many short streams in a row are replaced soon. Then each is waited for longer, up to about the pause of browsers. */
const shortSoon = 5
const shortDoublings = 2

/**
 * How long to wait for the next connection: with full jitter, so that the many clients of a service that
 * cuts its streams, or comes back, do not all return at one moment.
 */
export class BackOff {
  readonly #maxRetries: number
  readonly #random: () => number
  #askedMs = 0
  #attempt = 0
  #short = 0

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

  /** After a stream that worked. One that was short may be the way of a service that ends a stream after each event. */
  reset({ short }: { readonly short: boolean }): void {
    this.#attempt = 0
    this.#short = short ? this.#short + 1 : 0
  }

  /** @returns ms; `undefined` when there were tries enough, or another one is of no use */
  next(error: AuthError | undefined): number | undefined {
    if (this.#attempt >= this.#maxRetries || (error && !passes(error))) return undefined
    const doublings = Math.max(this.#attempt, Math.min(this.#short - shortSoon, shortDoublings))
    const ceilingMs = Math.min(longestMs, firstMs * 2 ** doublings)
    this.#attempt += 1
    return Math.max(error?.retryAfterMs ?? 0, this.#askedMs + this.#random() * ceilingMs)
  }
}

/** A stream can be asked for again after any failure of the service: nothing was to be changed there. */
function passes({ retryable, status = 0 }: AuthError): boolean {
  return retryable || status >= 500
}

import type { AuthClient } from '../../src/client/auth-client.ts'

/** The engine's own limit for one call to the store. */
export const patienceMs = 14_000
/** For how long the engine then leaves the store alone, while it has a token to serve. */
export const storeRestMs = 5_000

/**
 * A process: a real client with a memory of its own. It can stop (`SIGSTOP`, a machine asleep) and go
 * on later, or die, at any step.
 */
export class Process {
  readonly name: string
  state: 'running' | 'stalled' | 'dead' = 'running'
  stalledAt = 0
  /** The newest revision of the record that it has heard of. */
  seenRevision = 0
  /** What it waits for from the store, and since when, epoch ms. */
  readonly storeCalls = new Set<{ readonly startedAt: number }>()
  lastStoreCall = { startedAt: 0, endedAt: 0 }
  /** When the store last failed it, or answered too late, as a number of steps. */
  troubledStep = -1
  /** The pairs that its callers were served, with the number of steps until then. */
  readonly served = new Map<number, number>()
  /** How many renewals are under way, under a lock that may be lost by now. */
  renewals = 0
  /** How many token requests its callers have called for, and how many it has sent, since it was last idle. */
  readonly requests = { allowed: 0, sent: 0 }
  #client: AuthClient | undefined

  constructor(name: string) {
    this.name = name
  }

  /** Whether the store has failed it since, or keeps it waiting for longer than it waits. */
  isTroubledSince(step: number, now: number): boolean {
    const waits = [...this.storeCalls].some(({ startedAt }) => now - startedAt >= patienceMs)
    return waits || this.troubledStep >= step
  }

  /** @returns since when it waits, epoch ms: a call that follows upon another one may have waited for that already */
  beginStoreCall(now: number): number {
    const { startedAt, endedAt } = this.lastStoreCall
    const waiting = [...this.storeCalls].map((call) => call.startedAt)
    return Math.min(now, ...waiting, ...(endedAt === now ? [startedAt] : []))
  }

  get client(): AuthClient {
    if (this.#client === undefined) throw new Error(`${this.name} was not started.`)
    return this.#client
  }

  start(client: AuthClient): void {
    this.#client = client
  }
}

import { abortedError, startDeadline } from '../../src/async/abort.ts'
import { AuthError } from '../../src/errors/auth-error.ts'
import type { Lock } from '../../src/lock/lock.ts'
import type { Hold } from './facts.ts'
import type { Process } from './process.ts'
import type { Schedule } from './schedule.ts'

/** After a stall this long, a holder counts as gone; the same as that of the lease lock. */
const staleMs = 30_000

/**
 * The lock that all processes share. A holder that died is taken over at once, one that stalls after
 * the stale age; when it goes on, it learns of it by `isHeld`.
 *
 * Between the answer of `isHeld` and what is done next there is no step: a process that stalls in that
 * very moment for half a minute is a gap that no client can close.
 */
export class SharedLock {
  readonly #schedule: Schedule
  readonly #isBroken: () => boolean
  readonly #holds = new Map<string, Hold>()
  #count = 0

  /** @param isBroken whether no lock can be had, as beside a file that cannot be written */
  constructor(schedule: Schedule, isBroken: () => boolean) {
    this.#schedule = schedule
    this.#isBroken = isBroken
  }

  /** The lock as one process has it. */
  for(process: Process): Lock {
    return {
      withLock: async (name, { timeoutMs, signal }, work) => {
        const deadline = startDeadline(timeoutMs, signal)
        const hold = await this.#acquire(process, name, deadline.signal)
          .catch((error) => {
            throw deadline.timedOut()
              ? new AuthError('lock_timeout', 'Somebody else holds it.')
              : error
          })
          .finally(deadline.dispose)
        const isHeld = () =>
          this.#schedule.instant(process, () => {
            return hold.end === undefined
          })
        if (!isLogin(name)) process.renewals += 1
        try {
          return await work({ isHeld })
        } finally {
          await this.#release(hold, name)
          if (!isLogin(name)) process.renewals -= 1
        }
      },
    }
  }

  /** What this process holds of the lock on the session. */
  heldBy(process: Process): Hold | undefined {
    return [...this.#holds]
      .filter(([name]) => !isLogin(name))
      .map(([, hold]) => hold)
      .find((hold) => hold.process === process && hold.end === undefined)
  }

  #acquire(process: Process, name: string, signal: AbortSignal): Promise<Hold> {
    return new Promise((resolve, reject) => {
      const give = () => {
        signal.removeEventListener('abort', giveUp)
        if (this.#isBroken()) {
          reject(new AuthError('store_unavailable', 'There can be no lock here.'))
          return
        }
        const before = this.#holds.get(name)
        if (before !== undefined) this.#end(before, 'lost')
        this.#count += 1
        const hold: Hold = { number: this.#count, process, end: undefined, endedStep: undefined }
        this.#holds.set(name, hold)
        resolve(hold)
      }
      const leave = this.#schedule.add('local', process, give, () => this.#isFree(name))
      const giveUp = () => {
        leave()
        reject(abortedError(signal))
      }
      signal.addEventListener('abort', giveUp, { once: true })
      if (signal.aborted) giveUp()
    })
  }

  async #release(hold: Hold, name: string): Promise<void> {
    await this.#schedule.instant(hold.process, () => {
      this.#end(hold, 'released')
      if (this.#holds.get(name) === hold) this.#holds.delete(name)
    })
  }

  #end(hold: Hold, how: 'released' | 'lost'): void {
    if (hold.end !== undefined) return
    hold.end = how
    hold.endedStep = this.#schedule.taken
  }

  #isFree(name: string): boolean {
    const hold = this.#holds.get(name)
    if (hold === undefined) return true
    const { state, stalledAt } = hold.process
    if (state === 'stalled') return this.#schedule.now - stalledAt >= staleMs
    return state === 'dead'
  }
}

function isLogin(name: string): boolean {
  return name.endsWith('#login')
}

import { startDeadline, throwIfAborted } from '../../async/abort.ts'
import type { Lock } from '../../lock/lock.ts'
import { memoryLock } from '../../lock/memory-lock.ts'
import { enter } from './enter.ts'
import { placeOf } from './place.ts'
import { type LeasePlatform, leasePlatform } from './platform.ts'

/**
 * Without a heartbeat for this long, a holder counts as dead. Whatever is sent inside a lock has to
 * have a time limit below half of it.
 */
const defaultStaleMs = 30_000

export interface LeaseLockOptions {
  /** The file that the locks are for: they are in a directory beside it, `<path>.locks`. */
  readonly path: string
  readonly staleMs?: number | undefined
  readonly platform?: LeasePlatform | undefined
}

// One contender per process and lock: within a process nobody needs the file system to wait for a turn.
const turns = memoryLock()

/**
 * Mutual exclusion over the processes that share a file, first come, first served. Nothing is left
 * behind when all have let go, and nothing that blocks others when a process dies.
 *
 * It is Lamport's bakery (CACM 17/8, 1974) with files for registers. A contender has a nonce of its
 * own, and only makes files that carry it:
 *
 * 1. It puts `<nonce>.lease` into the directory: it takes part from now on, and has no ticket yet.
 * 2. It lists the directory and creates `<nonce>.<ticket>.turn`, with a ticket above all it has seen.
 * 3. It lists the directory until nobody present is without a ticket or has a lower (ticket, nonce).
 *    Then it holds the lock.
 * 4. Meanwhile and from then on it makes heartbeats: the modification time of its lease.
 * 5. To leave, it removes its lease, then the rest; the last one removes the directory.
 *
 * **Why there are never two holders.** Suppose i and j hold at once, and i has the lower (ticket, nonce).
 * The list that let j in did not show the lease of i, otherwise j would have waited, either for the
 * ticket of i or behind it. A list shows every file that is there throughout, so the lease of i came
 * after that list was begun, and thus after the ticket of j was there (2 before 3). Then i listed the
 * directory for its own ticket even later (1 before 2), saw the ticket of j and took a higher one: a
 * contradiction. Nothing is asked of a list but that, in particular not that it shows one moment: this is
 * why nothing that counts is ever renamed.
 *
 * **Why taking over is safe.** There is no file that two processes could own: the names of a dead
 * contender are never used again, so removing them, even late or twice, touches nobody else. Who is dead
 * is decided by `Judge`; where it errs, because a process was stopped or the machine slept, the one taken
 * for dead learns of it: `isHeld` first makes a heartbeat and then looks for marks, a judge first sets a
 * mark and then looks at the heartbeat, so that one of them gives way. When `isHeld` says yes, that was so
 * less than a tenth of the stale age ago, and nobody else gets in before the rest of it has passed.
 *
 * A directory that is empty may be removed at any time: no contender can be in it, and one on its way
 * finds it missing and makes it again.
 */
export function leaseLock({
  path,
  staleMs = defaultStaleMs,
  platform = leasePlatform,
}: LeaseLockOptions): Lock {
  return {
    async withLock(name, options, work) {
      throwIfAborted(options.signal)
      const deadline = startDeadline(options.timeoutMs, options.signal)
      try {
        const place = await placeOf(path, name)
        return await turns.withLock(`${place.directory} ${name}`, options, async () => {
          const contender = await enter({ place, staleMs, platform }, deadline)
          try {
            return await work(contender)
          } finally {
            await contender.leave()
          }
        })
      } finally {
        deadline.dispose()
      }
    },
  }
}

import { raceSignal, startDeadline } from '../async/abort.ts'
import { AuthError } from '../errors/auth-error.ts'
import type { Lease, Lock, LockOptions } from './lock.ts'

/** Within one process nobody takes a lock over. */
const lease: Lease = { isHeld: async () => true }

/**
 * A lock within this process: first come, first served. For stores of one's own that nobody else shares.
 *
 * @example
 * ```ts
 * import { memoryLock } from '@lanonasis/auth-client'
 *
 * const lock = memoryLock()
 * await lock.withLock('an account', { timeoutMs: 5_000 }, async () => console.log('one at a time'))
 * ```
 */
export function memoryLock(): Lock {
  const tails = new Map<string, Promise<void>>()

  return {
    async withLock(name, options, work) {
      const before = tails.get(name) ?? Promise.resolve()
      let release = () => {}
      const held = new Promise<void>((resolve) => {
        release = resolve
      })
      // Who gives up waiting still hands the turn on, in order.
      const tail = before.then(() => held)
      tails.set(name, tail)
      // Only once everybody before has left: who gives up may be the last, while somebody holds the lock.
      tail.then(() => {
        if (tails.get(name) === tail) tails.delete(name)
      })
      try {
        await waitForTurn(before, options)
        return await work(lease)
      } finally {
        release()
      }
    },
  }
}

async function waitForTurn(turn: Promise<void>, { timeoutMs, signal }: LockOptions): Promise<void> {
  const deadline = startDeadline(timeoutMs, signal)
  try {
    await raceSignal(turn, deadline.signal)
  } catch (error) {
    if (!deadline.timedOut()) throw error
    throw new AuthError('lock_timeout', 'Another task holds the lock on these credentials.')
  } finally {
    deadline.dispose()
  }
}

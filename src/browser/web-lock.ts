import { abortedError, type Deadline, startDeadline } from '../async/abort.ts'
import { AuthError } from '../errors/auth-error.ts'
import type { Lease, Lock, LockOptions } from '../lock/lock.ts'
import { memoryLock } from '../lock/memory-lock.ts'
import type { BrowserWorld } from './world.ts'

/** For pages without Web Locks: it reaches over everything in this page, and no further. */
const pageLock = /* @__PURE__ */ memoryLock()

/**
 * A lock over all pages and workers of this origin (Web Locks). The browser takes it from a page that
 * ends or crashes; a page that it lets stand still keeps it, and the others give up after their time.
 *
 * Where there are none (an older browser, a page of no origin), it is one within this page: then two
 * tabs may renew at the same time, and who loses finds the other's pair in the store.
 *
 * @param place whose names these are: `a` of one store is not `a` of another
 */
export function webLock(world: BrowserWorld, place: string): Lock {
  return {
    async withLock(name, options, work) {
      const fullName = `${place}:${name}`
      const locks = world.navigator?.locks
      const turn = locks && (await enter({ locks, name: fullName, options, work }))
      // Outside of the `try` of `enter`: what the work fails with is no failure of the lock.
      return turn === undefined ? pageLock.withLock(fullName, options, work) : turn.result
    },
  }
}

/** @returns what came of the work, settled or, where the lock was stolen, on its way; `undefined`: no lock to be had */
async function enter<T>({
  locks,
  name,
  options: { timeoutMs, signal },
  work,
}: {
  readonly locks: LockManager
  readonly name: string
  readonly options: LockOptions
  readonly work: (lease: Lease) => Promise<T>
}): Promise<{ readonly result: Promise<T> } | undefined> {
  const deadline = startDeadline(timeoutMs, signal)
  const turn: { result?: Promise<T> } = {}
  let held = false
  try {
    await locks.request(name, { signal: deadline.signal }, () => {
      deadline.dispose()
      held = true
      turn.result = work({ isHeld: async () => held })
      return turn.result
    })
  } catch {
    if (turn.result === undefined) return noTurn(deadline, signal)
  } finally {
    deadline.dispose()
    held = false
  }
  return turn.result && { result: turn.result }
}

function noTurn(deadline: Deadline, signal: AbortSignal | undefined): undefined {
  if (deadline.timedOut()) {
    throw new AuthError('lock_timeout', 'Another tab holds the lock on these credentials.')
  }
  if (signal?.aborted) throw abortedError(signal)
}

import { AuthError, isAuthError } from '../../errors/auth-error.ts'
import type { Fields } from '../../json/fields.ts'
import type { Lease, Lock } from '../../lock/lock.ts'
import { removeUnfinished, writeFileAtomic } from './atomic-write.ts'
import { fileUnavailable } from './file-error.ts'

/** Replaces the file, unless the lock was lost meanwhile. */
export type Save = (fields: Fields) => Promise<void>

/** Runs `work` while nobody else changes the file. */
export type Alone = <T>(work: (save: Save, lease: Lease) => Promise<T>) => Promise<T>

const longestWaitMs = 10_000

/**
 * How to change a JSON file that several processes share. Reading needs no lock, because the file is
 * only ever replaced whole.
 *
 * @param lock reaches over all processes that have the file
 */
export function aloneWith(path: string, lock: Lock): Alone {
  return async (work) => {
    try {
      return await lock.withLock('file', { timeoutMs: longestWaitMs }, async (lease) => {
        // Before anything is read: what somebody stalled over cannot come in between any more.
        await removeUnfinished(path)
        return work((fields) => replace(path, fields, lease), lease)
      })
    } catch (error) {
      if (!isAuthError(error, 'lock_timeout')) throw error
      throw new AuthError('store_unavailable', `${path} is being written by others.`, {
        cause: error,
      })
    }
  }
}

async function replace(path: string, fields: Fields, lease: Lease): Promise<void> {
  try {
    await writeFileAtomic(path, `${JSON.stringify(fields, undefined, 2)}\n`, {
      beforeReplace: () => requireHeld(lease),
    })
  } catch (error) {
    throw isAuthError(error) ? error : fileUnavailable(path, 'written', error)
  }
}

/** @throws AuthError `store_unavailable` when somebody else may have taken over */
async function requireHeld(lease: Lease): Promise<void> {
  if (await lease.isHeld()) return
  throw new AuthError(
    'store_unavailable',
    'This process stood still while it was writing, and others may have written since.',
  )
}

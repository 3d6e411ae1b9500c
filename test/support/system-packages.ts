import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { leaseLock } from '../../src/node/lease-lock/lease-lock.ts'
import { ensureSystemProgram } from '../tools/programs.mjs'

/** A program of the system: the names it goes by, and the Debian package that has it. */
export interface Wanted {
  readonly names: readonly string[]
  readonly package: string
}

/** Where programs are, up to the first that is not there. */
interface FoundPrograms {
  readonly paths: readonly string[]
  readonly missing?: string
  /** Whether it could not be installed although this machine has what that takes. */
  readonly refused?: boolean
}

// Two files of tests may want the same program at the same time, and apt works for one at a time.
const lock = leaseLock({ path: join(tmpdir(), 'auth-client-apt') })

/**
 * Programs that a suite works with, installed with apt where they are missing and that is possible.
 * @returns their paths in this order, or why one of them is not to be had: then the suite is skipped
 * @throws Error where this machine could have installed them, and has not: that is no reason to skip
 */
export async function requirePrograms(...wanted: readonly Wanted[]): Promise<FoundPrograms> {
  const found = await findPrograms(...wanted)
  if (found.refused) throw new Error(found.missing)
  return found
}

/** The same, without a judgement. */
export async function findPrograms(...wanted: readonly Wanted[]): Promise<FoundPrograms> {
  return lock.withLock('apt', { timeoutMs: 300_000 }, async () => {
    const paths: string[] = []
    for (const each of wanted) {
      const found = await ensureSystemProgram(each)
      if ('missing' in found) return { paths, ...found }
      paths.push(found.path)
    }
    return { paths }
  })
}

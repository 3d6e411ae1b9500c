import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { leaseLock } from '../../src/node/lease-lock/lease-lock.ts'
import { ensureSystemProgram } from '../tools/programs.mjs'

/** A program of the system: the names it goes by, and the Debian package that has it. */
interface Wanted {
  readonly names: readonly string[]
  readonly package: string
}

// Two files of tests may want the same program at the same time, and apt works for one at a time.
const lock = leaseLock({ path: join(tmpdir(), 'auth-client-apt') })

/**
 * Programs that a suite works with, installed with apt where they are missing and that is possible.
 * @returns their paths in this order, or why one of them is not to be had: then the suite is skipped
 */
export async function requirePrograms(
  ...wanted: readonly Wanted[]
): Promise<{ readonly paths: readonly string[]; readonly missing?: string }> {
  return lock.withLock('apt', { timeoutMs: 300_000 }, async () => {
    const paths: string[] = []
    for (const each of wanted) {
      const found = await ensureSystemProgram(each)
      if ('missing' in found) return { paths, missing: found.missing }
      paths.push(found.path)
    }
    return { paths }
  })
}

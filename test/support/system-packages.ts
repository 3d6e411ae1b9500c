import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { leaseLock } from '../../src/node/lease-lock/lease-lock.ts'
import { ensureSystemProgram } from '../tools/programs.mjs'

/** A program of the system, and the Debian package that has it. */
export interface RequiredProgram {
  readonly name: string
  readonly package: string
}

// Two files of tests may want the same program at the same time, and apt works for one at a time.
const lock = leaseLock({ path: join(tmpdir(), 'auth-client-apt') })

/**
 * Installs what is not there yet, where that is possible.
 * @returns why a program is missing; `undefined`: all are there
 */
export async function requirePrograms(
  programs: readonly RequiredProgram[],
): Promise<string | undefined> {
  return lock.withLock('apt', { timeoutMs: 300_000 }, async () => {
    for (const { name, package: debianPackage } of programs) {
      const found = await ensureSystemProgram({ names: [name], package: debianPackage })
      if ('missing' in found) return found.missing
    }
    return undefined
  })
}

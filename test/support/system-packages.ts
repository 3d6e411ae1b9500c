import { mkdir, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ensureSystemProgram } from '../tools/programs.mjs'

/** A program of the system: the names it goes by, and the Debian package that has it. */
interface Wanted {
  readonly names: readonly string[]
  readonly package: string
}

const turn = join(tmpdir(), 'auth-client-apt.lock')
/** No installation takes longer: what is left then is of somebody who was killed. */
const longestMs = 300_000

/**
 * Programs that a suite works with, installed with apt where they are missing and that is possible.
 * @returns their paths in this order, or why one of them is not to be had: then the suite is skipped
 */
export async function requirePrograms(
  ...wanted: readonly Wanted[]
): Promise<{ readonly paths: readonly string[]; readonly missing?: string }> {
  const paths: string[] = []
  for (const each of wanted) {
    const found = await alone(() => ensureSystemProgram(each))
    if ('missing' in found) return { paths, missing: found.missing }
    paths.push(found.path)
  }
  return { paths }
}

/** apt has a lock of its own, and fails where another run of these tests has it. */
async function alone<T>(work: () => Promise<T>): Promise<T> {
  const end = Date.now() + longestMs
  while (!(await tryToTake())) {
    if (Date.now() > end) throw new Error(`${turn} was not given back.`)
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  try {
    return await work()
  } finally {
    await rm(turn, { recursive: true, force: true })
  }
}

async function tryToTake(): Promise<boolean> {
  try {
    await mkdir(turn)
    return true
  } catch {
    const takenAt = (await stat(turn).catch(() => undefined))?.mtimeMs ?? Date.now()
    if (Date.now() - takenAt > longestMs) await rm(turn, { recursive: true, force: true })
    return false
  }
}

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdir, readFile, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { LeaseFiles } from '../../../src/node/lease-lock/lease-directory.ts'
import { type LeasePlatform, leasePlatform } from '../../../src/node/lease-lock/platform.ts'

/** This system, except for what is given. */
export function platformWith({
  files,
  ...rest
}: Partial<Omit<LeasePlatform, 'files'>> & {
  readonly files?: Partial<LeaseFiles>
}): LeasePlatform {
  return { ...leasePlatform, ...rest, files: { ...leasePlatform.files, ...files } }
}

export function systemError(code: string): Error {
  return Object.assign(new Error(code), { code })
}

/** A function that fails with each of these codes in turn, then does what it should. */
export function reluctant<Args extends readonly unknown[], Result>(
  work: (...args: Args) => Promise<Result>,
  codes: readonly string[],
): (...args: Args) => Promise<Result> {
  const left = [...codes]
  return async (...args) => {
    const code = left.shift()
    if (code !== undefined) throw systemError(code)
    return work(...args)
  }
}

/** The id of a process that has ended. */
export async function endedPid(): Promise<number> {
  const child = spawn(process.execPath, ['--version'], { stdio: 'ignore' })
  await once(child, 'exit')
  return child.pid ?? 0
}

/** The files of the locks of a config file, by their ending. */
export async function lockFiles(path: string): Promise<readonly string[]> {
  return (await readdir(`${path}.locks`)).map((name) => name.slice(name.indexOf('.')))
}

/** What the one lease says that is there. */
export async function onlyLease(path: string): Promise<Record<string, unknown>> {
  const names = await readdir(`${path}.locks`)
  const [name = ''] = names.filter((file) => file.endsWith('.lease'))
  return JSON.parse(await readFile(join(`${path}.locks`, name), 'utf8'))
}

/**
 * Writes a lease over that of a holder, as another process would have left it, and gives the holder's
 * turn to it. Its heartbeat is from now, or so long ago.
 */
export async function replaceLease(
  path: string,
  { text, ageMs = 0 }: { readonly text: string; readonly ageMs?: number },
): Promise<void> {
  const names = await readdir(`${path}.locks`)
  for (const name of names.filter((file) => file.endsWith('.lease'))) {
    const file = join(`${path}.locks`, name)
    await writeFile(file, text)
    const time = new Date(Date.now() - ageMs)
    await utimes(file, time, time)
  }
}

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readdir, readFile, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { LeaseFiles } from '../../../src/node/lease-lock/lease-directory.ts'
import { writeLease } from '../../../src/node/lease-lock/lease-record.ts'
import { placeOf } from '../../../src/node/lease-lock/place.ts'
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

/** The names of the files of the locks of a config file; none when there is no directory. */
export async function lockFiles(path: string): Promise<readonly string[]> {
  return readdir(`${path}.locks`).catch(() => [])
}

/** What the lease of a holder says. */
export async function leaseOf(path: string): Promise<Record<string, unknown>> {
  const [name = ''] = (await lockFiles(path)).filter((file) => file.endsWith('.lease'))
  return JSON.parse(await readFile(join(`${path}.locks`, name), 'utf8'))
}

/** What is different in the lease of somebody else: fields, or the whole text. */
export interface ForeignLease {
  readonly fields?: Record<string, unknown>
  readonly text?: string
  /** How long ago its last heartbeat was. */
  readonly ageMs?: number
}

/** Leaves a lease there as another process has that holds the lock `a`. @returns its path */
export async function plantLease(
  path: string,
  { fields = {}, text, ageMs = 0 }: ForeignLease,
): Promise<string> {
  const { directory, prefix } = await placeOf(path, 'a')
  const own = JSON.parse(writeLease(leasePlatform.processes.self(), 'abcdef'))
  await mkdir(directory, { recursive: true })
  const lease = join(directory, `${prefix}abcdef.lease`)
  await writeFile(lease, text ?? JSON.stringify({ ...own, ...fields }))
  await writeFile(join(directory, `${prefix}abcdef.1.turn`), '')
  const time = new Date(Date.now() - ageMs)
  await utimes(lease, time, time)
  return lease
}

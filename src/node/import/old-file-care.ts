import { constants } from 'node:fs'
import { lstat, open, readdir, realpath, stat, unlink } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import type { ImportHint } from '../../import/report.ts'
import { codeOf } from '../files/system-error.ts'
import { isCopy, oldFiles } from './old-places.ts'
import { modeText, permissionsOf } from './permissions.ts'
import { readOldFile } from './read-old-file.ts'
import type { ReadFile } from './read-old-files.ts'

/** What to do with the old files. */
export type OldFilesChoice = 'keep' | 'tighten' | 'remove'

export interface OldFileCareOptions {
  readonly choice: OldFilesChoice
  /** The paths of which everything that is usable is in a durable store. */
  readonly settled: ReadonlySet<string>
  readonly home: string
}

/** What became of the old files. */
export interface OldFileCare {
  readonly became: ReadonlyMap<string, 'tightened' | 'removed'>
  readonly hints: readonly ImportHint[]
}

const byOthers = 0o077

/**
 * ★30 Deals with the old files as the caller chose, and says of all that others can read. Directories are
 * never changed.
 */
export async function careForOldFiles(
  files: readonly ReadFile[],
  { choice, settled, home }: OldFileCareOptions,
): Promise<OldFileCare> {
  const became = new Map<string, 'tightened' | 'removed'>()
  const hints: ImportHint[] = []
  for (const file of files) {
    const { location } = file.reading
    try {
      if (choice === 'remove' && settled.has(location)) {
        if (await isShared(file)) hints.push(notChanged(location, 'Other programs use it as well'))
        else if (await remove(file)) became.set(location, 'removed')
        else hints.push(notChanged(location, 'It was written meanwhile'))
      } else if (choice === 'tighten' && isOpen(file.old.mode)) {
        if (await tighten(location)) became.set(location, 'tightened')
        else hints.push(notChanged(location, notOurs))
      }
    } catch (error) {
      hints.push(notChanged(location, `The system refused (${codeOf(error) ?? 'unknown reason'})`))
    }
    if (!became.has(location) && isOpen(file.old.mode))
      hints.push(readable(location, file.old.mode))
  }
  for (const copy of await copiesIn(home)) {
    if (choice !== 'tighten' || !isOpen(copy.mode)) {
      hints.push(copyHint(copy))
      continue
    }
    try {
      if (await tighten(copy.path, constants.O_NOFOLLOW ?? 0)) became.set(copy.path, 'tightened')
      else hints.push(notChanged(copy.path, notOurs))
    } catch (error) {
      hints.push(notChanged(copy.path, `The system refused (${codeOf(error) ?? 'unknown reason'})`))
    }
  }
  return { became, hints }
}

const notOurs = 'It is no file of this user'

/**
 * By the open file: whatever has taken its name meanwhile, a directory above all, is not changed, and
 * neither is the file of another user, which root could change.
 *
 * @returns whether it was changed
 */
async function tighten(path: string, flags = 0): Promise<boolean> {
  const file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0) | flags)
  try {
    const status = await file.stat()
    const isOurs = process.getuid === undefined || status.uid === process.getuid()
    if (!status.isFile() || !isOurs) return false
    await file.chmod(0o600)
    return true
  } finally {
    await file.close()
  }
}

function isOpen(mode: number | undefined): boolean {
  return mode !== undefined && (mode & byOthers) !== 0
}

/**
 * Whether it is the roadmap's config file, under whatever name: it has the accounts and settings of other
 * programs, of which this one knows nothing.
 */
async function isShared({ reading: { location, content } }: ReadFile): Promise<boolean> {
  const names = [location, await realpath(location)].map((path) => basename(path).toLowerCase())
  return content.format === 'maas-config' || names.includes('.maas.config')
}

/**
 * Removes a file, and the link that led to it, unless it holds something else by now: the old program
 * may still run.
 */
async function remove({ reading, old }: ReadFile): Promise<boolean> {
  const { location } = reading
  const now = await readOldFile(location)
  if (now === undefined || !('text' in now)) return false
  if (now.identity !== old.identity || now.text !== old.text) return false
  const target = await realpath(location)
  await unlink(target)
  const named = join(await realpath(dirname(location)), basename(location))
  if (target !== named) await unlink(location)
  return true
}

interface Copy {
  readonly path: string
  readonly mode: number | undefined
}

/** Backups and the like, beside where the old files are or were. */
async function copiesIn(home: string): Promise<readonly Copy[]> {
  const copies = new Map<string, Copy>()
  for (const original of oldFiles(home)) {
    const directory = dirname(original.path)
    for (const name of await readdir(directory).catch(() => [])) {
      if (!isCopy(name, basename(original.path))) continue
      const path = join(directory, name)
      const status = await stat(path).catch(() => undefined)
      if (!status?.isFile()) continue
      // Anybody's name beside an old file counts as a copy: what a link leads to is not to be changed.
      const isLink = (await lstat(path).catch(() => undefined))?.isSymbolicLink() ?? true
      copies.set(path, { path, mode: isLink ? undefined : permissionsOf(status) })
    }
  }
  return [...copies.values()]
}

function readable(location: string, mode: number | undefined): ImportHint {
  return {
    code: 'readable_by_others',
    location,
    message: `Others on this machine can read it (mode ${modeText(mode)}): chmod 600 it, or remove it.`,
  }
}

function copyHint({ path, mode }: Copy): ImportHint {
  const open = isOpen(mode)
    ? `, and others on this machine can read it (mode ${modeText(mode)})`
    : ''
  return {
    code: 'backup',
    location: path,
    message: `It looks like a copy of an old file${open}: remove it when nobody needs it.`,
  }
}

function notChanged(location: string, why: string): ImportHint {
  return { code: 'not_changed', location, message: `${why}, so it is as it was.` }
}

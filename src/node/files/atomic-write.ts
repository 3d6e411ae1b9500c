import { randomUUID } from 'node:crypto'
import { mkdir, open, readdir, rename as renameFile, unlink } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { resolveLinks } from './links.ts'
import { patiently, waitFor } from './patiently.ts'

/** How to replace a file. What differs between systems is passed in, so that each can be tested on any. */
export interface AtomicWriteOptions {
  /** Called when all is ready, right before the new content takes the place of the old; throws to prevent it. */
  readonly beforeReplace?: (() => Promise<void>) | undefined
  readonly rename?: (from: string, to: string) => Promise<void>
  readonly wait?: (ms: number) => Promise<void>
}

/**
 * Replaces a file so that at every moment either the old or the new content is there, whole and on
 * disk, readable by its owner only (★30).
 */
export async function writeFileAtomic(
  path: string,
  text: string,
  { beforeReplace, rename = renameFile, wait = waitFor }: AtomicWriteOptions = {},
): Promise<void> {
  // A link stays a link: what it points to is replaced.
  const target = await resolveLinks(path)
  const directory = dirname(target)
  const created = await mkdir(directory, { recursive: true, mode: 0o700 })
  const temporary = join(directory, temporaryName(target, randomUUID()))
  try {
    await writeDurably(temporary, text)
    await beforeReplace?.()
    await patiently(() => rename(temporary, target), wait)
  } catch (error) {
    await unlink(temporary).catch(() => {})
    throw error
  }
  await syncDirectories(directory, created)
}

/**
 * Removes the temporary files of those who did not come to the end of a write, for who is alone with the
 * file. There are credentials in them; and one who only stalled finds that it cannot replace the file any more.
 */
export async function removeUnfinished(path: string): Promise<void> {
  const target = await resolveLinks(path)
  const directory = dirname(target)
  for (const name of await readdir(directory).catch(() => [])) {
    const [id] = /[0-9a-f-]{36}(?=\.tmp$)/.exec(name) ?? []
    if (id === undefined || name !== temporaryName(target, id)) continue
    // On a disk that takes no changes, the write will fail as well.
    await unlink(join(directory, name)).catch(() => {})
  }
}

function temporaryName(target: string, id: string): string {
  return `.${basename(target)}.${id}.tmp`
}

async function writeDurably(path: string, text: string): Promise<void> {
  const file = await open(path, 'wx', 0o600)
  try {
    await file.writeFile(text)
    await file.sync()
  } finally {
    await file.close()
  }
}

/**
 * Makes the new name durable, and those of the directories that were created for it.
 * @param created the first of them
 */
async function syncDirectories(directory: string, created: string | undefined): Promise<void> {
  await syncDirectory(directory)
  if (created === undefined) return
  for (let inner = directory; inner.length >= created.length; inner = dirname(inner)) {
    await syncDirectory(dirname(inner))
  }
}

/** Systems that cannot open a directory do not need it. */
async function syncDirectory(directory: string): Promise<void> {
  try {
    const handle = await open(directory, 'r')
    try {
      await handle.sync()
    } finally {
      await handle.close()
    }
  } catch {
    // The content is on disk already; after a power failure the old name may come back with it.
  }
}

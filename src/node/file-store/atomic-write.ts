import { randomUUID } from 'node:crypto'
import { mkdir, open, realpath, rename, unlink } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'

/** What differs between systems; passed in so that each can be tested on any. */
export interface FilePlatform {
  readonly rename: (from: string, to: string) => Promise<void>
  readonly wait: (ms: number) => Promise<void>
}

const realPlatform: FilePlatform = {
  rename,
  wait: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
}

/** On Windows a file that a virus scanner or an indexer has open cannot be replaced for a moment. */
const passing = new Set(['EPERM', 'EBUSY', 'EACCES'])
const renameAttempts = 8

/**
 * Replaces a file so that at every moment either the old or the new content is there, whole and on
 * disk, readable by its owner only (★30).
 */
export async function writeFileAtomic(
  path: string,
  text: string,
  platform: FilePlatform = realPlatform,
): Promise<void> {
  // A link stays a link: what it points to is replaced.
  const target = await resolveLinks(path)
  const directory = dirname(target)
  await mkdir(directory, { recursive: true, mode: 0o700 })
  const temporary = join(directory, `.${basename(target)}.${randomUUID()}.tmp`)
  try {
    const file = await open(temporary, 'wx', 0o600)
    try {
      await file.writeFile(text)
      await file.sync()
    } finally {
      await file.close()
    }
    await renamePatiently({ from: temporary, to: target }, platform)
  } catch (error) {
    await unlink(temporary).catch(() => {})
    throw error
  }
  await syncDirectory(directory)
}

async function renamePatiently(
  { from, to }: { from: string; to: string },
  { rename, wait }: FilePlatform,
): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await rename(from, to)
    } catch (error) {
      if (attempt === renameAttempts || !passing.has(codeOf(error) ?? '')) throw error
      await wait(2 ** attempt * 5)
    }
  }
}

async function resolveLinks(path: string): Promise<string> {
  try {
    return await realpath(path)
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return path
    throw error
  }
}

/** Makes the rename itself durable; systems that cannot open a directory do not need it. */
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

/** The code of a system error, such as `ENOENT`. */
export function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined
  return typeof error.code === 'string' ? error.code : undefined
}

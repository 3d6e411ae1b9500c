import { access, constants, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { FileFacts } from '../../doctor/platform.ts'
import { resolveLinks } from '../files/links.ts'
import { unlessMissing } from '../files/system-error.ts'

/** A file, or what a link leads to; its content is not read. */
export async function fileFacts(
  path: string,
  platform = process.platform,
): Promise<FileFacts | undefined> {
  const file = await resolveLinks(path)
  const facts = await unlessMissing(stat(file))
  if (facts === undefined) return undefined
  return {
    // Windows has no permission bits: what `stat` shows there is made up.
    mode: platform === 'win32' ? undefined : facts.mode & 0o777,
    // It is replaced, not written: the directory counts.
    writable: await isWritable(dirname(file)),
  }
}

async function isWritable(path: string): Promise<boolean> {
  try {
    await access(path, constants.W_OK)
    return true
  } catch {
    return false
  }
}

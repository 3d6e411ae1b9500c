import { access, constants, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { FileFacts } from '../../doctor/platform.ts'
import { resolveLinks } from '../files/links.ts'
import { unlessMissing } from '../files/system-error.ts'

/** Windows has no permission bits: what `stat` shows there is made up. */
const hasModes = process.platform !== 'win32'

/** A file, or what a link leads to; its content is not read. */
export async function fileFacts(path: string): Promise<FileFacts | undefined> {
  const file = await resolveLinks(path)
  const facts = await unlessMissing(stat(file))
  if (facts === undefined) return undefined
  return {
    mode: hasModes ? facts.mode & 0o777 : undefined,
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

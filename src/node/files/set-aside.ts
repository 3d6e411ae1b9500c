import { randomUUID } from 'node:crypto'
import { chmod, readdir, rename, unlink } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import { AuthError } from '../../errors/auth-error.ts'
import { fileUnavailable } from './file-error.ts'
import { resolveLinks } from './links.ts'
import { unlessMissing } from './system-error.ts'

const infix = '.corrupt-'

/**
 * Puts a file that cannot be understood out of the way, under another name, for a person to repair.
 * @returns the error to throw: `store_corrupt`, or `store_unavailable` when it could not be moved
 */
export async function damagedFile(path: string, what: string): Promise<AuthError> {
  try {
    // A link stays where it is (★30): what it points to is set aside.
    const target = await resolveLinks(path)
    const time = new Date().toISOString().replace(/[:.]/g, '-')
    const aside = `${target}${infix}${time}-${randomUUID().slice(0, 8)}`
    await rename(target, aside)
    await chmod(aside, 0o600)
    return new AuthError('store_corrupt', `${path} is not ${what}.`, {
      hint: `It was kept as ${aside}: repair it and move it back, or sign in again.`,
    })
  } catch (error) {
    return fileUnavailable(path, 'set aside', error)
  }
}

/** Whether a damaged file of this name was set aside, and nobody has repaired or removed it yet. */
export async function wasSetAside(path: string): Promise<boolean> {
  const target = await resolveLinks(path)
  const names = await readdir(dirname(target)).catch(() => [])
  return names.some((name) => name.startsWith(`${basename(target)}${infix}`))
}

/**
 * Removes a file. The damaged ones of that name that were set aside stay: there may be credentials of
 * other accounts in them.
 * @throws AuthError `store_unavailable`
 */
export async function removeFile(path: string): Promise<void> {
  try {
    await unlessMissing(unlink(await resolveLinks(path)))
  } catch (error) {
    throw fileUnavailable(path, 'removed', error)
  }
}

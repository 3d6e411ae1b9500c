import { readlink, realpath } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { codeOf } from './system-error.ts'

/** The file that a path leads to through symbolic links; it need not exist. */
export async function resolveLinks(path: string): Promise<string> {
  try {
    return await realpath(path)
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error
  }
  try {
    const link = await readlink(path)
    return await resolveLinks(resolve(await realpath(dirname(path)), link))
  } catch (error) {
    const notThere = codeOf(error) === 'ENOENT' || codeOf(error) === 'EINVAL'
    if (notThere) return path
    throw error
  }
}

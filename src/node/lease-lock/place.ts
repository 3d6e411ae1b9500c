import { createHash } from 'node:crypto'
import { resolveLinks } from '../files/links.ts'
import { lockError } from './lock-error.ts'

/** Where the files of one lock are: locks of several names share a directory. */
export interface LockPlace {
  readonly directory: string
  /** What the names of this lock's files begin with. */
  readonly prefix: string
}

/** Beside the file itself, not beside a link to it: who comes by another path has to meet the same lock. */
export async function placeOf(path: string, name: string): Promise<LockPlace> {
  const hash = createHash('sha256').update(name).digest('hex').slice(0, 16)
  try {
    return { directory: `${await resolveLinks(path)}.locks`, prefix: `${hash}-` }
  } catch (error) {
    throw lockError(error, path)
  }
}

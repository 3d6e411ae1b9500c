import { readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { type Fields, isFields } from '../../json/fields.ts'
import { fileUnavailable } from './file-error.ts'
import { waitFor } from './patiently.ts'
import { codeOf } from './system-error.ts'

/**
 * Programs that replace a file in place leave it empty or half written for a moment, and on Windows
 * it cannot be opened while it is replaced: pauses before it is looked at again, in ms.
 */
const pausesMs = [10, 30, 60]
const passing = new Set(['EBUSY', 'EPERM'])

/** What else a file has to be. */
export type IsSound = (fields: Fields) => boolean

/**
 * Reads a file with a JSON object, without any lock; no file is an empty object.
 *
 * @returns `undefined` when it is something else
 * @throws AuthError `store_unavailable` when it cannot be read
 */
export async function readFields(path: string, isSound: IsSound): Promise<Fields | undefined> {
  for (const pauseMs of [...pausesMs, undefined]) {
    try {
      const text = plainText(await readFile(path, 'utf8'))
      const fields = text === '' && pauseMs === undefined ? {} : parse(text, isSound)
      if (fields !== undefined) return fields
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return {}
      if (pauseMs === undefined || !passing.has(codeOf(error) ?? '')) {
        throw fileUnavailable(path, 'read', error)
      }
    }
    if (pauseMs !== undefined) await waitFor(pauseMs)
  }
  return undefined
}

/** What is there at this moment, for comparison only; `undefined` when that cannot be told. */
export function glanceAtFields(path: string, isSound: IsSound): Fields | undefined {
  try {
    return parse(plainText(readFileSync(path, 'utf8')), isSound)
  } catch (error) {
    return codeOf(error) === 'ENOENT' ? {} : undefined
  }
}

/** Without the white space around it, and the byte order mark that editors on Windows put in front. */
function plainText(text: string): string {
  return text.trim()
}

function parse(text: string, isSound: IsSound): Fields | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return isFields(value) && isSound(value) ? value : undefined
  } catch {
    return undefined
  }
}

import { constants } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import type { Unread } from '../../import/content.ts'
import { codeOf } from '../files/system-error.ts'
import { permissionsOf } from './permissions.ts'

/** What the old programs wrote has some kilobytes. */
const maximalBytes = 1024 * 1024

/** An old file as it was found. */
export interface OldText {
  readonly text: string
  /** The permission bits; Windows has none. */
  readonly mode: number | undefined
  readonly modifiedAt: number
  /** Which file it is, whatever name led to it. */
  readonly identity: string
}

/**
 * Reads a file that somebody else wrote, without waiting for a pipe and without filling the memory.
 *
 * @returns `undefined` when there is none; otherwise its text, or why it cannot be read
 */
export async function readOldFile(path: string): Promise<OldText | Unread | undefined> {
  let file: FileHandle | undefined
  try {
    // Opening a pipe would wait for somebody to write into it.
    file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0))
    const status = await file.stat()
    if (!status.isFile()) return notAFile(path)
    if (status.size > maximalBytes) {
      const message = 'It is larger than anything that these programs wrote.'
      return { location: path, code: 'too_large', message }
    }
    return {
      text: await file.readFile('utf8'),
      mode: permissionsOf(status),
      modifiedAt: Math.floor(status.mtimeMs),
      identity: `${status.dev}:${status.ino}`,
    }
  } catch (error) {
    return unreadOf(path, codeOf(error))
  } finally {
    await file?.close().catch(() => {})
  }
}

function unreadOf(path: string, code: string | undefined): Unread | undefined {
  switch (code) {
    // A part of the path is missing, or is a file.
    case 'ENOENT':
    case 'ENOTDIR':
      return undefined
    // A directory where it cannot be opened at all, a socket.
    case 'EISDIR':
    case 'ENXIO':
      return notAFile(path)
    default: {
      const detail = code === undefined ? '' : ` (${code})`
      return { location: path, code: 'unreadable', message: `It cannot be read${detail}.` }
    }
  }
}

function notAFile(path: string): Unread {
  return { location: path, code: 'not_a_file', message: 'It is no file.' }
}

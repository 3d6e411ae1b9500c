import { realpathSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import { unref } from '../../async/abort.ts'
import { type WatchPath, watchPath } from './watch-path.ts'

/** A file is replaced in several steps, which are one change. */
const settleMs = 20
/** Where directories can be watched, looking from time to time is for network drives only. */
const pollMs = { watched: 2_000, unwatched: 150 }

/** How to watch, and what differs between systems. */
export interface WatchFileOptions {
  readonly watch?: WatchPath
}

/**
 * Calls `listener` when a file may have changed: not for each change, but always after the last. It
 * watches the directory, because who replaces a file atomically puts another one there.
 *
 * Nothing of it keeps the process alive.
 * @returns how to stop
 */
export function watchFile(
  path: string,
  listener: () => void,
  { watch = watchPath }: WatchFileOptions = {},
): () => void {
  let stopWatching: (() => void) | undefined
  let settling: ReturnType<typeof setTimeout> | undefined
  let poll: ReturnType<typeof setTimeout> | undefined
  let last: string | undefined
  let stopped = false

  function begin(): void {
    const target = targetOf(path)
    stopWatching ??= watch(dirname(target), (_event, name) => {
      if (name === undefined || name === basename(target)) changed()
    })
    poll = setTimeout(look, stopWatching === undefined ? pollMs.unwatched : pollMs.watched)
    unref(poll)
  }

  async function look(): Promise<void> {
    const found = await fingerprint(path)
    if (stopped) return
    if (found !== last) changed()
    last = found
    // A directory that was not there at first can be watched now.
    begin()
  }

  function changed(): void {
    if (settling !== undefined || stopped) return
    settling = setTimeout(() => {
      settling = undefined
      listener()
    }, settleMs)
    unref(settling)
  }

  begin()
  return () => {
    stopped = true
    stopWatching?.()
    clearTimeout(settling)
    clearTimeout(poll)
  }
}

function targetOf(path: string): string {
  try {
    return realpathSync(path)
  } catch {
    return path
  }
}

async function fingerprint(path: string): Promise<string> {
  try {
    const { ino, mtimeMs, size } = await stat(path)
    return `${ino} ${mtimeMs} ${size}`
  } catch {
    return ''
  }
}

import { watch } from 'node:fs'

/** What happened: `rename` when a name came or went, and which, where the system says it. */
type PathListener = (event: 'rename' | 'change', name: string | undefined) => void

/** How to stop, or `undefined` where this path cannot be watched. */
export type WatchPath = (path: string, listener: PathListener) => (() => void) | undefined

/**
 * Watches a file or a directory without keeping the process alive. It only makes things faster: network
 * drives report nothing of what others do, and the number of watchers is limited, so who needs to know
 * also looks from time to time.
 */
export const watchPath: WatchPath = (path, listener) => {
  try {
    const watcher = watch(path, { persistent: false }, (event, name) => {
      listener(event, name ?? undefined)
    })
    // It may be removed, or the system run out of watchers.
    watcher.on('error', () => watcher.close())
    return () => watcher.close()
  } catch {
    return undefined
  }
}

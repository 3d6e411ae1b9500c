import { watch } from 'node:fs'

/** What happened in a directory: `rename` when a name came or went, and the name where the system says it. */
export type DirectoryListener = (event: 'rename' | 'change', name: string | undefined) => void

/** How to stop, or `undefined` where directories cannot be watched. */
export type WatchDirectory = (
  directory: string,
  listener: DirectoryListener,
) => (() => void) | undefined

/**
 * Watches a directory without keeping the process alive. It only makes things faster: network drives
 * report nothing of what others do, and the number of watchers is limited, so who needs to know also polls.
 */
export const watchDirectory: WatchDirectory = (directory, listener) => {
  try {
    const watcher = watch(directory, { persistent: false }, (event, name) => {
      listener(event, name ?? undefined)
    })
    // The directory may be removed, or the system run out of watchers.
    watcher.on('error', () => watcher.close())
    return () => watcher.close()
  } catch {
    return undefined
  }
}

import { once } from '../async/once.ts'
import type { Lock } from '../lock/lock.ts'
import { memoryLock } from '../lock/memory-lock.ts'
import type { HostUri } from './host.ts'

/** What the windows of an editor share besides its secrets. */
export interface Windows {
  /** The lock that reaches over them. */
  readonly lock: Lock
  /** The revision that was announced last for a secret; empty: it was removed; `undefined`: not known. */
  latest(name: string): Promise<string | undefined>
  /** Announces the revision that is about to be written. */
  announce(name: string, revision: string): Promise<void>
  /** Removes what was announced. */
  forget(name: string): Promise<void>
}

/**
 * What there is here:
 *
 * | the extension runs | the windows share |
 * |---|---|
 * | on Node.js, with a folder on a disk: desktop, remote, code-server | lease files and announcements in that folder |
 * | elsewhere: a web worker | nothing; the lock is within this window |
 */
export function windowsOf(folder: HostUri): Windows {
  if (!isNode() || folder.scheme !== 'file') return singleWindow(memoryLock())
  // With all that it takes to work with files, which no page has.
  const load = once(async () => {
    const { windowFiles } = await import('./window-files.ts')
    return windowFiles(folder.fsPath)
  })
  return {
    lock: {
      async withLock(name, options, work) {
        return (await load()).lock.withLock(name, options, work)
      },
    },
    latest: async (name) => (await load()).latest(name),
    announce: async (name, revision) => (await load()).announce(name, revision),
    forget: async (name) => (await load()).forget(name),
  }
}

/** For a lock that comes from elsewhere, too: it says nothing of revisions. */
export function singleWindow(lock: Lock): Windows {
  return { lock, latest: async () => undefined, announce: async () => {}, forget: async () => {} }
}

/** Not in a web worker. */
export function isNode(): boolean {
  const runtime: { process?: { versions?: { node?: string } } } = globalThis
  return runtime.process?.versions?.node !== undefined
}

import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { once } from '../../async/once.ts'
import type { TokenStore } from '../../store/store.ts'
import { watchLater } from '../files/watch-later.ts'
import { describeFile } from './description.ts'

/** Where {@link fileStore} keeps its file. */
export interface FileStoreOptions {
  /** Default: `~/.maas.config`. */
  readonly path?: string | undefined
}

/** `~/.maas.config`, the config file of the roadmap. */
export function defaultConfigPath(): string {
  return join(homedir(), '.maas.config')
}

/**
 * Keeps credentials in the config file of the Lanonasis tools, in the roadmap's schema: mode 0600,
 * replaced atomically, fields of other programs and versions kept. A file that cannot be understood is
 * set aside, never overwritten.
 *
 * All processes of this machine may share it: a change is a compare-and-swap between them, `watch`
 * tells of what others have changed, and `lock` is a lock between processes, made of lease files
 * in a directory beside the config file that is there only while somebody holds or awaits a lock.
 *
 * A top-level `token` of the time before OAuth is moved to `auth.legacyToken` at the first read.
 *
 * @example
 * ```ts
 * import { createClient, fileStore } from '@lanonasis/auth-client/node'
 *
 * const client = createClient({ store: fileStore({ path: '/var/lib/my-service/credentials' }) })
 * ```
 */
export function fileStore(options: FileStoreOptions = {}): TokenStore {
  const path = resolve(options.path ?? defaultConfigPath())
  // With all that reads, writes and locks files: a program that prints its help needs none of it.
  const load = once(async () => {
    const { configStore, leaseLock } = await import('./config-store.ts')
    return configStore(path, leaseLock({ path }))
  })

  return {
    lock: {
      async withLock(name, limits, work) {
        const { lock } = await load()
        return lock.withLock(name, limits, work)
      },
    },

    async read(key) {
      return (await load()).read(key)
    },

    async commit(key, expectedRevision, value) {
      return (await load()).commit(key, expectedRevision, value)
    },

    watch: (key, listener) => watchLater(load, (store) => store.watch(key, listener)),

    async destroy(key) {
      await (await load()).destroy(key)
    },

    describe: () => describeFile(path),

    async holdsAccounts() {
      return (await load()).holdsAccounts()
    },
  }
}

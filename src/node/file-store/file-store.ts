import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import type { TokenStore } from '../../store/store.ts'
import { leaseLock } from '../lease-lock/lease-lock.ts'
import { configStore } from './config-store.ts'

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
 */
export function fileStore(options: FileStoreOptions = {}): TokenStore {
  const path = resolve(options.path ?? defaultConfigPath())
  return configStore(path, leaseLock({ path }))
}

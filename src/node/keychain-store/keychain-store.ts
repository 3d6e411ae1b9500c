import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { once } from '../../async/once.ts'
import { AuthError } from '../../errors/auth-error.ts'
import { lazyList } from '../../store/lazy-list.ts'
import { memoryStore } from '../../store/memory-store.ts'
import type { TokenStore } from '../../store/store.ts'
import { fileStore } from '../file-store/file-store.ts'
import { watchLater } from '../files/watch-later.ts'
import { describeKeychain } from './description.ts'

/** How {@link keychainStore} keeps credentials. */
export interface KeychainStoreOptions {
  /** What the entries are called in the keychain; default `lanonasis-auth`. */
  readonly service?: string | undefined
  /**
   * What to do where the keychain cannot be used:
   *
   * | value | then |
   * |---|---|
   * | `error` | every read and write fails with `store_unavailable`: "no keychain" never looks like "nobody is signed in". The default |
   * | `file` | {@link fileStore} at `~/.maas.config` is used: readable by its owner, not encrypted |
   * | `memory` | credentials last as long as the process |
   *
   * The last two are the lists `[keychainStore(), fileStore()]` and `[keychainStore(), memoryStore()]`:
   * the place is chosen once per machine, `describe()` tells which it is, and `client.on('store')` too.
   */
  readonly onUnavailable?: 'error' | 'file' | 'memory' | undefined
  /**
   * The index of what is in the keychain, a file without secrets that all processes share; default
   * `~/.maas.keychain`.
   */
  readonly path?: string | undefined
  /** Longest wait for one answer of the keychain, which may be asking a person; default 8,000. */
  readonly timeoutMs?: number | undefined
}

const defaultService = 'lanonasis-auth'
const defaultTimeoutMs = 8_000

/**
 * Keeps credentials in the keychain of the system: Keychain on macOS, the Credential Manager on Windows,
 * the Secret Service (GNOME Keyring, KWallet) on Linux. It needs the package `@napi-rs/keyring`, which is
 * loaded on first use.
 *
 * Beside the keychain there is an index without secrets (`path`): it makes changes a compare-and-swap
 * between processes, and lets them hear of each other's. The keychain itself is spoken to by a helper
 * process, so that one that hangs holds neither this program nor its end. What is longer than the
 * keychain takes (2,560 bytes on Windows) is split.
 *
 * @throws AuthError from its methods: `store_unavailable` when the keychain is locked, absent or silent, or
 * is another one than the index belongs to; `config_invalid` when `@napi-rs/keyring` is not installed;
 * `store_corrupt` (once) when the index or entries were removed or damaged by others
 * @example
 * ```ts
 * import { createClient, keychainStore } from '@lanonasis/auth-client/node'
 *
 * const lanonasis = createClient({ store: keychainStore({ onUnavailable: 'file' }) })
 * lanonasis.on('store', (event) => {
 *   if (event.operation === 'open') console.warn(`Credentials are kept in ${event.instead.location}.`)
 * })
 * ```
 */
export function keychainStore(options: KeychainStoreOptions = {}): TokenStore {
  const { onUnavailable = 'error' } = options
  const store = keychainOnly(options)
  switch (onUnavailable) {
    case 'error':
      return store
    case 'file':
      return lazyList([store, fileStore()])
    case 'memory':
      return lazyList([store, memoryStore()])
    default:
      throw new AuthError('config_invalid', 'onUnavailable is none of error, file and memory.')
  }
}

function keychainOnly(options: KeychainStoreOptions): TokenStore {
  const { service = defaultService, timeoutMs = defaultTimeoutMs } = options
  const path = resolve(options.path ?? join(homedir(), '.maas.keychain'))
  // With all that reads and locks files: a program that prints its help needs none of it.
  const load = once(async () => {
    const { openVault } = await import('./open-vault.ts')
    return openVault({ service, timeoutMs, path })
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

    describe: () => describeKeychain(service),

    async holdsAccounts() {
      return (await load()).holdsAccounts()
    },

    choice: {
      read: async (places) => (await load()).choice.read(places),
      settle: async (place, places) => (await load()).choice.settle(place, places),
      clear: async (places) => (await load()).choice.clear(places),
    },
  }
}

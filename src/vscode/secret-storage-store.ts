import type { Lock } from '../lock/lock.ts'
import { nameOf, type StoreKey, type TokenStore } from '../store/store.ts'
import type { ExtensionContext, HostEnvironment } from './host.ts'
import { persistenceOf } from './persistence.ts'
import { SecretAccounts } from './secret-accounts.ts'
import { Secrets } from './secrets.ts'
import { singleWindow, windowsOf } from './windows.ts'

/** What {@link secretStorageStore} can be told besides. */
export interface SecretStorageStoreOptions {
  /** `vscode.env`, by which `describe()` can say more of the host. */
  readonly env?: HostEnvironment | undefined
  /** The lock between windows, where the host has a better one than the store finds. */
  readonly lock?: Lock | undefined
}

/**
 * Keeps credentials in the secret storage of VS Code and its family, which all windows share.
 *
 * The secret storage cannot compare before it writes, and a window sees only after a moment what another
 * one has written. So a change is made under a lock between the windows, and its revision announced to
 * them: by lease files and by a file for each account in the extension's global storage folder, where the
 * extension runs on Node.js. `watch` hears of changes in other windows.
 *
 * It encrypts by the system's keyring. Where there is none, and in many editors in a browser, secrets last
 * only until the editor is closed: `describe()` says so as far as it can be known.
 *
 * @param context the one that `activate` was given
 * @example
 * ```ts
 * import { LanonasisClient } from '@lanonasis/auth-client'
 * import { secretStorageStore } from '@lanonasis/auth-client/vscode'
 * import * as vscode from 'vscode'
 *
 * export function activate(context: vscode.ExtensionContext) {
 *   const store = secretStorageStore(context, { env: vscode.env })
 *   const lanonasis = new LanonasisClient({ clientId: 'vscode-extension', store })
 *   context.subscriptions.push({ dispose: () => lanonasis.close() })
 * }
 * ```
 */
export function secretStorageStore(
  context: ExtensionContext,
  { env, lock }: SecretStorageStoreOptions = {},
): TokenStore {
  const secrets = new Secrets(context.secrets)
  const persistence = persistenceOf(context, env)
  const windows = lock === undefined ? windowsOf(context.globalStorageUri) : singleWindow(lock)
  const accounts = new SecretAccounts({ secrets, persistence, windows })

  return {
    lock: windows.lock,
    read: (key) => accounts.read(secretOf(key)),
    commit: (key, expected, value) => accounts.commit(secretOf(key), { expected, value }),
    watch: (key, listener) => accounts.watch(secretOf(key), listener),
    destroy: (key) => accounts.destroy(secretOf(key)),
    describe: () => ({
      kind: 'secret-storage',
      location: env?.appName ?? 'VS Code',
      ...persistence.describe(),
    }),
  }
}

/** The name of the secret with this account. */
function secretOf(key: StoreKey): string {
  return `lanonasis.account:${nameOf(key)}`
}

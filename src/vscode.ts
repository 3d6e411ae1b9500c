/**
 * Extensions of VS Code and its family, on the desktop and in a browser.
 *
 * @module
 */
export type {
  ExtensionContext,
  HostDisposable,
  HostEnvironment,
  HostUri,
  Memento,
  SecretStorage,
  SecretStorageChange,
} from './vscode/host.ts'
export {
  type SecretStorageStoreOptions,
  secretStorageStore,
} from './vscode/secret-storage-store.ts'

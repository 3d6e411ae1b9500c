/**
 * Pages: the client with sign-in by redirect, and with stores that all tabs share, encrypted in IndexedDB or, by explicit choice, in
 * web storage.
 *
 * Importing it on a server that renders pages touches nothing of a browser: everything is looked up on
 * first use.
 *
 * @module
 */
export { type BrowserClientOptions, createClient } from './browser/create-client.ts'
export {
  type BrowserImportOptions,
  importCredentials,
  type OldStorage,
} from './browser/import/import-credentials.ts'
export {
  type IndexedDbStoreOptions,
  indexedDbStore,
} from './browser/indexed-db/indexed-db-store.ts'
export { type RedirectFlowOptions, redirectFlow } from './browser/redirect/redirect-flow.ts'
export {
  type WebStorageStoreOptions,
  webStorageStore,
} from './browser/web-storage/web-storage-store.ts'
export type * from './import/report.ts'
export type { ImportOptions } from './import/run-import.ts'

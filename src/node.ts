/**
 * Command lines, desktop programs and servers: the client with a browser sign-in on this machine and a
 * credential file.
 *
 * @module
 */
export { createClient, type NodeClientOptions } from './node/create-client.ts'
export { type FileStoreOptions, fileStore } from './node/file-store/file-store.ts'
export {
  type KeychainStoreOptions,
  keychainStore,
} from './node/keychain-store/keychain-store.ts'
export { type LoopbackFlowOptions, loopbackFlow } from './node/loopback/loopback-flow.ts'
export { type OpenUrl, openUrl } from './node/open-url.ts'

/**
 * Command lines, desktop programs and servers: the client with a browser sign-in on this machine or on
 * another one, and a credential file.
 *
 * @module
 */
export { type DeploymentOptions, parseDeployment } from './endpoints/deployment.ts'
export type * from './import/report.ts'
export type { ImportOptions } from './import/run-import.ts'
export { type DeviceFlowOptions, deviceFlow } from './login/device/device-flow.ts'
export type { ReadLine } from './node/answer/terminal.ts'
export { createClient, type NodeClientOptions } from './node/create-client.ts'
export { type FileStoreOptions, fileStore } from './node/file-store/file-store.ts'
export { importCredentials, type NodeImportOptions } from './node/import/import-credentials.ts'
export type { KeychainReader } from './node/import/keychain-reader.ts'
export type { OldFilesChoice } from './node/import/old-file-care.ts'
export {
  type KeychainStoreOptions,
  keychainStore,
} from './node/keychain-store/keychain-store.ts'
export type { LoopbackHost } from './node/loopback/bind.ts'
export type { LoginOutcome, LoginPage } from './node/loopback/login-page.ts'
export { type LoopbackFlowOptions, loopbackFlow } from './node/loopback/loopback-flow.ts'
export type { PageContent } from './node/loopback/page.ts'
export { type Opener, type OpenUrl, openUrl } from './node/open-url.ts'
export { type PasteFlowOptions, pasteFlow } from './node/paste/paste-flow.ts'
export {
  type PromptTexts,
  type TerminalPromptsOptions,
  terminalPrompts,
} from './node/terminal-prompts.ts'
export { nodeWebSockets } from './node/web-sockets/node-web-sockets.ts'

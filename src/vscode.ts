/**
 * Extensions of VS Code and its family, on the desktop and in a browser.
 *
 * @module
 */
export type * from './import/report.ts'
export type { ImportOptions } from './import/run-import.ts'
export { type DeviceFlowOptions, deviceFlow } from './login/device/device-flow.ts'
export type {
  AuthenticatingEditor,
  AuthenticationProvider,
  AuthenticationSession,
  AuthenticationSessionOptions,
  AuthenticationSessionsChange,
} from './vscode/authentication-provider/host.ts'
export {
  type AuthenticationProviderOptions,
  registerAuthenticationProvider,
} from './vscode/authentication-provider/register.ts'
export { createClient, type VscodeClientOptions } from './vscode/create-client.ts'
export type {
  ActivationContext,
  Editor,
  EditorEnvironment,
  EditorUri,
  EditorUriHandler,
  ExtensionContext,
  HostDisposable,
  HostEnvironment,
  HostUri,
  Memento,
  SecretStorage,
  SecretStorageChange,
} from './vscode/host.ts'
export { importCredentials, type VscodeImportOptions } from './vscode/import/import-credentials.ts'
export type { OldSecrets } from './vscode/import/old-secrets.ts'
export type { EditorFiles } from './vscode/import/read-cli-files.ts'
export {
  type EditorPromptsOptions,
  type EditorPromptTexts,
  editorPrompts,
  type PromptingOptions,
} from './vscode/prompts/editor-prompts.ts'
export type {
  HostInputBox,
  HostQuickInput,
  HostQuickPick,
  PromptingEditor,
} from './vscode/prompts/host.ts'
export {
  type SecretStorageStoreOptions,
  secretStorageStore,
} from './vscode/secret-storage-store.ts'
export {
  type UriHandlerFlow,
  type UriHandlerFlowOptions,
  uriHandlerFlow,
} from './vscode/uri-handler/uri-handler-flow.ts'

/**
 * The part of VS Code's API that the store works with, in the form of interfaces of our own: the API
 * object is passed in by the extension, and nobody else needs its types.
 */

/** `vscode.SecretStorage` */
export interface SecretStorage {
  /** What was stored under this name; `undefined`: nothing, or nothing that can be decrypted. */
  get(key: string): PromiseLike<string | undefined>
  /** Keeps a secret. */
  store(key: string, value: string): PromiseLike<void>
  /** Removes it. */
  delete(key: string): PromiseLike<void>
  /** Fires for changes in this window, and later for those in others. */
  readonly onDidChange: (listener: (event: SecretStorageChange) => unknown) => HostDisposable
}

/** `vscode.SecretStorageChangeEvent` */
export interface SecretStorageChange {
  readonly key: string
}

/** `vscode.Disposable` */
export interface HostDisposable {
  /** Ends it. */
  dispose(): unknown
}

/** `vscode.Memento`: what it holds is no secret. */
export interface Memento {
  /** What was noted under this name. */
  get(key: string): unknown
  /** Notes it; `undefined` removes the note. */
  update(key: string, value: unknown): PromiseLike<void>
}

/** `vscode.Uri` */
export interface HostUri {
  readonly scheme: string
  readonly fsPath: string
}

/** `vscode.ExtensionContext`, as it is given to `activate`. */
export interface ExtensionContext {
  readonly secrets: SecretStorage
  readonly globalStorageUri: HostUri
  readonly globalState: Memento
}

/** `vscode.env`: what is known of the editor that the extension runs in. */
export interface HostEnvironment {
  readonly appName: string
  /** `desktop`, or who embeds the editor in a page: `github.dev`, `codespaces`, `server-distro`, `web`. */
  readonly appHost: string
  /** `ssh-remote`, `wsl`, `dev-container`, … when the window works on another machine. */
  readonly remoteName: string | undefined
  /** Differs each time the editor is started. */
  readonly sessionId: string
}

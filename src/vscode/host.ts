/**
 * The part of VS Code's API that this library works with, in the form of interfaces of our own: the API
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

/** A `vscode.Uri` with its parts, as a handler gets it: the editor has decoded each of them once. */
export interface EditorUri extends HostUri {
  readonly authority: string
  readonly path: string
  readonly query: string
  /** `true`: as it is, instead of encoded once more. */
  toString(skipEncoding?: boolean): string
}

/** `vscode.UriHandler` */
export interface EditorUriHandler {
  /** Called with each URI that the system hands to this extension. */
  handleUri(uri: EditorUri): PromiseLike<void> | undefined
}

/** `vscode.ExtensionContext`, with what belongs to this window. */
export interface ActivationContext extends ExtensionContext {
  readonly extension: {
    /** Publisher and name. */
    readonly id: string
  }
  readonly subscriptions: {
    /** To be ended with the extension. */
    push(subscription: HostDisposable): unknown
  }
}

/** `vscode.env`, with the ways out of the editor. */
export interface EditorEnvironment extends HostEnvironment {
  /** The scheme that the system hands to this editor: `vscode`, `cursor`, `windsurf`, … */
  readonly uriScheme: string
  /** 1: a desktop program; 2: a page. */
  readonly uiKind: number
  readonly clipboard: {
    /** What was copied last. */
    readText(): PromiseLike<string>
  }
  /** Opens a page in the person's browser; a text is opened as it is, a `Uri` is encoded anew. */
  openExternal(target: EditorUri | string): PromiseLike<boolean>
  /** The address under which the outside reaches a URI of this editor. */
  asExternalUri(target: EditorUri): PromiseLike<EditorUri>
}

/** `vscode`, the API of the editor, as far as signing in needs it. */
export interface Editor {
  readonly env: EditorEnvironment
  readonly window: {
    /** Throws when the extension has a handler in this window already. */
    registerUriHandler(handler: EditorUriHandler): HostDisposable
  }
  readonly Uri: {
    /** Takes a text apart, and decodes its parts. */
    parse(text: string, strict?: boolean): EditorUri
  }
}

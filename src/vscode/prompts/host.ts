/** The part of VS Code's API by which a person is told what to do, in the form of interfaces of our own. */
import type { EditorUri, HostDisposable } from '../host.ts'

/** `vscode.QuickInput` */
export interface HostQuickInput {
  title: string | undefined
  ignoreFocusOut: boolean
  /** Calls the listener when the person has chosen, or has pressed Enter. */
  readonly onDidAccept: (listener: () => unknown) => HostDisposable
  /** Calls the listener when it has been closed, by Escape for example. */
  readonly onDidHide: (listener: () => unknown) => HostDisposable
  /** Shows it, also again. */
  show(): void
  /** Closes it for good. */
  dispose(): void
}

/** `vscode.QuickPick`, of items with a label. */
export interface HostQuickPick extends HostQuickInput {
  placeholder: string | undefined
  items: readonly { readonly label: string }[]
  readonly activeItems: readonly { readonly label: string }[]
}

/** `vscode.InputBox` */
export interface HostInputBox extends HostQuickInput {
  prompt: string | undefined
  value: string
  password: boolean
  /** Shown as an error. */
  validationMessage: unknown
}

/** `vscode`, as far as telling a person what to do needs it. */
export interface PromptingEditor {
  readonly window: {
    /** As of `window`. */
    withProgress<Result>(
      options: { readonly location: number; readonly title: string; readonly cancellable: boolean },
      work: (
        progress: { report(value: { readonly message: string }): void },
        cancellation: { readonly onCancellationRequested: (listener: () => unknown) => unknown },
      ) => PromiseLike<Result>,
    ): PromiseLike<Result>
    /** As of `window`. */
    createQuickPick(): HostQuickPick
    /** As of `window`. */
    createInputBox(): HostInputBox
    /** As of `window`. */
    showInformationMessage(message: string, action: string): PromiseLike<string | undefined>
  }
  readonly env: {
    readonly clipboard: {
      /** Copies it. */
      writeText(text: string): PromiseLike<void>
    }
    /** Opens a page in the person's browser; a text is opened as it is. */
    openExternal(target: EditorUri | string): PromiseLike<boolean>
  }
}

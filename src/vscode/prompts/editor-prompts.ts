import { loadPart } from '../../errors/load-part.ts'
import type { LoginPrompt, LoginWait, PasteProblem } from '../../login/flow.ts'
import type { PromptingEditor } from './host.ts'

/** What {@link editorPrompts} says. An extension in another language gives its own. */
export interface EditorPromptTexts {
  /** Over everything. */
  readonly title: string
  /** Over the actions for a page that takes a code. */
  readonly titleWithCode: (userCode: string) => string
  /** Where the person has to open a page. */
  readonly instruction: string
  readonly openPage: string
  readonly copyAddress: string
  /** Where the person has to give what the browser came to. */
  readonly paste: string
  /** When the person has closed any of these, which the sign-in outlives. */
  readonly closed: (userCode: string | undefined) => string
  /** The action that has it back. */
  readonly showAgain: string
  /** Why what they gave was not taken. */
  readonly problems: Readonly<Record<PasteProblem, string>>
  /** What is waited for. */
  readonly waits: Readonly<Record<LoginWait, string>>
}

/** Options of {@link editorPrompts}. */
export interface EditorPromptsOptions {
  /** The API of the editor: what `import * as vscode from 'vscode'` gives. */
  readonly vscode: PromptingEditor
  /** Texts that replace the English ones. */
  readonly texts?: Partial<EditorPromptTexts> | undefined
}

/** What {@link editorPrompts} gives to a sign-in: to be passed to `login()` as it is. */
export interface PromptingOptions {
  /** Shows a prompt. */
  readonly onPrompt: (prompt: LoginPrompt) => void
  /** Aborted when the person cancels. */
  readonly signal: AbortSignal
}

/**
 * Tells a person in an editor what to do, for `login()` of an extension: a notification says what is waited for
 * and can be cancelled; where a page has to be opened, its code and two actions (open it, copy its address) stay
 * until the sign-in is over; where an address has to be pasted, it is asked for.
 *
 * Who closes the actions, with Escape for example, has not cancelled: they are told the code once more, and can have
 * the actions back. To cancel is done in the notification; the sign-in fails with `aborted` then.
 *
 * @returns what runs a sign-in with the prompts around it, and gives what it gives
 * @example
 * ```ts
 * import { createClient, editorPrompts } from '@lanonasis/auth-client/vscode'
 * import * as vscode from 'vscode'
 *
 * export function activate(context: vscode.ExtensionContext) {
 *   const client = createClient({ vscode, context })
 *   const withPrompts = editorPrompts({ vscode })
 *   const signIn = () => withPrompts((prompts) => client.login(prompts))
 *   context.subscriptions.push(vscode.commands.registerCommand('lanonasis.signIn', signIn))
 * }
 * ```
 */
export function editorPrompts({
  vscode,
  texts,
}: EditorPromptsOptions): <Result>(
  signIn: (prompts: PromptingOptions) => Promise<Result>,
) => Promise<Result> {
  return async (signIn) => {
    const { runWithPrompts } = await loadPart(import('./run-with-prompts.ts'))
    return runWithPrompts(vscode, { texts, signIn })
  }
}

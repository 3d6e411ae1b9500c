import type { LoginPrompt } from '../../login/flow.ts'
import type { EditorPromptTexts, PromptingOptions } from './editor-prompts.ts'
import type { PromptingEditor } from './host.ts'
import { pageActions } from './page-actions.ts'
import { pasteBox } from './paste-box.ts'
import { englishTexts } from './texts.ts'

/** `vscode.ProgressLocation.Notification` */
const notification = 15

interface Run<Result> {
  readonly texts: Partial<EditorPromptTexts> | undefined
  readonly signIn: (prompts: PromptingOptions) => Promise<Result>
}

/** Runs a sign-in; whatever it shows is gone when it is over. */
export async function runWithPrompts<Result>(
  vscode: PromptingEditor,
  { texts: own, signIn }: Run<Result>,
): Promise<Result> {
  const texts = { ...englishTexts, ...own }
  const options = { location: notification, title: texts.title, cancellable: true }
  return vscode.window.withProgress(options, async (progress, cancellation) => {
    const cancelling = new AbortController()
    cancellation.onCancellationRequested(() => cancelling.abort())
    const page = pageActions(vscode, texts)
    const paste = pasteBox(vscode, texts)
    const onPrompt = (prompt: LoginPrompt) => {
      switch (prompt.type) {
        case 'waiting':
          progress.report({ message: texts.waits[prompt.for] })
          break
        case 'url':
          // The editor has asked already, and the person has opened it.
          if (!prompt.opened) page.show({ address: prompt.url })
          break
        case 'device-code':
          page.show({ address: prompt.urlComplete ?? prompt.url, userCode: prompt.userCode })
          break
        case 'paste':
          paste.show(prompt)
          break
      }
    }
    try {
      return await signIn({ onPrompt, signal: cancelling.signal })
    } finally {
      page.dispose()
      paste.dispose()
    }
  })
}

import type { LoginPrompt } from '../../login/flow.ts'
import type { EditorPromptTexts } from './editor-prompts.ts'
import type { HostInputBox, PromptingEditor } from './host.ts'
import { offerAgain } from './offer-again.ts'

type PastePrompt = Extract<LoginPrompt, { type: 'paste' }>

/** Asks for the address that the browser has ended on. What is given holds a code, and is not shown. */
export function pasteBox(vscode: PromptingEditor, texts: EditorPromptTexts) {
  const { window, env } = vscode
  let close = () => {}
  let box: HostInputBox | undefined
  // Each question has its own, and the box stays.
  let answer: PastePrompt['submit'] = () => {}
  return {
    show({ url, problem, submit }: PastePrompt) {
      answer = submit
      const isFirst = box === undefined
      box ??= window.createInputBox()
      const shown = box
      shown.title = texts.title
      shown.prompt = texts.paste
      shown.password = true
      shown.ignoreFocusOut = true
      shown.value = ''
      shown.validationMessage = problem === undefined ? undefined : texts.problems[problem]
      if (isFirst) {
        close = offerAgain(vscode, shown, { texts })
        shown.onDidAccept(() => answer(shown.value))
        // The editor asks first, and there the address can be copied as well.
        env.openExternal(url).then(
          () => {},
          () => {},
        )
      }
      shown.show()
    },
    dispose: () => close(),
  }
}

import type { EditorPromptTexts } from './editor-prompts.ts'
import type { PromptingEditor } from './host.ts'
import { offerAgain } from './offer-again.ts'

interface Page {
  readonly address: string
  /** To be compared or entered there. */
  readonly userCode?: string
}

/** What can be done with a page that the person has to open: it stays until the sign-in is over. */
export function pageActions(vscode: PromptingEditor, texts: EditorPromptTexts) {
  const { window, env } = vscode
  let close = () => {}
  return {
    show({ address, userCode }: Page) {
      close()
      const open = { label: `$(link-external) ${texts.openPage}` }
      const copy = { label: `$(copy) ${texts.copyAddress}` }
      const shown = window.createQuickPick()
      close = offerAgain(vscode, shown, { texts, userCode })
      shown.title = userCode === undefined ? texts.title : texts.titleWithCode(userCode)
      shown.placeholder = texts.instruction
      shown.items = [open, copy]
      shown.ignoreFocusOut = true
      shown.onDidAccept(() => {
        const [chosen = open] = shown.activeItems
        // A text, which the editor opens as it is; a `Uri` it would encode anew.
        const done =
          chosen.label === copy.label ? env.clipboard.writeText(address) : env.openExternal(address)
        // The address can be had in the other way.
        done.then(
          () => {},
          () => {},
        )
      })
      shown.show()
    },
    dispose: () => close(),
  }
}

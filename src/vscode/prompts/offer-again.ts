import type { EditorPromptTexts } from './editor-prompts.ts'
import type { HostQuickInput, PromptingEditor } from './host.ts'

interface Offer {
  readonly texts: EditorPromptTexts
  /** What the person needs to know of it meanwhile. */
  readonly userCode?: string | undefined
}

/**
 * Offers an input again that the person closes, by Escape or by another input in its place: the sign-in goes on, and
 * without the input nobody could finish it.
 *
 * @returns what closes it for good
 */
export function offerAgain(
  { window }: PromptingEditor,
  input: HostQuickInput,
  { texts, userCode }: Offer,
): () => void {
  let isOver = false
  const reopen = (chosen: string | undefined) => {
    if (chosen !== undefined && !isOver) input.show()
  }
  input.onDidHide(() => {
    // The editor hides it, too, when it is disposed of.
    if (isOver) return
    window.showInformationMessage(texts.closed(userCode), texts.showAgain).then(reopen, () => {})
  })
  return () => {
    isOver = true
    input.dispose()
  }
}

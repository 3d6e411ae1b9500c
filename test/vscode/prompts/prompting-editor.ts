import type { HostInputBox, HostQuickPick, PromptingEditor } from '../../../src/vscode.ts'

/** A model of what an editor shows a person, and of what the person does with it. */
export function promptingEditor() {
  const listeners = { accept: () => {}, cancel: () => {}, hide: () => {} }
  let answer = (_: string | undefined) => {}
  const seen = {
    /** What the notification says, the last at the end. */
    progress: [] as string[],
    opened: [] as string[],
    clipboard: '',
    /** The input that is open. */
    pick: undefined as HostQuickPick | undefined,
    box: undefined as HostInputBox | undefined,
    /** What was said, with an action. */
    messages: [] as string[],
  }
  let chosen = 0
  // As the editor does it: also when it is disposed of.
  const hide = () => {
    const isShown = seen.pick !== undefined || seen.box !== undefined
    seen.pick = undefined
    seen.box = undefined
    if (isShown) listeners.hide()
  }
  const input = {
    title: undefined as string | undefined,
    ignoreFocusOut: false,
    onDidAccept: (listener: () => unknown) => {
      listeners.accept = () => void listener()
      return { dispose() {} }
    },
    onDidHide: (listener: () => unknown) => {
      listeners.hide = () => void listener()
      return { dispose() {} }
    },
  }
  const vscode: PromptingEditor = {
    env: {
      clipboard: {
        writeText: async (text) => {
          seen.clipboard = text
        },
      },
      openExternal: async (target) => seen.opened.push(String(target)) > 0,
    },
    window: {
      withProgress: async (options, work) => {
        seen.progress.push(options.title)
        return work(
          { report: ({ message }) => seen.progress.push(message) },
          {
            onCancellationRequested: (listener) => {
              listeners.cancel = () => void listener()
            },
          },
        )
      },
      createQuickPick() {
        const pick: HostQuickPick = {
          ...input,
          placeholder: undefined,
          items: [],
          get activeItems() {
            return pick.items.slice(chosen, chosen + 1)
          },
          show: () => {
            seen.pick = pick
          },
          dispose: () => {
            if (seen.pick === pick) hide()
          },
        }
        return pick
      },
      createInputBox() {
        const box: HostInputBox = {
          ...input,
          prompt: undefined,
          value: '',
          password: false,
          validationMessage: undefined,
          show: () => {
            seen.box = box
          },
          dispose: hide,
        }
        return box
      },
      showInformationMessage: (message, action) =>
        new Promise((resolve) => {
          seen.messages.push(`${message} [${action}]`)
          answer = resolve
        }),
    },
  }
  return {
    vscode,
    seen,
    cancel: () => listeners.cancel(),
    /** Presses Escape. */
    pressEscape: hide,
    /** Chooses the action of the last message, or closes it. */
    answer: (action: string | undefined) => answer(action),
    choose(index: number) {
      chosen = index
      listeners.accept()
    },
    paste(text: string) {
      if (seen.box !== undefined) seen.box.value = text
      listeners.accept()
    },
  }
}

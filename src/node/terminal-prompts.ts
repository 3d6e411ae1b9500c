import type { LoginPrompt } from '../login/flow.ts'

/**
 * What {@link terminalPrompts} writes for each prompt; an empty text writes nothing. A program that
 * speaks another language gives its own.
 */
export type PromptTexts = {
  readonly [Type in LoginPrompt['type']]: (prompt: Extract<LoginPrompt, { type: Type }>) => string
}

/** How {@link terminalPrompts} speaks. */
export interface TerminalPromptsOptions {
  /** Writes; default: to standard error, because the output of a command line is for other programs. */
  readonly write?: ((text: string) => void) | undefined
  /** Texts that replace the English ones. */
  readonly texts?: Partial<PromptTexts> | undefined
}

/**
 * Tells a person at a terminal what to do, for `login({ onPrompt })` of a command line.
 *
 * @example
 * ```ts
 * import { createClient, terminalPrompts } from '@lanonasis/auth-client/node'
 *
 * const client = createClient()
 * await client.login({
 *   onPrompt: terminalPrompts({
 *     texts: { url: ({ url }) => `Bitte melden Sie sich hier an:\n${url}` },
 *   }),
 * })
 * ```
 */
export function terminalPrompts({
  write = (text) => void process.stderr.write(text),
  texts = {},
}: TerminalPromptsOptions = {}): (prompt: LoginPrompt) => void {
  let written = Promise.resolve()
  return (prompt) => {
    const show = async () => {
      const { textFor } = await import('./prompt-texts.ts')
      const text = textFor(prompt, texts)
      if (text !== '') write(`${text}\n`)
    }
    // One after the other, whatever became of the one before.
    written = written.then(show, show)
  }
}

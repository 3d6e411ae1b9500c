/**
 * Reads what a person types or pastes, until the end of its line. It is called before the person is
 * asked, so that nothing that comes early is shown.
 *
 * @throws AuthError `login_cancelled` when the person ends the input; anything when `signal` fires
 */
export type ReadLine = (options: { readonly signal: AbortSignal }) => Promise<string>

/**
 * Whether there is a terminal, and nobody else reads from it: a program with a user interface of its own
 * on the terminal would lose keystrokes to us, and its raw mode.
 */
export function isTerminalFree(): boolean {
  const { stdin } = process
  const isRead = ['data', 'readable', 'keypress'].some((event) => stdin.listenerCount(event) > 0)
  return stdin.isTTY && !isRead
}

import { AuthError } from '../../errors/auth-error.ts'

/**
 * Reads what a person types or pastes, until the end of its line.
 * @throws AuthError `login_cancelled` when the person ends the input; anything when `signal` fires
 */
export type ReadLine = (options: { readonly signal: AbortSignal }) => Promise<string>

/** Lines that come within this time of each other were pasted at once: an address that a window had wrapped. */
const togetherMs = 100

/**
 * How to read from the terminal, where there is one and nobody else reads from it: a program with a
 * user interface of its own on the terminal would lose keystrokes to us, and its raw mode.
 */
export function terminalReader(): ReadLine | undefined {
  const { stdin } = process
  const isRead = ['data', 'readable', 'keypress'].some((event) => stdin.listenerCount(event) > 0)
  return stdin.isTTY && !isRead ? readTerminalLine : undefined
}

/** Reads without showing it: a code is as good as a password for a minute. */
const readTerminalLine: ReadLine = async ({ signal }) => {
  const [{ createInterface }, { Writable }] = await Promise.all([
    import('node:readline'),
    import('node:stream'),
  ])
  signal.throwIfAborted()
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() })
  // In raw mode: a terminal's own line ends after 4,096 characters.
  const reader = createInterface({
    input: process.stdin,
    output: nowhere,
    terminal: true,
    historySize: 0,
  })
  let timer: ReturnType<typeof setTimeout> | undefined
  let onAbort = () => {}
  try {
    return await new Promise((resolve, reject) => {
      const lines: string[] = []
      const cancel = () =>
        reject(new AuthError('login_cancelled', 'The sign-in was cancelled at the terminal.'))
      onAbort = () => reject(signal.reason)
      signal.addEventListener('abort', onAbort, { once: true })
      reader.on('line', (line) => {
        lines.push(line)
        clearTimeout(timer)
        timer = setTimeout(() => resolve(lines.join('')), togetherMs)
      })
      reader.on('close', cancel)
      reader.on('SIGINT', () => {
        cancel()
        // In raw mode the terminal does not send it: what it does otherwise, it shall do here.
        queueMicrotask(interrupt)
      })
    })
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', onAbort)
    reader.removeAllListeners()
    // Out of raw mode, and no longer a reason for the process to stay.
    reader.close()
  }
}

/** As if the terminal had sent it: the program's own listeners are called, or the process ends. */
function interrupt(): void {
  if (process.listenerCount('SIGINT') > 0) process.emit('SIGINT')
  else process.kill(process.pid, 'SIGINT')
}

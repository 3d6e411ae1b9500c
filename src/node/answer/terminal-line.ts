// Loaded with a sign-in that may read from the terminal.
import { createInterface } from 'node:readline'
import { Writable } from 'node:stream'
import { AuthError } from '../../errors/auth-error.ts'
import { isTerminalFree, type ReadLine } from './terminal.ts'

/** Lines that come within this time of each other were pasted at once: an address that a window had wrapped. */
const togetherMs = 100

/** What to read with: what is given, or the terminal, where it can be read. `false`: nothing. */
export function readerFor(given: ReadLine | false | undefined): ReadLine | undefined {
  if (given === undefined) return isTerminalFree() ? readTerminalLine : undefined
  return given === false ? undefined : given
}

/** Reads without showing it: a code is as good as a password for a minute. */
const readTerminalLine: ReadLine = async ({ signal }) => {
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
  if (process.listenerCount('SIGINT') > 0) process.emit('SIGINT', 'SIGINT')
  else process.kill(process.pid, 'SIGINT')
}

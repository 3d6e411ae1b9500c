import { UsageError } from './failure.js'
import { interruption } from './interruption.js'

const maxBytes = 1_000_000

/**
 * Asks before something is gone for good. Where nobody can be asked, `--yes` has to say it.
 * @throws UsageError without a terminal
 */
export async function confirm(message: string, yes: boolean | undefined): Promise<boolean> {
  if (yes) return true
  if (!process.stdin.isTTY || !process.stderr.isTTY) {
    throw new UsageError('Nobody can be asked here: add --yes if you mean it.')
  }
  const { confirm: ask, isCancel } = await prompts()
  const { signal } = interruption
  const answer = await ask({ message, initialValue: false, output: process.stderr, signal })
  if (!isCancel(answer)) return answer
  if (!signal.aborted) interruption.interrupt()
  signal.throwIfAborted()
  return false
}

/** An id that is about to be repeated. @throws UsageError for a key in its place, without repeating it */
export async function requireId(text: string): Promise<void> {
  const { inspectApiKey } = await import('@lanonasis/auth-client')
  const found = inspectApiKey(text.replace(/^[\s'"]+|[\s'"]+$/g, ''))
  const secrets = ['secret_half_only', 'hash', 'jwt']
  if (!found.ok && !secrets.includes(found.reason)) return
  throw new UsageError('That is a secret, where an id belongs. Nothing was sent.')
}

/** A secret: typed or pasted without being shown, or from standard input; never an argument. */
export async function askForSecret(message: string): Promise<string> {
  if (!process.stdin.isTTY) return (await readInput()).replace(/\r?\n$/, '')
  const { password, isCancel } = await prompts()
  const { signal } = interruption
  const answer = await password({ message, output: process.stderr, signal })
  if (!isCancel(answer)) return answer
  if (!signal.aborted) interruption.interrupt()
  signal.throwIfAborted()
  return ''
}

/** Ctrl-D closes the input: a question that went on would get no answer, and leave no cursor. */
async function prompts() {
  const clack = await import('@clack/prompts')
  clack.updateSettings({ aliases: { '\u0004': 'cancel' } })
  return clack
}

/** All of standard input. @throws UsageError for more than anybody means to send */
export async function readInput(): Promise<string> {
  const { signal } = interruption
  const chunks: Buffer[] = []
  let size = 0
  const stop = () => void process.stdin.destroy()
  signal.addEventListener('abort', stop, { once: true })
  try {
    for await (const chunk of process.stdin) {
      chunks.push(Buffer.from(chunk))
      size += chunk.length
      if (size > maxBytes) throw new UsageError('Standard input has more than a megabyte.')
    }
  } finally {
    signal.removeEventListener('abort', stop)
  }
  signal.throwIfAborted()
  return Buffer.concat(chunks).toString('utf8')
}

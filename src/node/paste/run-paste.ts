import { startDeadline } from '../../async/abort.ts'
import { isAuthError } from '../../errors/auth-error.ts'
import type { LoginContext, LoginGrant } from '../../login/flow.ts'
import { defaultTimeoutMs } from '../answer/answer.ts'
import { askForAnswer, type Question } from '../answer/ask-for-answer.ts'
import { finishWithFirst } from '../answer/finish-with-first.ts'
import { readerFor } from '../answer/terminal-line.ts'
import { type LoopbackListener, listenOnLoopback } from '../loopback/listener.ts'
import { defaultPorts } from '../loopback/ports.ts'
import type { PasteFlowOptions } from './paste-flow.ts'

/** One sign-in, from the address to open to the tokens. The listener and the person race; the first ends both. */
export async function runPaste(
  context: LoginContext,
  options: PasteFlowOptions,
): Promise<LoginGrant> {
  const { now, signal, authorize, prompt } = context
  const { timeoutMs = defaultTimeoutMs } = options
  const ports = options.ports ?? defaultPorts(context)
  const listener = await listenIfPossible(ports, options)
  const expiresAt = now() + timeoutMs
  const deadline = startDeadline(timeoutMs, signal)
  const over = new AbortController()
  try {
    const redirectUri = listener?.redirectUri ?? options.redirectUri ?? nowhere(ports)
    const request = await authorize({ redirectUri })
    const question: Question = {
      request,
      redirectUri,
      expiresAt,
      prompt,
      readLine: readerFor(options.readLine),
      signal: AbortSignal.any([deadline.signal, over.signal]),
    }
    return await finishWithFirst({
      request,
      heard: listener?.expect(request.state),
      given: askForAnswer(question),
      askAgain: () => askForAnswer({ ...question, problem: 'refused' }),
      deadline,
      timeoutMs,
      prompt,
    })
  } finally {
    over.abort()
    deadline.dispose()
    await listener?.close()
  }
}

/** A port that is taken, or a machine where nobody may listen, is no obstacle here. */
async function listenIfPossible(
  ports: readonly number[],
  { listen = true, redirectUri }: PasteFlowOptions,
): Promise<LoopbackListener | undefined> {
  if (!listen || redirectUri !== undefined) return undefined
  try {
    return await listenOnLoopback({ ports })
  } catch (error) {
    if (!isAuthError(error)) throw error
    return undefined
  }
}

/** A redirect that is registered, or taken because it is loopback, and where nobody has to listen. */
function nowhere(ports: readonly number[]): string {
  const port = ports.find((one) => one !== 0) ?? 8989
  return `http://127.0.0.1:${port}/callback`
}

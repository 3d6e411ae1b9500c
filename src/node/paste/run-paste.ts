import { isAuthError } from '../../errors/auth-error.ts'
import type { LoginContext, LoginGrant } from '../../login/flow.ts'
import { askForAnswer } from '../answer/ask-for-answer.ts'
import { signInByAnswer } from '../answer/sign-in-by-answer.ts'
import { type LoopbackListener, listenOnLoopback } from '../loopback/listener.ts'
import { defaultPorts } from '../loopback/ports.ts'
import type { PasteFlowOptions } from './paste-flow.ts'

/** One sign-in, from the address to open to the tokens. The listener and the person race; the first ends both. */
export async function runPaste(
  context: LoginContext,
  options: PasteFlowOptions,
): Promise<LoginGrant> {
  const { ports = defaultPorts(context) } = options
  const listener = await listenIfPossible(ports, options)
  try {
    return await signInByAnswer(context, {
      ...options,
      redirectUri: listener?.redirectUri ?? options.redirectUri ?? nowhere(ports),
      expect: listener?.expect,
      show: askForAnswer,
    })
  } finally {
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

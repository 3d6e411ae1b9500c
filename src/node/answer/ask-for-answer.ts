import { raceSignal, throwIfAborted } from '../../async/abort.ts'
import type { AuthorizationRequest, LoginContext, PasteProblem } from '../../login/flow.ts'
import type { Answer } from './answer.ts'
import { readPasted } from './read-pasted.ts'
import type { ReadLine } from './terminal.ts'

/** What is asked for, and how. */
export interface Question {
  readonly request: AuthorizationRequest
  readonly redirectUri: string
  readonly expiresAt: number
  readonly prompt: LoginContext['prompt']
  /** `undefined`: the answer comes by way of the prompt alone. */
  readonly readLine: ReadLine | undefined
  /** Ends the question, and releases the terminal. */
  readonly signal: AbortSignal
  /** Why it is asked once more. */
  readonly problem?: PasteProblem | undefined
}

/**
 * Asks a person for the answer until one fits. What does not fit is said, and asked for again: it never
 * ends a sign-in.
 *
 * @throws AuthError `aborted`, `login_cancelled`
 */
export async function askForAnswer(question: Question): Promise<Answer> {
  const { request, redirectUri } = question
  let { problem } = question
  for (;;) {
    const pasted = readPasted(await ask(question, problem), { ...request, redirectUri })
    if (pasted.ok) return { ...pasted, respond: async () => {} }
    problem = pasted.problem
  }
}

async function ask(
  { request, expiresAt, prompt, readLine, signal }: Question,
  problem: PasteProblem | undefined,
): Promise<string> {
  // The terminal is released when the text comes by another way.
  const reading = new AbortController()
  const ways: Promise<string>[] = []
  try {
    // Before the person is asked: what is pasted early is not shown then.
    if (readLine !== undefined) {
      ways.push(readLine({ signal: AbortSignal.any([signal, reading.signal]) }))
    }
    ways.push(
      new Promise((submit) => {
        prompt({
          type: 'paste',
          url: request.url,
          expiresAt,
          reading: readLine !== undefined,
          ...(problem === undefined ? {} : { problem }),
          submit,
        })
      }),
    )
    return await raceSignal(Promise.race(ways), signal)
  } catch (error) {
    // Whatever a reader says when it is stopped.
    throwIfAborted(signal)
    throw error
  } finally {
    reading.abort()
    for (const way of ways) way.catch(() => {})
  }
}

import { startDeadline } from '../../async/abort.ts'
import type { LoginContext, LoginGrant } from '../../login/flow.ts'
import type { LoginPage } from '../loopback/login-page.ts'
import { type Answer, defaultTimeoutMs } from './answer.ts'
import { askForAnswer, type Question } from './ask-for-answer.ts'
import { finishWithFirst } from './finish-with-first.ts'
import type { ReadLine } from './terminal.ts'
import { readerFor } from './terminal-line.ts'

/** How the answer of the authorization server may come in. */
export interface Ways {
  readonly redirectUri: string
  /** The browser comes back to a port of this machine; begins to listen for the answer with this state. */
  readonly expect: ((state: string) => Promise<Answer>) | undefined
  /** Shows the page to the person, who may give the answer by hand. */
  readonly show: (question: Question) => Promise<Answer>
  readonly readLine?: ReadLine | false | undefined
  readonly timeoutMs?: number | undefined
  readonly page?: LoginPage | undefined
}

/**
 * One sign-in, from the address to open to the tokens. The ways race; the first answer ends them all.
 *
 * @throws AuthError `login_timeout`, `aborted`, and what `authorize` and `finish` throw
 */
export async function signInByAnswer(
  { now, signal, authorize, prompt }: LoginContext,
  { redirectUri, expect, show, readLine, timeoutMs = defaultTimeoutMs, page }: Ways,
): Promise<LoginGrant> {
  const expiresAt = now() + timeoutMs
  const deadline = startDeadline(timeoutMs, signal)
  const over = new AbortController()
  try {
    const request = await authorize({ redirectUri })
    const question: Question = {
      request,
      redirectUri,
      expiresAt,
      prompt,
      readLine: readerFor(readLine),
      signal: AbortSignal.any([deadline.signal, over.signal]),
    }
    return await finishWithFirst({
      request,
      // Before the page opens: the browser may be back at once.
      heard: expect?.(request.state),
      given: show(question),
      askAgain: () => askForAnswer({ ...question, problem: 'refused' }),
      deadline,
      timeoutMs,
      prompt,
      page,
    })
  } finally {
    over.abort()
    deadline.dispose()
  }
}

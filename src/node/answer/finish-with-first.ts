import { type Deadline, raceSignal } from '../../async/abort.ts'
import { AuthError, isAuthError } from '../../errors/auth-error.ts'
import type { AuthorizationRequest, LoginContext, LoginGrant } from '../../login/flow.ts'
import { type LoginPage, pageFor } from '../loopback/login-page.ts'
import type { Answer } from './answer.ts'

/** The ways an answer may come in, and the limits. */
export interface Race {
  readonly request: AuthorizationRequest
  /** The browser comes back to a port of this machine. */
  readonly heard: Promise<Answer> | undefined
  /** The person gives it by hand; rejected where no answer can come. */
  readonly given: Promise<Answer>
  /** Asks for a code once more, where one was given by hand and refused. */
  readonly askAgain: () => Promise<Answer>
  readonly deadline: Deadline
  readonly timeoutMs: number
  readonly prompt: LoginContext['prompt']
  readonly page?: LoginPage | undefined
}

/**
 * Takes the first answer, and exchanges its code.
 *
 * A code that was typed by hand and that the server does not know is asked for again; every other
 * failure is the end of the sign-in.
 *
 * @throws AuthError `login_timeout`, `aborted`, and what `finish` throws
 */
export async function finishWithFirst(race: Race): Promise<LoginGrant> {
  const { request, heard, askAgain, prompt, page } = race
  let { given } = race
  for (;;) {
    const answer = await waitFor(heard === undefined ? [given] : [heard, given], race)
    try {
      prompt({ type: 'waiting', for: 'tokens' })
      const grant = await request.finish(answer.url)
      await answer.respond({ status: 200, ...pageFor({ ok: true }, page) })
      return grant
    } catch (error) {
      const known = isAuthError(error) ? error : undefined
      await answer.respond({ status: 400, ...pageFor({ ok: false, error: known }, page) })
      if (!answer.codeAlone || known?.code !== 'login_required') throw error
      given = askAgain()
    }
  }
}

async function waitFor(
  answers: readonly Promise<Answer>[],
  { deadline, timeoutMs }: Race,
): Promise<Answer> {
  try {
    return await raceSignal(Promise.race(answers), deadline.signal)
  } catch (error) {
    if (!deadline.timedOut()) throw error
    // ★10 What the gateway refuses, it says in the browser; nothing of it comes here.
    throw new AuthError(
      'login_timeout',
      `Nobody came back from the sign-in page within ${Math.round(timeoutMs / 1_000)} seconds.`,
    )
  }
}

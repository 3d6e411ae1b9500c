import { type Deadline, raceSignal, startDeadline } from '../../async/abort.ts'
import { AuthError, isAuthError } from '../../errors/auth-error.ts'
import type { LoginContext, LoginGrant } from '../../login/flow.ts'
import type { Editor } from '../host.ts'
import { declinedError, openPage } from '../open-page.ts'
import type { Callbacks } from './callbacks.ts'

const defaultTimeoutMs = 300_000

export interface Run {
  readonly vscode: Editor
  readonly callbacks: Callbacks
  readonly redirectUri: string
  readonly timeoutMs?: number | undefined
}

/** One sign-in, from the page to the tokens. */
export async function runUriHandler(
  context: LoginContext,
  { vscode, callbacks, redirectUri, timeoutMs = defaultTimeoutMs }: Run,
): Promise<LoginGrant> {
  const expiresAt = context.now() + timeoutMs
  const deadline = startDeadline(timeoutMs, context.signal)
  try {
    const { url, state, finish } = await context.authorize({ redirectUri })
    // Before the page opens: the browser may be back at once.
    const { answer, stop } = callbacks.expect(state, redirectUri)
    try {
      const shown = showPage(context, { vscode, url, expiresAt })
      const heard = Promise.race([answer, shown.then(() => answer)])
      return await finish(await waitFor(heard, { deadline, timeoutMs }))
    } finally {
      stop()
    }
  } finally {
    deadline.dispose()
  }
}

async function showPage(
  { canPrompt, prompt }: LoginContext,
  { vscode, url, expiresAt }: { vscode: Editor; url: string; expiresAt: number },
): Promise<void> {
  let opened: boolean
  try {
    const what = await openPage(vscode, url)
    if (what === 'declined') throw declinedError()
    opened = what === 'opened'
  } catch (error) {
    // With somebody to tell, the person can open the page by hand.
    if (!canPrompt || isAuthError(error, 'login_cancelled')) throw error
    opened = false
  }
  prompt({ type: 'url', url, opened, expiresAt })
}

async function waitFor(
  callback: Promise<URL>,
  { deadline, timeoutMs }: { deadline: Deadline; timeoutMs: number },
): Promise<URL> {
  try {
    return await raceSignal(callback, deadline.signal)
  } catch (error) {
    if (!deadline.timedOut()) throw error
    // ★10 What the gateway refuses, it says in the browser; nothing of it comes here.
    const seconds = Math.round(timeoutMs / 1_000)
    throw new AuthError(
      'login_timeout',
      `The browser did not come back within ${seconds} seconds.`,
      {
        hint: 'Look at the browser page: when the gateway refuses a request, it says why there and nowhere else. Let the browser open the editor when it asks, and sign in again.',
      },
    )
  }
}

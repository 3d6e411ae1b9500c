import { raceSignal, startDeadline } from '../../async/abort.ts'
import { AuthError, isAuthError } from '../../errors/auth-error.ts'
import type { LoginContext, LoginGrant } from '../../login/flow.ts'
import { type OpenUrl, openUrl as openInBrowser } from '../open-url.ts'
import { type Callback, type LoopbackListener, listenOnLoopback } from './listener.ts'
import type { LoopbackFlowOptions } from './loopback-flow.ts'

const lanonasisPorts = [8989, 8888, 3000]
const idePorts = [8080, ...lanonasisPorts]
const anyPort = [0]
const defaultTimeoutMs = 300_000

/** One sign-in, from the listener to the tokens. */
export async function runLoopback(
  context: LoginContext,
  options: LoopbackFlowOptions,
): Promise<LoginGrant> {
  const { timeoutMs = defaultTimeoutMs } = options
  const listener = await listenOnLoopback(portsFor(context, options))
  const expiresAt = context.now() + timeoutMs
  const deadline = startDeadline(timeoutMs, context.signal)
  try {
    const { url, state, finish } = await context.authorize({ redirectUri: listener.redirectUri })
    const answer = listener.expect(state)
    const shown = showPage(context, { url, expiresAt, openUrl: options.openUrl ?? openInBrowser })
    // The opener may itself wait for the browser; what counts is the answer, or that there is no browser.
    const callback = await waitFor(Promise.race([answer, shown.then(() => answer)]), {
      deadline,
      timeoutMs,
    })
    return await settle(callback, finish)
  } finally {
    deadline.dispose()
    await listener.close()
  }
}

function portsFor(
  { lanonasis, clientId }: LoginContext,
  options: LoopbackFlowOptions,
): readonly number[] {
  const defaults = clientId.endsWith('-extension') ? idePorts : lanonasisPorts
  const ports = options.ports ?? (lanonasis ? defaults : anyPort)
  return options.strict ? ports.slice(0, 1) : ports
}

async function showPage(
  { canPrompt, prompt }: LoginContext,
  { url, expiresAt, openUrl }: { url: string; expiresAt: number; openUrl: OpenUrl },
): Promise<void> {
  try {
    await openUrl(url)
  } catch (error) {
    // With somebody to tell, the person can open the page by hand.
    if (!canPrompt) throw error
    prompt({ type: 'url', url, opened: false, expiresAt })
    return
  }
  prompt({ type: 'url', url, opened: true, expiresAt })
}

async function waitFor(
  answer: ReturnType<LoopbackListener['expect']>,
  { deadline, timeoutMs }: { deadline: ReturnType<typeof startDeadline>; timeoutMs: number },
): Promise<Callback> {
  try {
    return await raceSignal(answer, deadline.signal)
  } catch (error) {
    if (!deadline.timedOut()) throw error
    // ★10 What the gateway refuses, it says in the browser; nothing of it comes here.
    throw new AuthError(
      'login_timeout',
      `The browser did not come back within ${Math.round(timeoutMs / 1_000)} seconds.`,
    )
  }
}

/** Finishes while the browser waits, so that its page tells the truth. */
async function settle(
  { url, respond }: Callback,
  finish: (callback: URL) => Promise<LoginGrant>,
): Promise<LoginGrant> {
  try {
    const grant = await finish(url)
    await respond({
      status: 200,
      title: 'You are signed in',
      text: 'You may close this window and go back to the program.',
    })
    return grant
  } catch (error) {
    const said = isAuthError(error) ? `${error.message} ${error.hint}` : 'Go back to the program.'
    await respond({ status: 400, title: 'The sign-in did not succeed', text: said })
    throw error
  }
}

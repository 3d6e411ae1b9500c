import { startDeadline } from '../../async/abort.ts'
import type { LoginContext, LoginGrant } from '../../login/flow.ts'
import { type Answer, defaultTimeoutMs } from '../answer/answer.ts'
import { askForAnswer, type Question } from '../answer/ask-for-answer.ts'
import { finishWithFirst } from '../answer/finish-with-first.ts'
import { readerFor } from '../answer/terminal-line.ts'
import { openUrl as openInBrowser } from '../open-url.ts'
import { listenOnLoopback } from './listener.ts'
import type { LoopbackFlowOptions } from './loopback-flow.ts'
import { defaultPorts } from './ports.ts'

/** One sign-in, from the listener to the tokens. */
export async function runLoopback(
  context: LoginContext,
  options: LoopbackFlowOptions,
): Promise<LoginGrant> {
  const { now, signal, authorize, prompt } = context
  const { timeoutMs = defaultTimeoutMs, strict, hosts, page } = options
  const ports = options.ports ?? defaultPorts(context)
  const listener = await listenOnLoopback({ ports: strict ? ports.slice(0, 1) : ports, hosts })
  const expiresAt = now() + timeoutMs
  const deadline = startDeadline(timeoutMs, signal)
  const over = new AbortController()
  try {
    const { redirectUri } = listener
    const request = await authorize({ redirectUri })
    const question: Question = {
      request,
      redirectUri,
      expiresAt,
      prompt,
      readLine: readerFor(options.readLine),
      signal: AbortSignal.any([deadline.signal, over.signal]),
    }
    // Before the browser opens: it may be back at once.
    const heard = listener.expect(request.state)
    return await finishWithFirst({
      request,
      heard,
      given: showPage(context, question, options),
      askAgain: () => askForAnswer({ ...question, problem: 'refused' }),
      deadline,
      timeoutMs,
      prompt,
      page,
    })
  } finally {
    over.abort()
    deadline.dispose()
    await listener.close()
  }
}

/**
 * Opens the page. The opener may itself wait for the browser; what counts is the answer, or that there
 * is no browser: then the person opens the page elsewhere, and may give by hand what comes back there.
 */
async function showPage(
  { canPrompt, prompt }: LoginContext,
  question: Question,
  { openUrl = openInBrowser }: LoopbackFlowOptions,
): Promise<Answer> {
  const { request, expiresAt, readLine } = question
  const { url } = request
  let opened = true
  try {
    await openUrl(url)
  } catch (error) {
    // With somebody to tell, the person can open the page by hand.
    if (!canPrompt) throw error
    if (readLine !== undefined) return askForAnswer(question)
    opened = false
  }
  prompt({ type: 'url', url, opened, expiresAt })
  // The answer comes by way of the listener.
  return new Promise(() => {})
}

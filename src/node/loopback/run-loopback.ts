import type { LoginContext, LoginGrant } from '../../login/flow.ts'
import type { Answer } from '../answer/answer.ts'
import { askForAnswer, type Question } from '../answer/ask-for-answer.ts'
import { signInByAnswer } from '../answer/sign-in-by-answer.ts'
import { openUrl as openInBrowser } from '../open-url.ts'
import { listenOnLoopback } from './listener.ts'
import type { LoopbackFlowOptions } from './loopback-flow.ts'
import { defaultPorts } from './ports.ts'

/** One sign-in, from the listener to the tokens. */
export async function runLoopback(
  context: LoginContext,
  options: LoopbackFlowOptions,
): Promise<LoginGrant> {
  const { ports = defaultPorts(context), strict, hosts } = options
  const listener = await listenOnLoopback({ ports: strict ? ports.slice(0, 1) : ports, hosts })
  try {
    return await signInByAnswer(context, {
      ...options,
      ...listener,
      show: (question) => showPage(context, question, options),
    })
  } finally {
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

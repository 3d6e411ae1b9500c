import * as oauth from 'oauth4webapi'
import { AuthError, isAuthError } from '../errors/auth-error.ts'
import { errorFromFailure, type Failure, readFailure } from '../http/response-error.ts'
import { mayHaveActed } from '../http/transport.ts'
import { parseFields } from '../json/fields.ts'
import type { Tokens } from '../session/account.ts'
import type { DeviceTransaction } from './device.ts'
import { hostOf, httpOptions, type OAuthContext } from './server.ts'
import { isPage, tokenError } from './token-error.ts'
import { parseTokens } from './tokens.ts'

/** How one wait for a person goes on. */
export interface PollingOptions {
  /** Waits; ends early, by throwing, when the sign-in is given up. */
  readonly wait: (ms: number) => Promise<void>
  /** Told when what is waited for changes: the person, or a server that does not answer. */
  readonly onWaiting?: ((waitingFor: 'approval' | 'server') => void) | undefined
}

/** RFC 8628 §3.5: "the interval MUST be increased by 5 seconds". */
const slowDownMs = 5_000
const longestBackOffMs = 60_000
/** A timer stands still while the machine sleeps: the wall clock is looked at this often. */
const sliceMs = 5_000

/** What one poll brought. */
type Poll =
  | { readonly type: 'done'; readonly tokens: Tokens }
  | { readonly type: 'pending' }
  | { readonly type: 'slow-down'; readonly retryAfterMs: number | undefined }
  /** Nothing is known: the network, a proxy or a server that fails. */
  | { readonly type: 'no-answer'; readonly error: AuthError }
  | { readonly type: 'refused'; readonly failure: Failure }

/**
 * Asks for the tokens until the person has decided, or the codes have ended.
 *
 * | answer | then |
 * |---|---|
 * | `authorization_pending` | ask again after the interval |
 * | `slow_down`, or any 429 | the interval grows by 5 s, for good; `Retry-After` is kept to |
 * | no answer, 408, 5xx, a page of HTML | ask again; the pause doubles each time, up to a minute |
 * | `access_denied` | `access_denied` |
 * | `expired_token`, or the end of the codes' life | `login_timeout` |
 * | the code is used up although no tokens came: an answer was lost on its way | `login_required` |
 * | anything else | a typed error |
 *
 * @throws AuthError as in the table; `aborted` by way of `wait`
 * @see RFC 8628 §3.4–3.5
 */
export async function pollDevice(
  context: OAuthContext,
  transaction: DeviceTransaction,
  { wait, onWaiting }: PollingOptions,
): Promise<Tokens> {
  const { now } = context
  const { expiresAt } = transaction
  let { intervalMs } = transaction
  let pauseMs = intervalMs
  let backOffMs = intervalMs
  let answerMayBeLost = false
  let lastError: AuthError | undefined
  for (;;) {
    const leftMs = Math.max(0, expiresAt - now())
    // The last poll is at the very end, or after waking up beyond it: the server is the judge of that.
    await waitByWallClock(Math.min(pauseMs, leftMs), { wait, now })
    const poll = await pollOnce(context, transaction)
    switch (poll.type) {
      case 'done':
        return poll.tokens
      case 'refused':
        throw refusal(poll.failure, { context, transaction, answerMayBeLost })
      case 'no-answer':
        if (lastError === undefined) onWaiting?.('server')
        lastError = poll.error
        answerMayBeLost ||= poll.error.code !== 'network_error' || mayHaveActed(poll.error)
        backOffMs = Math.min(backOffMs * 2, Math.max(longestBackOffMs, intervalMs))
        pauseMs = Math.max(backOffMs, poll.error.retryAfterMs ?? 0)
        break
      case 'slow-down':
      case 'pending':
        if (lastError !== undefined) onWaiting?.('approval')
        lastError = undefined
        if (poll.type === 'slow-down') intervalMs += slowDownMs
        backOffMs = intervalMs
        pauseMs = Math.max(intervalMs, poll.type === 'slow-down' ? (poll.retryAfterMs ?? 0) : 0)
        break
    }
    if (now() >= expiresAt) throw timedOut(context, lastError)
  }
}

/** Waits so long, or until the wall clock says so: after a sleep of the machine it does, and a timer does not. */
async function waitByWallClock(
  ms: number,
  { wait, now }: Pick<PollingOptions, 'wait'> & Pick<OAuthContext, 'now'>,
): Promise<void> {
  const dueAt = now() + ms
  for (let leftMs = ms; leftMs > 0 && now() < dueAt; leftMs -= sliceMs) {
    await wait(Math.min(leftMs, sliceMs))
  }
}

async function pollOnce(context: OAuthContext, transaction: DeviceTransaction): Promise<Poll> {
  const { server, clientId, transport, now } = context
  const { deviceCode, scope } = transaction
  const host = hostOf(server.issuer)
  const endpoint = server.metadata.token_endpoint
  if (endpoint === undefined) {
    throw new AuthError('config_invalid', `${host} has no token endpoint.`)
  }
  const sentAt = now()
  let response: Response
  try {
    response = await oauth.deviceCodeGrantRequest(
      server.metadata,
      { client_id: clientId },
      oauth.None(),
      deviceCode.reveal(),
      httpOptions(endpoint, transport, server.tokenRequestFormat),
    )
  } catch (error) {
    if (!isAuthError(error) || !error.retryable) throw error
    return { type: 'no-answer', error }
  }
  if (response.ok) {
    const answer = parseFields(await response.text())
    if (Object.keys(answer).length === 0) return { type: 'no-answer', error: notJson(host) }
    // ★18 The gateway's `scope` here is a project scope: what was asked for counts as granted.
    const request = { sentAt, scope, namesProjectScope: !server.discover, host }
    return { type: 'done', tokens: parseTokens(answer, request) }
  }
  const failure = await readFailure(response, now())
  const { status, code, retryAfterMs } = failure
  if (code === 'authorization_pending') return { type: 'pending' }
  if (code === 'slow_down' || status === 429) return { type: 'slow-down', retryAfterMs }
  const saysNothing = code === undefined && (status !== 404 || isPage(response))
  if (status === 408 || status >= 500 || saysNothing) {
    return { type: 'no-answer', error: tokenError(response, failure, { host, now: now() }) }
  }
  return { type: 'refused', failure }
}

/** The page of a proxy or of a network that wants a person to sign in first. */
function notJson(host: string): AuthError {
  return new AuthError('invalid_response', `${host} answered with something else than JSON.`, {
    retryable: true,
  })
}

interface RefusalFacts {
  readonly context: OAuthContext
  readonly transaction: DeviceTransaction
  readonly answerMayBeLost: boolean
}

function refusal(
  failure: Failure,
  { context, transaction, answerMayBeLost }: RefusalFacts,
): AuthError {
  const { server, now } = context
  const host = hostOf(server.issuer)
  const { code, status, requestId } = failure
  const known = { status, requestId }
  // The gateway calls a code that was used "expired", others call it invalid.
  const isEarly = now() < transaction.expiresAt
  if (code === 'invalid_grant' || (code === 'expired_token' && isEarly && answerMayBeLost)) {
    return new AuthError('login_required', `${host} no longer knows the code of this sign-in.`, {
      ...known,
      hint: 'The answer was lost on its way, or the code was used elsewhere: sign in again.',
    })
  }
  if (code === 'expired_token') return timedOut(context, undefined)
  if (code === 'access_denied') {
    return new AuthError('access_denied', `The sign-in at ${host} was declined.`, known)
  }
  return errorFromFailure(failure, { service: host, credential: 'none', now: now() })
}

function timedOut({ server }: OAuthContext, lastError: AuthError | undefined): AuthError {
  const host = hostOf(server.issuer)
  const unheard = lastError === undefined ? '' : `, and ${host} did not answer in the end`
  return new AuthError(
    'login_timeout',
    `Nobody entered the code of the device in time${unheard}.`,
    {
      hint: 'Start the sign-in again, and enter the new code on the page that is shown with it.',
      cause: lastError,
    },
  )
}

import { AuthError, isAuthError } from '../../errors/auth-error.ts'
import { redact } from '../../errors/redact.ts'
import type { Credential, RefusalVerdict } from '../../http/credentialed-fetch.ts'
import { errorFromFailure, readFailure } from '../../http/response-error.ts'
import { networkError } from '../../http/transport.ts'
import type { WebSocketEnd } from '../web-socket.ts'

/** What has to be known to say what an end means. */
export interface EndedSocket {
  readonly url: URL
  readonly credential: Credential
  readonly wasOpen: boolean
  /** Whether the platform shows why a handshake was refused; a page only learns that it was. */
  readonly showsRefusals: boolean
  readonly maxMessageBytes: number
  readonly now: () => number
  /** One look at whether the credential is still good. */
  readonly judge: () => Promise<RefusalVerdict>
}

/** What an end means. `again`: another try with the credential of then helps. */
export interface Ending {
  readonly error: AuthError
  readonly again: boolean
}

/**
 * Turns the end of a socket into the right error.
 *
 * | end | error |
 * |---|---|
 * | close 1008 or 4001, HTTP 401 (★27) | after one look at the credential: that of the verdict |
 * | never open, and the platform does not say why | the verdict when it condemns the credential, else `network_error` |
 * | HTTP 3xx (★7) | `origin_not_allowed` |
 * | HTTP 5xx | `service_unavailable`, retryable |
 * | HTTP, other | as for every request: `forbidden`, `rate_limited` with a wait, … |
 * | close 1009, or a larger message than we take | `validation_failed`, `invalid_response` |
 * | close 1002, 1003, 1007 | `invalid_response` |
 * | close 1011, 1012, 1013 | `service_unavailable`, retryable |
 * | anything else | `network_error` |
 */
export async function endingOf(end: WebSocketEnd, socket: EndedSocket): Promise<Ending> {
  const { code, refusal, error } = end
  if (code === 1008 || code === 4001 || refusal?.status === 401) return judged(socket, end)
  if (refusal !== undefined) return final(await refusalError(refusal, socket))
  if (!socket.wasOpen && !socket.showsRefusals) {
    const verdict = await judged(socket, end)
    // A good credential leaves the network.
    return verdict.error.code === 'service_unavailable' && !verdict.again
      ? final(networkError(error, socket.url.host))
      : verdict
  }
  return final(closeError(end, socket))
}

function final(error: AuthError): Ending {
  return { error, again: false }
}

async function judged({ url, judge }: EndedSocket, { reason }: WebSocketEnd): Promise<Ending> {
  try {
    const verdict = await judge()
    if (verdict.type === 'error') return final(verdict.error)
    const said = reason === '' ? '' : `: ${redact(reason)}`
    return {
      again: true,
      error: new AuthError('service_unavailable', `${url.host} refused the credential${said}.`, {
        status: 401,
        hint: 'There is another credential by now; try again.',
      }),
    }
  } catch (error) {
    return final(isAuthError(error) ? error : networkError(error, url.host))
  }
}

async function refusalError(
  response: Response,
  { url, credential, now }: EndedSocket,
): Promise<AuthError> {
  const service = url.host
  const failure = await readFailure(response, now())
  const { status, requestId, retryAfterMs } = failure
  const known = { status, requestId, retryAfterMs }
  if (status >= 300 && status < 400) {
    // A credential would go along to wherever that is.
    return new AuthError('origin_not_allowed', `${service} redirects its socket.`, known)
  }
  if (status >= 500) {
    return new AuthError('service_unavailable', `${service} answered ${status}.`, known)
  }
  return errorFromFailure(failure, { service, credential: credential.type, now: now() })
}

function closeError(
  { code, reason, error }: WebSocketEnd,
  { url: { host }, maxMessageBytes, wasOpen }: EndedSocket,
): AuthError {
  const said = reason === '' ? '' : `: ${redact(reason)}`
  const what = `${host} closed the connection (${code})${said}.`
  if (isTooLarge(error)) {
    const message = `A message of ${host} is larger than ${maxMessageBytes} bytes.`
    return new AuthError('invalid_response', message, {
      cause: error,
      hint: 'Ask for less at once, or raise maxMessageBytes.',
    })
  }
  if (code === 1009) {
    return new AuthError('validation_failed', what, { hint: 'Send smaller messages.' })
  }
  if (code === 1002 || code === 1003 || code === 1007) {
    return new AuthError('invalid_response', what, { cause: error })
  }
  if (code === 1011 || code === 1012 || code === 1013) {
    return new AuthError('service_unavailable', what)
  }
  if (error !== undefined || !wasOpen) return networkError(error, host)
  return new AuthError('network_error', what)
}

/** As `ws` calls it. */
function isTooLarge(error: unknown): boolean {
  return (
    error instanceof Error && 'code' in error && error.code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH'
  )
}

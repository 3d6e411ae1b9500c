import { abortedError, raceSignal, startDeadline } from '../async/abort.ts'
import { AuthError } from '../errors/auth-error.ts'
import type { RequestEvent } from './request-event.ts'
import { printableId, requestIdOf } from './request-id.ts'
import { type Fetch, networkError } from './transport.ts'

/** One request, ready to go. */
export interface OutgoingRequest {
  readonly target: URL | Request
  readonly url: URL
  readonly init: RequestInit
  readonly method: string
  readonly headers: Headers
  readonly signal: AbortSignal | undefined
  /** For the event. */
  readonly service: string
  readonly attempt: number
}

/** What sends it. */
export interface Sender {
  readonly fetch: Fetch
  readonly browser: boolean
  readonly timeoutMs: number
  readonly now: () => number
  readonly onRequest: (event: RequestEvent) => void
}

/**
 * Sends one request and reports it. The time limit is for the beginning of the answer; the caller's
 * signal reaches its body too. The platform does not follow redirects (★7).
 *
 * @throws AuthError `network_error`, `timeout`, `aborted`
 */
export async function send(
  { target, url, init, method, headers, signal, service, attempt }: OutgoingRequest,
  { fetch, browser, timeoutMs, now, onRequest }: Sender,
): Promise<Response> {
  const startedAt = now()
  const sentId = headers.get('x-request-id')
  const report = (response?: Response) =>
    onRequest({
      service,
      method,
      route: url.pathname,
      status: response?.status,
      requestId: (response && requestIdOf(response)) ?? printableId(sentId),
      attempt,
      durationMs: now() - startedAt,
    })

  const deadline = startDeadline(timeoutMs)
  const combined = signal ? AbortSignal.any([signal, deadline.signal]) : deadline.signal
  const redirect = browser ? 'error' : 'manual'
  try {
    const outgoing = { ...init, method, headers, redirect, signal: combined } as const
    // Not every fetch that is passed in goes by its signal.
    const response = await raceSignal(fetch(target, outgoing), combined)
    report(response)
    return response
  } catch (error) {
    report()
    if (deadline.timedOut()) {
      throw new AuthError('timeout', `${url.origin} did not answer within ${timeoutMs} ms.`)
    }
    if (signal?.aborted) throw abortedError(signal)
    throw networkError(error, url.origin)
  } finally {
    deadline.dispose()
  }
}

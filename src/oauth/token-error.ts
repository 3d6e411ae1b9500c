import { AuthError } from '../errors/auth-error.ts'
import { requestIdOf } from '../http/request-id.ts'
import { errorFromFailure, type Failure } from '../http/response-error.ts'

/** Whether an answer is the page of a proxy, or of a deployment under way: then the token endpoint has said nothing. */
export function isPage({ headers }: Response): boolean {
  return /html/i.test(headers.get('content-type') ?? '')
}

/** The error for a page in place of tokens. It refuses nothing, whatever its status: the same may succeed later. */
export function pageError(
  response: Response,
  { host, retryAfterMs }: { readonly host: string; readonly retryAfterMs?: number | undefined },
): AuthError | undefined {
  if (!isPage(response)) return undefined
  const { status } = response
  return new AuthError('service_unavailable', `${host} answered ${status} with a web page.`, {
    status,
    requestId: requestIdOf(response),
    retryAfterMs,
    hint: 'A proxy or the sign-in of a network answers so: see to that and try again, or check the endpoints.',
  })
}

/** The error for a failed token request. */
export function tokenError(
  response: Response,
  failure: Failure,
  { host, now }: { readonly host: string; readonly now: number },
): AuthError {
  const error = errorFromFailure(failure, { service: host, credential: 'none', now })
  // A limit and an outage say more than that there is a page for them.
  if (error.retryable) return error
  return pageError(response, { host, retryAfterMs: failure.retryAfterMs }) ?? error
}

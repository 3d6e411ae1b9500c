import { AuthError, type AuthErrorOptions } from '../errors/auth-error.ts'
import type { AuthErrorCode } from '../errors/definitions.ts'
import { redact } from '../errors/redact.ts'
import { isFields, parseFields, textOf } from '../json/fields.ts'
import { challengeParameter, missingScope, requiredScope } from './missing-scope.ts'
import { printableId, requestIdOf } from './request-id.ts'
import { retryAfterMs } from './waits.ts'

/** What a failed request was about. */
export interface FailedRequest {
  /** For the message: `the gateway`, `MCP Core`, … */
  readonly service: string
  /** What the request carried, because a 401 means something else for each. */
  readonly credential: 'bearer' | 'api-key' | 'none'
  /** The scope of the access token that was sent, where one was: to name what is missing. */
  readonly grantedScope?: string | undefined
  readonly now: number
}

/** A failed answer in one form, whatever envelope it came in. */
export interface Failure {
  readonly status: number
  /** The machine-readable code of the service: `invalid_grant`, `KEY_EXISTS`, … */
  readonly code: string | undefined
  readonly description: string | undefined
  readonly retryable: boolean | undefined
  readonly requestId: string | undefined
  readonly retryAfterMs: number | undefined
  /** The scope that the request needs, where the service says so. */
  readonly requiredScope?: string | undefined
}

/** Reads the envelopes of CONTRACT §6; HTML, text and an empty body give a failure without a code. */
export async function readFailure(response: Response, now: number): Promise<Failure> {
  const body = parseFields(await response.text())
  const nested = isFields(body.error) ? body.error : undefined
  const { headers, status } = response
  return {
    status,
    code:
      textOf(nested?.code) ??
      textOf(body.code) ??
      textOf(body.error) ??
      textOf(nested?.type) ??
      challengeParameter(headers, 'error'),
    description:
      textOf(nested?.message) ??
      textOf(body.error_description) ??
      textOf(body.message) ??
      textOf(body.reason) ??
      textOf(body.error),
    retryable: typeof nested?.retryable === 'boolean' ? nested.retryable : undefined,
    requestId: printableId(textOf(body.request_id)) ?? requestIdOf(response),
    retryAfterMs: retryAfterMs(headers, body, now),
    requiredScope: status === 403 ? requiredScope(headers, body) : undefined,
  }
}

/** The one typed error for a failed answer. Never decides on the text of a message. */
export async function errorFromResponse(
  response: Response,
  request: FailedRequest,
): Promise<AuthError> {
  return errorFromFailure(await readFailure(response, request.now), request)
}

export function errorFromFailure(failure: Failure, request: FailedRequest): AuthError {
  const { status, description, requestId } = failure
  const code = codeOf(failure, request)
  const said = description === undefined ? '' : `: ${redact(description)}`
  const options: AuthErrorOptions = {
    status,
    requestId,
    retryAfterMs: failure.retryAfterMs,
    ...(failure.retryable === undefined ? {} : { retryable: failure.retryable }),
  }
  if (code === 'insufficient_scope' && failure.requiredScope !== undefined) {
    const missing = missingScope(failure.requiredScope, request.grantedScope)
    return new AuthError(
      code,
      `${request.service} wants a scope that was not granted: ${missing}.`,
      {
        ...options,
        missingScope: missing,
        hint: `Sign in again and ask for ${missing} as well, if this client may have it.`,
      },
    )
  }
  return new AuthError(code, `${request.service} answered ${status}${said}.`, options)
}

/** What the services' own codes mean, where they say more than the status. */
const byServiceCode: Readonly<Record<string, AuthErrorCode>> = {
  expired_credential: 'api_key_expired',
  invalid_credential: 'api_key_rejected',
  API_KEY_INVALID: 'api_key_rejected',
  gateway_unavailable: 'service_unavailable',
  unauthorized_project_scope: 'forbidden',
  insufficient_scope: 'insufficient_scope',
  SCOPE_INSUFFICIENT: 'insufficient_scope',
  invalid_scope: 'insufficient_scope',
  access_denied: 'access_denied',
  invalid_client: 'config_invalid',
  unauthorized_client: 'config_invalid',
  KEY_EXISTS: 'conflict',
}

const byStatus: Readonly<Record<number, AuthErrorCode>> = {
  400: 'validation_failed',
  403: 'forbidden',
  404: 'not_found',
  405: 'not_found',
  408: 'timeout',
  409: 'conflict',
  410: 'not_found',
  413: 'validation_failed',
  422: 'validation_failed',
  425: 'service_unavailable',
  429: 'rate_limited',
  502: 'service_unavailable',
  503: 'service_unavailable',
  504: 'service_unavailable',
}

function codeOf({ status, code }: Failure, { credential }: FailedRequest): AuthErrorCode {
  const known =
    code !== undefined && Object.hasOwn(byServiceCode, code) ? byServiceCode[code] : undefined
  // The identity codes speak of "the credential": they name an API key only where one was sent.
  if (known !== undefined && !(known.startsWith('api_key') && credential !== 'api-key'))
    return known
  if (status === 401) {
    // ★23 A plain 401 is no proof that the token is dead: the edge sends it when the gateway is down.
    return credential === 'api-key' ? 'api_key_rejected' : 'service_unavailable'
  }
  const mapped = byStatus[status]
  if (mapped !== undefined) return mapped
  if (status >= 500) return 'server_error'
  return status >= 400 ? 'validation_failed' : 'invalid_response'
}

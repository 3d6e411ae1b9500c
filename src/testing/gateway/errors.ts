import { json, noStore } from '../http/answers.ts'
import type { Answer } from '../http/exchange.ts'

/** An error in OAuth's form (RFC 6749 §5.2), with 400 unless said otherwise. */
export function oauthError(
  error: string,
  description: string,
  options: { readonly status?: number; readonly details?: unknown } = {},
): Answer {
  const { status = 400, details } = options
  return json(status, { error, error_description: description, details }, noStore)
}

/** An error in the gateway's own form. */
export function gatewayError(
  status: number,
  error: string,
  options: { readonly code: string } & Readonly<Record<string, unknown>>,
): Answer {
  return json(status, { error, ...options })
}

/** The gateway's answer to every bad credential: it claims that none was sent (★24). */
export function tokenMissing(): Answer {
  return gatewayError(401, 'No token provided', { code: 'AUTH_TOKEN_MISSING' })
}

/** The answer to a POST without a body. */
export function bodyMissing(): Answer {
  return gatewayError(400, 'Request body is required', { code: 'INVALID_BODY' })
}

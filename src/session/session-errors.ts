import { AuthError } from '../errors/auth-error.ts'

export function loginRequired(): AuthError {
  return new AuthError('login_required', 'Nobody is signed in.')
}

export function sessionExpired(cause?: AuthError): AuthError {
  const { status, requestId } = cause ?? {}
  return new AuthError('session_expired', 'The session has ended.', { cause, status, requestId })
}

export function refreshFailed(cause: AuthError): AuthError {
  const { status, requestId, retryAfterMs, retryable, code } = cause
  return new AuthError('refresh_failed', `The session could not be renewed (${code}).`, {
    cause,
    status,
    requestId,
    retryAfterMs,
    retryable,
  })
}

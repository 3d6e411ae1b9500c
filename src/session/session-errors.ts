import { AuthError, isAuthError } from '../errors/auth-error.ts'
import type { Account, Tokens } from './account.ts'

/**
 * The tokens of an account that has a session.
 * @throws AuthError `login_required`, `session_expired`
 */
export function requireTokens({ session }: Account): Tokens {
  switch (session.status) {
    case 'signed-in':
      return session.tokens
    case 'expired':
      throw sessionExpired()
    case 'signed-out':
      throw loginRequired()
  }
}

export function loginRequired(): AuthError {
  return new AuthError('login_required', 'Nobody is signed in.')
}

export function sessionExpired(cause?: AuthError): AuthError {
  const { status, requestId } = cause ?? {}
  return new AuthError('session_expired', 'The session has ended.', { cause, status, requestId })
}

/** Whether this error says that there is no session, or none any more. */
export function isEnd(error: unknown): boolean {
  return isAuthError(error, 'login_required') || isAuthError(error, 'session_expired')
}

export function lostLease(): AuthError {
  return new AuthError('lock_timeout', 'This process stalled, and another one took over.')
}

/** A machine slept between a renewal and its commit: the next call renews what it brought. */
export function endedAgain(): AuthError {
  return new AuthError('refresh_failed', 'The session was renewed elsewhere, and is due again.', {
    retryable: true,
  })
}

/** The error for tokens that could not be renewed and are of no more use now; the session is kept. */
export function refreshFailed(cause: AuthError): AuthError {
  if (cause.code === 'store_unavailable') return cause
  const { status, requestId, retryAfterMs, code, hint } = cause
  // A failing server may work again, whatever is said of repeating other requests to it.
  const retryable = cause.retryable || (status ?? 0) >= 500
  return new AuthError('refresh_failed', `The session could not be renewed (${code}).`, {
    cause,
    status,
    requestId,
    retryAfterMs,
    retryable,
    // Waiting is of no use: somebody has to act.
    ...(retryable ? {} : { hint }),
  })
}

import { AuthError, isAuthError } from '../../errors/auth-error.ts'
import { codeOf } from '../files/system-error.ts'

export function lockTimeout(): AuthError {
  return new AuthError('lock_timeout', 'Another process holds the lock on these credentials.')
}

/** What the file system says, as an error for who wanted the lock. */
export function lockError(error: unknown, path: string): AuthError {
  if (isAuthError(error)) return error
  const code = codeOf(error)
  const detail = code === undefined ? '' : ` (${code})`
  return new AuthError('store_unavailable', `${path} could not be used for locks${detail}.`, {
    cause: error,
  })
}

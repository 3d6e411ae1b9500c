import { AuthError } from '../../errors/auth-error.ts'
import { codeOf } from './system-error.ts'

/** What the file system says, as an error for who wanted the file. */
export function fileUnavailable(path: string, what: string, cause: unknown): AuthError {
  const code = codeOf(cause)
  const detail = code === undefined ? '' : ` (${code})`
  return new AuthError('store_unavailable', `${path} could not be ${what}${detail}.`, { cause })
}

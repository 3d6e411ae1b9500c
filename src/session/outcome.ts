import type { AuthError } from '../errors/auth-error.ts'
import type { Tokens } from './account.ts'

/**
 * What came of one attempt to renew tokens.
 *
 * | type | what happened | what it allows |
 * |---|---|---|
 * | `renewed` | a new pair; the old one is dead (★13) | commit, then use |
 * | `refused` | the endpoint of the right family says that this refresh token is no good | end the session |
 * | `unavailable` | the server did not act: refused connection, 408, 429, 5xx, HTML | keep everything |
 * | `ambiguous` | the server may have acted: time-out, connection lost after sending | keep everything |
 */
export type RenewalOutcome =
  | { readonly type: 'renewed'; readonly tokens: Tokens }
  | { readonly type: 'refused'; readonly error: AuthError }
  | { readonly type: 'unavailable'; readonly error: AuthError }
  | { readonly type: 'ambiguous'; readonly error: AuthError }

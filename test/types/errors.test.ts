import { AuthError, type AuthErrorCode, type ErrorCause, isAuthError } from '@lanonasis/auth-client'
import { describe, expectTypeOf, it } from 'vitest'

/** The codes of DESIGN §4: more may come, and none of these may go. */
type Promised =
  | 'login_required'
  | 'login_cancelled'
  | 'login_timeout'
  | 'access_denied'
  | 'state_mismatch'
  | 'issuer_mismatch'
  | 'session_expired'
  | 'refresh_failed'
  | 'insufficient_scope'
  | 'forbidden'
  | 'api_key_malformed'
  | 'api_key_incomplete'
  | 'api_key_expired'
  | 'api_key_revoked'
  | 'api_key_rejected'
  | 'api_key_left_over'
  | 'not_found'
  | 'conflict'
  | 'validation_failed'
  | 'rate_limited'
  | 'server_error'
  | 'service_unavailable'
  | 'network_error'
  | 'timeout'
  | 'aborted'
  | 'invalid_response'
  | 'config_invalid'
  | 'store_unavailable'
  | 'store_corrupt'
  | 'lock_timeout'
  | 'origin_not_allowed'
  | 'port_in_use'

describe('AuthErrorCode', () => {
  it('has every code that is promised', () => {
    expectTypeOf<Promised>().toExtend<AuthErrorCode>()
  })

  it('is closed: a misspelt code is a mistake', () => {
    expectTypeOf<string>().not.toExtend<AuthErrorCode>()
    // @ts-expect-error -- there is no such code
    ;() => new AuthError('login_needed', 'x')
    // @ts-expect-error -- there is no such code
    ;() => isAuthError(new Error(), 'login_needed')
  })
})

describe('AuthError', () => {
  it('says what a program decides on, and what a person reads', () => {
    expectTypeOf<AuthError>().toExtend<Error>()
    expectTypeOf<AuthError['name']>().toEqualTypeOf<'AuthError'>()
    expectTypeOf<AuthError['code']>().toEqualTypeOf<AuthErrorCode>()
    expectTypeOf<AuthError['retryable']>().toEqualTypeOf<boolean>()
    expectTypeOf<AuthError['hint']>().toEqualTypeOf<string>()
    expectTypeOf<AuthError['status']>().toEqualTypeOf<number | undefined>()
    expectTypeOf<AuthError['requestId']>().toEqualTypeOf<string | undefined>()
    expectTypeOf<AuthError['retryAfterMs']>().toEqualTypeOf<number | undefined>()
  })

  it('can be made with what is known', () => {
    expectTypeOf(AuthError).toBeConstructibleWith('timeout', 'It took too long.')
    expectTypeOf(AuthError).toBeConstructibleWith('rate_limited', 'Too many.', {
      retryAfterMs: 1_000,
      status: undefined,
      cause: new Error('x'),
    })
  })

  it('has a cause without any text', () => {
    expectTypeOf<keyof ErrorCause>().toEqualTypeOf<'name' | 'code' | 'cause'>()
  })
})

describe('isAuthError', () => {
  it('narrows anything that was thrown, and its code to the one that is asked for', () => {
    const handle = (error: unknown) => {
      if (isAuthError(error, 'rate_limited')) {
        expectTypeOf(error.code).toEqualTypeOf<'rate_limited'>()
        expectTypeOf(error.retryAfterMs).toEqualTypeOf<number | undefined>()
        return
      }
      if (isAuthError(error)) {
        expectTypeOf(error).toExtend<AuthError>()
        expectTypeOf(error.code).toEqualTypeOf<AuthErrorCode>()
        return
      }
      expectTypeOf(error).toBeUnknown()
    }
    expectTypeOf(handle).toBeFunction()
  })

  it('leads to a switch that the compiler finds complete', () => {
    expectTypeOf(advice).returns.toEqualTypeOf<string>()
  })
})

/** Every code, without a default: a code that is missing here would be an error of the compiler. */
function advice({ code }: AuthError): string {
  switch (code) {
    case 'login_required':
    case 'session_expired':
    case 'login_cancelled':
    case 'login_timeout':
    case 'access_denied':
    case 'state_mismatch':
    case 'issuer_mismatch':
      return 'Sign in.'
    case 'api_key_malformed':
    case 'api_key_incomplete':
    case 'api_key_expired':
    case 'api_key_revoked':
    case 'api_key_rejected':
    case 'api_key_left_over':
      return 'Look at the key.'
    case 'insufficient_scope':
    case 'forbidden':
    case 'not_found':
    case 'conflict':
    case 'validation_failed':
    case 'config_invalid':
    case 'origin_not_allowed':
    case 'port_in_use':
      return 'Change what is asked for.'
    case 'refresh_failed':
    case 'rate_limited':
    case 'server_error':
    case 'service_unavailable':
    case 'network_error':
    case 'timeout':
    case 'invalid_response':
    case 'lock_timeout':
    case 'store_unavailable':
    case 'store_corrupt':
      return 'Try later.'
    case 'aborted':
      return ''
  }
}

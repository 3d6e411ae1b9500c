import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { AuthError, isAuthError } from '../../src/errors/auth-error.ts'
import { type AuthErrorCode, errorDefinitions } from '../../src/errors/definitions.ts'

const codes = Object.keys(errorDefinitions) as AuthErrorCode[]

describe('AuthError', () => {
  it('takes retryable and the hint from its code, unless the caller knows better', () => {
    expect(new AuthError('timeout', 'Too slow.')).toMatchObject({
      name: 'AuthError',
      retryable: true,
      hint: errorDefinitions.timeout.hint,
    })
    expect(
      new AuthError('timeout', 'Too slow.', { retryable: false, hint: 'Give up.' }),
    ).toMatchObject({ retryable: false, hint: 'Give up.' })
  })

  it('has only the details it was given', () => {
    const error = new AuthError('not_found', 'No such memory.')
    expect(Object.keys(error).sort()).toEqual(['code', 'hint', 'name', 'retryable'])
    expect(error.cause).toBeUndefined()
  })

  it('serialises to everything but the stack and the cause', () => {
    const error = new AuthError('rate_limited', 'Too many.', {
      status: 429,
      requestId: 'req-1',
      retryAfterMs: 1_000,
      cause: new Error('inner'),
    })
    expect(JSON.parse(JSON.stringify(error))).toEqual({
      name: 'AuthError',
      code: 'rate_limited',
      message: 'Too many.',
      hint: errorDefinitions.rate_limited.hint,
      retryable: true,
      retryAfterMs: 1_000,
      status: 429,
      requestId: 'req-1',
    })
  })

  it('keeps of a cause its names and codes, and none of its text', () => {
    const inner = Object.assign(new Error('Bearer abc'), { code: 'ECONNRESET' })
    const error = new AuthError('network_error', 'Lost.', {
      cause: new TypeError('x-api-key: lano_secret', { cause: inner }),
    })
    expect(error.cause).toEqual({
      name: 'TypeError',
      cause: { name: 'Error', code: 'ECONNRESET' },
    })
    expect(inspect(error, { depth: 10, showHidden: true })).not.toMatch(/abc|lano_secret/)
  })

  it.each(codes)('tells a person what to do about %s, in one sentence', (code) => {
    expect(errorDefinitions[code].hint).toMatch(/^[A-Z].*\.$/)
  })
})

describe('isAuthError', () => {
  it('recognises its own errors, with and without a code', () => {
    const error = new AuthError('conflict', 'Taken.')
    expect(isAuthError(error)).toBe(true)
    expect(isAuthError(error, 'conflict')).toBe(true)
    expect(isAuthError(error, 'not_found')).toBe(false)
  })

  it('recognises the errors of another copy of this package, also of a newer one with a code of its own', () => {
    const older = alike({ code: 'session_expired' })
    expect(older).not.toBeInstanceOf(AuthError)
    expect(isAuthError(older)).toBe(true)
    expect(isAuthError(older, 'session_expired')).toBe(true)
    expect(isAuthError(older, 'timeout')).toBe(false)
    const newer = alike({ code: 'of_next_year' })
    expect(isAuthError(newer)).toBe(true)
    expect(isAuthError(newer, 'session_expired')).toBe(false)
  })

  it('recognises an error of another realm, where instanceof Error fails', () => {
    const foreign = Object.assign(
      Object.create({ [Symbol.toStringTag]: 'Error' }),
      shape({ code: 'timeout' }),
    )
    expect(foreign instanceof Error).toBe(false)
    expect(isAuthError(foreign, 'timeout')).toBe(true)
  })

  it.each([
    ['another error', new TypeError('no')],
    ['an error of ours by another name', alike({ name: 'StoreError' })],
    ['an error of that name without a code', alike({ code: undefined })],
    ['an error of that name without a hint', alike({ hint: undefined })],
    ['an error of that name that does not say whether to retry', alike({ retryable: undefined })],
    ['a plain object', shape({})],
    ['a text', 'AuthError'],
    ['nothing', undefined],
    ['null', null],
  ])('does not take %s for one', (_what, value) => {
    expect(isAuthError(value)).toBe(false)
    expect(isAuthError(value, 'timeout')).toBe(false)
  })

  it.each([
    // What the classes of @supabase/auth-js 2.109 and @azure/msal-common 16.17 set.
    ['of Supabase', { name: 'AuthError', __isAuthError: true, status: 403, code: 'conflict' }],
    ['of MSAL', { name: 'AuthError', errorCode: 'timeout', errorMessage: '', subError: '' }],
  ])('does not take an error %s for one', (_whose, properties) => {
    const error = Object.assign(new Error('Theirs.'), properties)
    expect(isAuthError(error)).toBe(false)
    for (const code of codes) expect(isAuthError(error, code)).toBe(false)
  })
})

/** What every error of every version has. */
function shape(other: object): object {
  return { name: 'AuthError', code: 'timeout', retryable: true, hint: 'Try again.', ...other }
}

function alike(other: object): Error {
  return Object.assign(new Error('?'), shape(other))
}

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

  it('recognises the errors of another copy of this package', () => {
    class OtherCopy extends Error {
      override readonly name = 'AuthError'
      readonly code = 'session_expired'
    }
    expect(isAuthError(new OtherCopy(), 'session_expired')).toBe(true)
    expect(new OtherCopy()).not.toBeInstanceOf(AuthError)
  })

  it('recognises an error of another realm, where instanceof Error fails', () => {
    const foreign = Object.assign(Object.create({ [Symbol.toStringTag]: 'Error' }), {
      name: 'AuthError',
      code: 'timeout',
    })
    expect(foreign instanceof Error).toBe(false)
    expect(isAuthError(foreign, 'timeout')).toBe(true)
  })

  it.each([
    ['another error', new TypeError('no')],
    ['an error of that name whose code nobody knows', named('toString')],
    ['an error of that name without a code', named(undefined)],
    ['a plain object', { name: 'AuthError', code: 'timeout' }],
    ['a text', 'AuthError'],
    ['nothing', undefined],
    ['null', null],
  ])('does not take %s for one', (_what, value) => {
    expect(isAuthError(value)).toBe(false)
  })
})

function named(code: string | undefined): Error {
  return Object.assign(new Error('?'), { name: 'AuthError', code })
}

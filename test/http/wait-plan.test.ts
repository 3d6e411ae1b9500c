import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { AuthError, type AuthErrorOptions } from '../../src/errors/auth-error.ts'
import type { AuthErrorCode } from '../../src/errors/definitions.ts'
import { errorDefinitions } from '../../src/errors/definitions.ts'
import { networkError } from '../../src/http/transport.ts'
import { defaultRetryLimits, waitPlan } from '../../src/http/wait-plan.ts'
import { connectionError } from '../support/fetches.ts'

const error = (code: AuthErrorCode, options?: AuthErrorOptions) =>
  new AuthError(code, 'It failed.', options)
const busy = error('service_unavailable', { status: 503 })
const told = (retryAfterMs: number) => error('rate_limited', { status: 429, retryAfterMs })
const lost = (code: string) => networkError(connectionError(code), 'https://mcp.lanonasis.com')

/** The waits of a call that fails again and again, until it is given up. */
function waits(plan: ReturnType<typeof waitPlan>, failure: unknown): number[] {
  const all: number[] = []
  for (;;) {
    const wait = plan(failure)
    if (wait === undefined) return all
    all.push(wait)
  }
}

describe('the waits of one call', () => {
  it('grow, each with the full range of the jitter', () => {
    expect(
      waits(
        waitPlan(defaultRetryLimits, () => 0),
        busy,
      ),
    ).toEqual([0, 0, 0])
    expect(
      waits(
        waitPlan(defaultRetryLimits, () => 0.5),
        busy,
      ),
    ).toEqual([150, 300, 600])
    const latest = waits(
      waitPlan(defaultRetryLimits, () => 0.999),
      busy,
    )
    expect(latest.map(Math.ceil)).toEqual([300, 600, 1_199])
  })

  it('differ between clients that failed at the same moment', () => {
    const first = Array.from({ length: 20 }, () => waitPlan(defaultRetryLimits, Math.random)(busy))
    expect(new Set(first).size).toBeGreaterThan(15)
  })

  it('do not grow without end', () => {
    const plan = waitPlan({ retries: 8, budgetMs: 60_000 }, () => 1)
    expect(waits(plan, busy)).toEqual([300, 600, 1_200, 2_400, 4_800, 5_000, 5_000, 5_000])
  })

  it('are what the service asks for, to the millisecond', () => {
    expect(
      waits(
        waitPlan(defaultRetryLimits, () => 0.1),
        told(2_000),
      ),
    ).toEqual([2_000, 2_000, 2_000])
    expect(waitPlan(defaultRetryLimits, () => 1)(told(0))).toBe(0)
  })

  it('are not begun when the budget does not cover them, however long it is', () => {
    expect(waitPlan(defaultRetryLimits, () => 0)(told(20_001))).toBeUndefined()
    expect(waitPlan(defaultRetryLimits, () => 0)(told(86_400_000))).toBeUndefined()
    expect(
      waits(
        waitPlan(defaultRetryLimits, () => 0),
        told(20_000),
      ),
    ).toEqual([20_000])
    expect(
      waits(
        waitPlan(defaultRetryLimits, () => 0),
        told(8_000),
      ),
    ).toEqual([8_000, 8_000])
  })

  it('keep within the budget and the number of repetitions, whatever happens', () => {
    const failure = fc.oneof(
      fc.nat({ max: 30_000 }).map(told),
      fc.constantFrom(busy, lost('ECONNRESET'), error('timeout'), error('forbidden')),
    )
    fc.assert(
      fc.property(
        fc.array(failure, { maxLength: 20 }),
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        fc.nat({ max: 6 }),
        fc.nat({ max: 40_000 }),
        (failures, random, retries, budgetMs) => {
          const plan = waitPlan({ retries, budgetMs }, () => random)
          const begun = failures.map((failure) => plan(failure)).filter((ms) => ms !== undefined)
          expect(begun.length).toBeLessThanOrEqual(retries)
          expect(begun.reduce((sum, ms) => sum + ms, 0)).toBeLessThanOrEqual(budgetMs)
          expect(Math.min(0, ...begun)).toBe(0)
        },
      ),
    )
  })
})

describe('a call is repeated', () => {
  const plan = (failure: unknown) => waitPlan(defaultRetryLimits, () => 0)(failure) !== undefined

  const passing = new Set(['network_error', 'timeout', 'rate_limited', 'service_unavailable'])
  const codes = Object.keys(errorDefinitions) as AuthErrorCode[]

  it.each(codes.filter((code) => passing.has(code)))('after %s', (code) => {
    expect(plan(error(code))).toBe(true)
  })

  it.each(codes.filter((code) => !passing.has(code)))('never after %s', (code) => {
    expect(plan(error(code))).toBe(false)
    expect(plan(error(code, { retryable: true }))).toBe(false)
  })

  it('★20 never after a 500, with which some services answer a mistake of ours', () => {
    expect(plan(error('server_error', { status: 500, retryable: true }))).toBe(false)
  })

  it('★23 never after a 401, which was looked into already', () => {
    expect(plan(error('service_unavailable', { status: 401 }))).toBe(false)
  })

  it('never when the service says that it is of no use', () => {
    expect(plan(error('service_unavailable', { status: 503, retryable: false }))).toBe(false)
  })

  it.each(['ECONNREFUSED', 'ECONNRESET', 'UND_ERR_SOCKET', 'ETIMEDOUT', 'EHOSTUNREACH'])(
    'after %s',
    (code) => {
      expect(plan(lost(code))).toBe(true)
    },
  )

  it.each(['ENOTFOUND', 'EAI_AGAIN', 'ENETUNREACH', 'ENETDOWN'])(
    'never without a network (%s): nothing changes while we wait',
    (code) => {
      expect(plan(lost(code))).toBe(false)
    },
  )

  it.each([
    'CERT_HAS_EXPIRED',
    'DEPTH_ZERO_SELF_SIGNED_CERT',
    'SELF_SIGNED_CERT_IN_CHAIN',
    'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
    'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
    'ERR_TLS_CERT_ALTNAME_INVALID',
  ])('never for a certificate (%s)', (code) => {
    expect(plan(lost(code))).toBe(false)
  })

  it('never after something that is no error of ours', () => {
    expect(plan(new TypeError('a mistake'))).toBe(false)
    expect(plan(undefined)).toBe(false)
  })
})

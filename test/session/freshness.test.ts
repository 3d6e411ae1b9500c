import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isFresh, isValid, renewalDueAt } from '../../src/session/freshness.ts'
import { tokensOf } from '../support/oauth.ts'
import { epoch } from '../support/setup.ts'

const lasting = (lifeMs: number) => ({ ...tokensOf('access'), expiresAt: epoch + lifeMs })

describe('isFresh', () => {
  it('wants a tenth of the life of a token to be left', () => {
    const short = lasting(100_000)
    expect(isFresh(short, { now: epoch + 89_999 })).toBe(true)
    expect(isFresh(short, { now: epoch + 90_000 })).toBe(false)
  })

  it('wants a minute at most', () => {
    const long = lasting(86_400_000)
    expect(isFresh(long, { now: epoch + 86_400_000 - 60_001 })).toBe(true)
    expect(isFresh(long, { now: epoch + 86_400_000 - 60_000 })).toBe(false)
  })

  it('spreads the moment over the last fifth of the margin', () => {
    const tokens = lasting(900_000)
    const at = { now: epoch + 900_000 - 60_000 }
    expect(isFresh(tokens, { ...at, random: 0 })).toBe(false)
    expect(isFresh(tokens, { ...at, random: 0.99 })).toBe(true)
    expect(isFresh(tokens, { now: epoch + 900_000 - 48_000, random: 0.99 })).toBe(false)
  })

  it('wants as much as the caller does', () => {
    const tokens = lasting(900_000)
    expect(isFresh(tokens, { now: epoch + 599_999, minValidityMs: 300_000 })).toBe(true)
    expect(isFresh(tokens, { now: epoch + 600_000, minValidityMs: 300_000 })).toBe(false)
  })

  it('never wants more than a new token has, however much the caller does', () => {
    for (const minValidityMs of [900_000, 1e9, Number.POSITIVE_INFINITY]) {
      expect(isFresh(lasting(900_000), { now: epoch, minValidityMs })).toBe(true)
    }
  })

  it('takes a token whose end nobody knows for fresh', () => {
    expect(isFresh({ ...tokensOf('access'), expiresAt: undefined }, { now: epoch * 2 })).toBe(true)
  })

  it('does not believe a token that was obtained by a clock that was ahead', () => {
    const tokens = tokensOf('access', 'refresh')
    const isFreshEarlier = (ms: number) => isFresh(tokens, { now: epoch - ms })
    // The clocks of two hosts may differ by some minutes.
    expect([0, 300_000, 300_001].map(isFreshEarlier)).toEqual([true, true, false])
    const ending = { ...tokens, expiresAt: undefined }
    expect(isFresh(ending, { now: 0 })).toBe(true)
  })

  it('calls nothing fresh that is not valid, and everything new', () => {
    const ms = fc.integer({ min: 1, max: 1e9 })
    fc.assert(
      fc.property(
        ms,
        ms,
        fc.nat(),
        fc.double({ min: 0, max: 0.99, noNaN: true }),
        (lifeMs, ageMs, minValidityMs, random) => {
          const tokens = lasting(lifeMs)
          expect(isFresh(tokens, { now: epoch, minValidityMs, random })).toBe(true)
          const now = epoch + ageMs
          if (isFresh(tokens, { now, minValidityMs, random }))
            expect(isValid(tokens, now)).toBe(true)
        },
      ),
    )
  })
})

describe('renewalDueAt', () => {
  it('is when the token stops being fresh, and now for one that a clock ahead obtained', () => {
    const tokens = tokensOf('access', 'refresh')
    const dueAt = (now: number) => renewalDueAt(tokens, { now, random: 0 })
    expect(dueAt(epoch)).toBe(epoch + 840_000)
    expect(dueAt(epoch - 300_001)).toBe(epoch - 300_001)
  })
})

describe('isValid', () => {
  it('is so until the very end', () => {
    expect(isValid(lasting(1_000), epoch + 999)).toBe(true)
    expect(isValid(lasting(1_000), epoch + 1_000)).toBe(false)
    expect(isValid({ ...tokensOf('access'), expiresAt: undefined }, epoch * 2)).toBe(true)
  })
})

import { describe, expect, it } from 'vitest'
import { AuthError } from '../../src/errors/auth-error.ts'
import {
  coolDownError,
  coolDownFor,
  longerCoolDown,
  remainingCoolDownMs,
} from '../../src/session/cool-down.ts'
import { epoch } from '../support/setup.ts'

const coolDownAfter = (type: 'ambiguous' | 'unavailable', error: AuthError) =>
  coolDownFor({ type, error }, epoch)
const lasting = (ms: number) => ({ since: epoch, until: epoch + ms, code: 'rate_limited' })

describe('a cool-down', () => {
  it('lasts as long as the server says, whatever happened', () => {
    const limited = new AuthError('rate_limited', 'Wait.', { retryAfterMs: 900_000 })
    expect(coolDownAfter('unavailable', limited)).toEqual({
      since: epoch,
      until: epoch + 900_000,
      code: 'rate_limited',
    })
    const busy = new AuthError('service_unavailable', 'Busy.', { retryAfterMs: 5_000 })
    expect(coolDownAfter('unavailable', busy)).toMatchObject({ until: epoch + 5_000 })
  })

  it('lasts a minute after a limit that names no time, and after a request without a clear end', () => {
    expect(coolDownAfter('unavailable', new AuthError('rate_limited', 'Wait.'))).toMatchObject({
      until: epoch + 60_000,
    })
    for (const code of ['timeout', 'network_error'] as const) {
      expect(coolDownAfter('ambiguous', new AuthError(code, '?'))).toMatchObject({
        until: epoch + 60_000,
      })
    }
  })

  it.each(['network_error', 'service_unavailable', 'server_error'] as const)(
    'is not needed when the server did not act (%s)',
    (code) => {
      expect(coolDownAfter('unavailable', new AuthError(code, 'no'))).toBeUndefined()
    },
  )

  it('lasts a day at most', () => {
    const late = new AuthError('rate_limited', 'Wait.', { retryAfterMs: 2 * 86_400_000 })
    const coolDown = coolDownAfter('unavailable', late)
    expect(remainingCoolDownMs(coolDown, epoch)).toBe(86_400_000)
  })

  it('is the longer one of two, whoever was told', () => {
    const [short, long] = [lasting(20_000), lasting(60_000)]
    expect(longerCoolDown(short, long, epoch)).toBe(long)
    expect(longerCoolDown(long, short, epoch)).toBe(long)
    expect(longerCoolDown(undefined, short, epoch)).toBe(short)
    expect(longerCoolDown(short, undefined, epoch)).toBe(short)
  })

  it('is over when its time has come, and when a clock was set back', () => {
    expect(remainingCoolDownMs(lasting(1), epoch)).toBe(1)
    expect(remainingCoolDownMs(lasting(0), epoch)).toBe(0)
    expect(remainingCoolDownMs(lasting(-1), epoch)).toBe(0)
    expect(remainingCoolDownMs(lasting(86_400_001), epoch)).toBe(0)
    expect(remainingCoolDownMs(lasting(60_000), epoch - 10_000)).toBe(0)
    expect(remainingCoolDownMs(undefined, epoch)).toBe(0)
  })

  it('is a failure that passes, and says when', () => {
    expect(coolDownError(lasting(1), 1)).toMatchObject({
      code: 'rate_limited',
      retryable: true,
      retryAfterMs: 1,
    })
    const unclear = { until: epoch, code: 'timeout' }
    expect(coolDownError(unclear, 1)).toMatchObject({ code: 'service_unavailable' })
  })
})

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { retryAfterMs } from '../../src/http/waits.ts'
import { epoch } from '../support/setup.ts'

const wait = (headers: Record<string, string>, body: Record<string, unknown> = {}) =>
  retryAfterMs(new Headers(headers), body, epoch)
const inMinutes = (minutes: number) => new Date(epoch + minutes * 60_000)

describe('retryAfterMs', () => {
  it.each([
    ['Retry-After in seconds', { 'retry-after': '120' }, {}, 120_000],
    ['Retry-After as a date', { 'retry-after': inMinutes(2).toUTCString() }, {}, 120_000],
    ['RateLimit-Reset in seconds', { 'ratelimit-reset': '30' }, {}, 30_000],
    ["the gateway's X-RateLimit-Reset in seconds", { 'x-ratelimit-reset': '45' }, {}, 45_000],
    [
      "MCP Core's X-RateLimit-Reset as an epoch time",
      { 'x-ratelimit-reset': `${inMinutes(1).getTime() / 1_000}` },
      {},
      60_000,
    ],
    [
      'an X-RateLimit-Reset in milliseconds',
      { 'x-ratelimit-reset': `${inMinutes(1).getTime()}` },
      {},
      60_000,
    ],
    ['retryAfter in words', {}, { retryAfter: '15 minutes' }, 900_000],
    ['retryAfter in other words', {}, { retryAfter: '1 hour' }, 3_600_000],
    ['retry_after as a number of seconds', {}, { retry_after: 60 }, 60_000],
    ['a number of seconds in quotes', {}, { retry_after: '60' }, 60_000],
  ])('understands %s', (_form, headers, body, expected) => {
    expect(wait(headers, body)).toBe(expected)
  })

  it('is not known where nobody says it', () => {
    expect(wait({})).toBeUndefined()
    expect(wait({ 'retry-after': 'soon' }, { retryAfter: 'a while', retry_after: {} })).toBe(
      undefined,
    )
    expect(wait({ 'x-ratelimit-reset': 'never' })).toBeUndefined()
  })

  it('goes by Retry-After before everything else, and by the body before the window', () => {
    const headers = { 'retry-after': '10', 'ratelimit-reset': '20', 'x-ratelimit-reset': '30' }
    expect(wait(headers, { retryAfter: '5 minutes' })).toBe(10_000)
    const { 'retry-after': _, ...window } = headers
    expect(wait(window, { retryAfter: '5 minutes' })).toBe(300_000)
    expect(wait(window)).toBe(20_000)
  })

  it('is no wait at all for a date that has passed', () => {
    expect(wait({ 'retry-after': inMinutes(-5).toUTCString() })).toBe(0)
  })

  it('is a day at most', () => {
    expect(wait({ 'retry-after': '99999999' })).toBe(86_400_000)
  })

  it('does not take milliseconds for minutes', () => {
    expect([undefined, 500]).toContain(wait({}, { retryAfter: '500ms' }))
    expect([undefined, 500]).toContain(wait({}, { retryAfter: '500 milliseconds' }))
  })

  it('is always a whole number between nothing and a day, or unknown', () => {
    const value = fc.oneof(
      fc.string(),
      fc.double(),
      fc.integer().map(String),
      fc.date().map(String),
    )
    const names = ['retry-after', 'ratelimit-reset', 'x-ratelimit-reset']
    fc.assert(
      fc.property(fc.constantFrom(...names), value, fc.anything(), (name, header, field) => {
        const headers = new Headers()
        const text = String(header).replace(/[^\x20-\x7e]/g, '')
        headers.set(name, text)
        const found = retryAfterMs(headers, { retryAfter: field, retry_after: header }, epoch)
        if (found === undefined) return
        expect(Number.isInteger(found)).toBe(true)
        expect(found).toBeGreaterThanOrEqual(0)
        expect(found).toBeLessThanOrEqual(86_400_000)
      }),
    )
  })
})

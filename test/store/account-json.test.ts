import { describe, expect, it } from 'vitest'
import type { StoredAccount } from '../../src/store/account.ts'
import { readAccount, writeAccount } from '../../src/store/account-json.ts'

const tokens = { accessToken: 'a', tokenType: 'Bearer', kind: 'opaque' } as const
const signedIn = { session: { status: 'signed-in', tokens } } as const

describe('an account as a text', () => {
  it.each<[string, StoredAccount]>([
    ['tokens', signedIn],
    ['an end', { session: { status: 'expired', refreshTokenHash: 'h' } }],
    ['an API key', { session: { status: 'signed-out' }, apiKey: { value: 'k', origins: [] } }],
    ['an intent', { ...signedIn, intent: { refreshTokenHash: 'h', since: 1 } }],
    ['a pause', { ...signedIn, coolDown: { until: 2, code: 'rate_limited' } }],
  ])('gives back %s', (_what, account) => {
    expect(readAccount(writeAccount(account))).toEqual(account)
  })

  it('keeps what a newer version has added', () => {
    const newer = { ...signedIn, passkey: { id: 1 } }
    expect(readAccount(JSON.stringify(newer))).toEqual(newer)
  })

  it.each([
    '',
    'null',
    '[]',
    '{}',
    '{"session":{"status":"signed-in"}}',
    '{"session":{"status":"signed-up"}}',
    JSON.stringify({ session: { status: 'signed-in', tokens: { ...tokens, accessToken: '' } } }),
    JSON.stringify({ session: { status: 'signed-in', tokens: { ...tokens, expiresAt: 'soon' } } }),
    JSON.stringify({ ...signedIn, apiKey: 'k' }),
    JSON.stringify({ ...signedIn, intent: {} }),
    JSON.stringify({ ...signedIn, coolDown: { until: 'later', code: 'x' } }),
    JSON.stringify({ ...signedIn, legacyOrigins: 'https://example.com' }),
    JSON.stringify(signedIn).slice(0, -1),
  ])('is refused when it is %j', (text) => {
    expect(readAccount(text)).toBe(undefined)
  })
})

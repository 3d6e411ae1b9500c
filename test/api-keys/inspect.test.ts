import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatApiKey } from '../../src/api-keys/format.ts'
import { assertApiKey, inspectApiKey } from '../../src/api-keys/inspect.ts'
import type { AuthError } from '../../src/errors/auth-error.ts'
import { anyText } from '../support/texts.ts'

const hex = '0123456789abcdef'.repeat(4)

describe('inspectApiKey', () => {
  it.each([
    ['pk_4f2a.sk_9c81', 'pk', 'pk_4f2a'],
    [`lano_${hex}`, 'lano', 'lano_012'],
    ['vx_0123456789', 'vx', 'vx_01234'],
    ['lns_0123456789', 'lns', 'lns_0123'],
    ['lms_0123456789', 'lms', 'lms_0123'],
    ['vibe_0123456789', 'vibe', 'vibe_012'],
    ['master_0123456789', 'master', 'master_0'],
  ])('takes %s, and shows no more of it than may be seen', (text, kind, publicId) => {
    expect(inspectApiKey(text)).toEqual({ ok: true, kind, publicId })
  })

  it.each([
    ['', 'empty'],
    [' \n', 'empty'],
    [' pk_4f2a.sk_9c81', 'surrounded'],
    ['pk_4f2a.sk_9c81\n', 'surrounded'],
    ['"pk_4f2a.sk_9c81"', 'surrounded'],
    ['“pk_4f2a.sk_9c81”', 'surrounded'],
    ['pk_4f2a', 'public_half_only'],
    ['pk_4f2a.', 'public_half_only'],
    ['sk_9c81', 'secret_half_only'],
    ['.sk_9c81', 'secret_half_only'],
    ['eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln', 'jwt'],
    ['lano_0123', 'unknown_form'],
    ['pk_4f2a.sk_', 'unknown_form'],
    ['a key', 'unknown_form'],
  ])('tells what is wrong with %j: %s', (text, reason) => {
    expect(inspectApiKey(text)).toMatchObject({ ok: false, reason })
  })

  it('★9 takes a bare 64-digit text for the hash of a key, which is as secret as the key', () => {
    const found = inspectApiKey(hex)
    expect(found).toMatchObject({ ok: false, reason: 'hash' })
    expect(JSON.stringify(found)).toMatch(/Keep it secret/)
    expect(JSON.stringify(found)).not.toContain(hex.slice(0, 8))
  })

  it('never throws, and never repeats more of the text than its public part', () => {
    const text = fc.oneof(anyText, fc.stringMatching(/^(pk_|sk_|lano_|vx_|\.)?[\w.-]{0,80}$/))
    fc.assert(
      fc.property(text, (key) => {
        const found = inspectApiKey(key)
        const shown = found.ok ? found.publicId : ''
        expect(key.startsWith(shown)).toBe(true)
        if (found.ok && found.kind !== 'pk') expect(shown).toHaveLength(8)
        if (found.ok && found.kind === 'pk') expect(shown).not.toContain('sk_')
      }),
    )
  })
})

describe('assertApiKey', () => {
  const problem = (text: string) => {
    try {
      assertApiKey(text, 'LANONASIS_API_KEY')
    } catch (error) {
      return error as AuthError
    }
    throw new Error('This was accepted.')
  }

  it.each([
    ['pk_canary', 'api_key_incomplete'],
    ['sk_canary', 'api_key_incomplete'],
    ['"canary"', 'api_key_malformed'],
    ['eyJhbGciOiJIUzI1NiJ9.canary.c2ln', 'api_key_malformed'],
    ['canary', 'api_key_malformed'],
  ])('refuses %s with %s, naming where it came from and not what it is', (text, code) => {
    const error = problem(text)
    expect(error).toMatchObject({ code })
    expect(error.message).toMatch(/^LANONASIS_API_KEY is /)
    expect(`${error.message} ${error.hint}`).not.toContain('canary')
  })
})

describe('formatApiKey', () => {
  it('puts the two halves together with a dot', () => {
    expect(formatApiKey('pk_4f2a', 'sk_9c81')).toBe('pk_4f2a.sk_9c81')
  })

  it('takes a key that came in one piece', () => {
    expect(formatApiKey(`lano_${hex}`, '')).toBe(`lano_${hex}`)
  })

  it.each([
    ['pk_4f2a', '', 'api_key_incomplete'],
    ['', 'sk_9c81', 'api_key_incomplete'],
    ['sk_9c81', 'pk_4f2a', 'api_key_malformed'],
    ['', '', 'api_key_malformed'],
  ])('refuses %j and %j: %s', (keyId, keySecret, code) => {
    expect(() => formatApiKey(keyId, keySecret)).toThrow(expect.objectContaining({ code }))
  })
})

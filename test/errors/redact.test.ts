import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { redact } from '../../src/errors/redact.ts'
import { anyText, credentialLike } from '../support/texts.ts'

describe('redact', () => {
  it('leaves ordinary words alone', () => {
    const said = 'Redirect URI not allowed for client: ask the operator (code 42).'
    expect(redact(said)).toBe(said)
  })

  it.each([
    ['a hex key', `lano_${'0a'.repeat(32)}`],
    ['a pair', 'pk_0123456789abcdef.sk_0123456789abcdef'],
    ['a JWT', 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln'],
    ['base64 with padding', 'c2VjcmV0/c2Vj+cmV0c2VjcmV0=='],
  ])('takes out %s', (_what, secret) => {
    expect(redact(`Token ${secret} is bad`)).toBe('Token [redacted] is bad')
  })

  it('gives one short line that a terminal shows as it is', () => {
    const text = redact(`first\r\nsecond\u001b[2J\u202edesrever ${'word '.repeat(200)}`)
    expect(text).toMatch(/^first second \[2J desrever word/)
    expect(text.length).toBeLessThanOrEqual(201)
  })

  it('never lets a control character or a long credential through', () => {
    const piece = fc.oneof(anyText, credentialLike, fc.constantFrom('\n', '\u0000', '\u2066', ' '))
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
        const text = redact(pieces.join(''))
        expect(text).not.toMatch(/[\w~+/=.-]{20}/)
        expect(text).not.toMatch(/[\p{Cc}\p{Cf}]/u)
        expect(text.length).toBeLessThanOrEqual(201)
      }),
    )
  })
})

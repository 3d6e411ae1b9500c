import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fromBase64Url, toBase64Url } from '../../src/bytes/base64url.ts'

describe('base64url', () => {
  it('is what Node.js makes of it, and leads back to the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        const text = toBase64Url(bytes)
        expect(text).toBe(Buffer.from(bytes).toString('base64url'))
        expect([...(fromBase64Url(text) ?? [])]).toEqual([...bytes])
      }),
    )
  })

  it('takes more bytes than a call takes arguments', () => {
    const bytes = new Uint8Array(500_000).fill(255)
    expect(fromBase64Url(toBase64Url(bytes))).toEqual(bytes)
  })

  it.each(['a', '+/==', 'ä', 'ab cd'])('is not %j', (text) => {
    expect(fromBase64Url(text)).toBe(undefined)
  })
})

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  countIn,
  join,
  partLengthOn,
  split,
  toAsciiJson,
} from '../../../src/node/keychain-store/parts.ts'
import { anyText } from '../../support/texts.ts'

describe('the parts of a value', () => {
  it('fit into what the Credential Manager of Windows takes, in UTF-16, and add up', () => {
    const length = partLengthOn('win32')
    fc.assert(
      fc.property(anyText, fc.integer({ min: 0, max: 9_000 }), (text, more) => {
        const json = toAsciiJson({ text, more: 'x'.repeat(more) })
        const parts = split(json, length)
        expect(parts.every((part) => Buffer.byteLength(part, 'utf16le') <= 2_560)).toBe(true)
        expect(countIn(parts[0] ?? '')).toBe(parts.length)
        expect(join(parts)).toBe(json)
        expect(JSON.parse(json)).toEqual({ text, more: 'x'.repeat(more) })
      }),
    )
  })

  it.each([1_280 - 52, 1_280 - 51, 1_280 - 50, 2_560 - 52, 2_560 - 51])(
    'add up where a text of %i characters just fits or just does not',
    (length) => {
      const text = 'x'.repeat(length)
      expect(join(split(text, 1_280))).toBe(text)
    },
  )

  const parts = split(Array.from({ length: 900 }, (_, index) => `${index},`).join(''), 1_280)
  it.each([
    ['one is missing', parts.slice(0, -1)],
    ['the first is missing', parts.slice(1)],
    ['two are exchanged', [parts[0] ?? '', parts[2] ?? '', parts[1] ?? '']],
    ['one is cut', [parts[0] ?? '', (parts[1] ?? '').slice(1), parts[2] ?? '']],
    ['one is of another value', [...parts.slice(0, -1), 'b'.repeat((parts[2] ?? '').length)]],
    ['there is one too many', [...parts, '']],
    ['there are none', []],
  ])('do not add up when %s', (_what, found) => {
    expect(join(found)).toBeUndefined()
  })
})

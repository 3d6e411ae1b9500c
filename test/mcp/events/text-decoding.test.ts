import fc from 'fast-check'
import { expect, it } from 'vitest'
import { ChunkDecoder } from '../../../src/mcp/events/text-decoding.ts'

const piece = fc.oneof(
  fc.string({ unit: 'binary' }).map((text) => new TextEncoder().encode(text)),
  fc.stringMatching(/^[ -~]{0,20}$/).map((text) => new TextEncoder().encode(text)),
  // A byte order mark, halves of characters, and bytes that are no UTF-8.
  fc.constantFrom(
    ...['efbbbf', 'c3', 'a9', 'f09f', '8e89', 'ff'].map((hex) => Buffer.from(hex, 'hex')),
  ),
)

it('decodes as the platform decodes a stream, whatever comes and wherever it is cut', () => {
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
      const [ours, theirs] = [new ChunkDecoder(), new TextDecoder()]
      for (const bytes of pieces) {
        expect(ours.decode(bytes)).toBe(theirs.decode(bytes, { stream: true }))
      }
    }),
    { numRuns: 2_000 },
  )
})

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readSeconds, readTime } from '../../src/import/times.ts'
import { epoch } from '../support/setup.ts'

describe('a time as the old programs wrote it', () => {
  it.each([
    epoch,
    epoch / 1000,
    String(epoch),
    ` ${epoch / 1000} `,
    new Date(epoch).toISOString(),
    '2026-06-01T02:00:00+02:00',
  ])('is read in every form: %s', (written) => {
    expect(readTime(written)).toBe(epoch)
  })

  it.each([0, '0', -1, '', 'soon', null, undefined, true, {}, Number.NaN, 1e300, '9'.repeat(30)])(
    'is not known when it says %s',
    (written) => {
      expect(readTime(written)).toBeUndefined()
    },
  )

  it('is one that a date can hold, whatever was written', () => {
    fc.assert(
      fc.property(fc.oneof(fc.double(), fc.string(), fc.jsonValue()), (written) => {
        const time = readTime(written)
        if (time !== undefined) expect(new Date(time).getTime()).toBe(time)
      }),
    )
  })
})

describe('a duration', () => {
  it('is written in seconds', () => {
    expect([900, '900', 0, -1, '', 'x', null].map(readSeconds)).toEqual([
      900_000,
      900_000,
      ...Array(5).fill(undefined),
    ])
  })
})

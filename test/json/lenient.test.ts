import { describe, expect, it } from 'vitest'
import * as z from 'zod/mini'
import { ifValid, orElse } from '../../src/json/lenient.ts'

const absent = {}
const bodies: readonly object[] = [
  absent,
  ...[undefined, null, 0, Number.NaN, '', 'text', true, [], ['a'], ['a', 1]].map((k) => ({ k })),
  ...[{}, { a: 1 }, { a: 'no number' }, { a: null }].map((k) => ({ k })),
  { k: JSON.parse('{"__proto__":{"a":1},"b":2}') },
]

const text = z.string()
const texts = z.array(z.string())
const nested = z.object({ a: ifValid(z.number()) })
const changed = z.pipe(
  text,
  z.transform((value) => value.length),
)

describe.each(bodies.map((body) => [JSON.stringify(body), body] as const))('%s', (_, body) => {
  const read = (k: z.core.SomeType) => z.safeParse(z.object({ k }), body)

  it('is read as zod itself reads it with a value to fall back to', () => {
    expect(read(orElse(text, () => 'other'))).toStrictEqual(read(z.catch(text, 'other')))
    expect(read(orElse(texts, () => []))).toStrictEqual(read(z.catch(texts, [])))
    expect(read(orElse(nested, () => ({})))).toStrictEqual(read(z.catch(nested, {})))
    expect(read(orElse(changed, () => -1))).toStrictEqual(read(z.catch(changed, -1)))
  })

  it('is read as zod itself reads it when what is wrong counts as not there', () => {
    for (const type of [text, texts, nested, changed]) {
      expect(read(ifValid(type))).toStrictEqual(read(z.catch(z.optional(type), undefined)))
    }
  })
})

it('makes what it falls back to anew for each value', () => {
  const list = orElse(texts, () => [])
  z.parse(list, null).push('mine')
  expect(z.parse(list, null)).toEqual([])
})

import { describe, expect, it } from 'vitest'
import {
  booleanOf,
  fieldsOf,
  numberOf,
  parseFields,
  stringOf,
  textOf,
} from '../../src/json/fields.ts'

describe('reading JSON whose form nobody promises', () => {
  it.each(['', '<html>', '[1]', 'null', '"text"', '12', '{"a":'])(
    'finds no fields in %j',
    (text) => {
      expect(parseFields(text)).toEqual({})
    },
  )

  it('finds the fields of an object', () => {
    expect(parseFields('{"a":1}')).toEqual({ a: 1 })
    expect(fieldsOf([1])).toEqual({})
  })

  it('counts only a text that says something', () => {
    expect([textOf('a'), textOf(''), textOf(1), textOf(null)]).toEqual([
      'a',
      undefined,
      undefined,
      undefined,
    ])
  })

  it('takes an empty text for a text where that means something', () => {
    expect(['a', '', 1, null].map(stringOf)).toEqual(['a', '', undefined, undefined])
  })

  it('takes nothing for true or false that only looks like it', () => {
    expect([true, false, 1, 'true', null].map(booleanOf)).toEqual([
      true,
      false,
      undefined,
      undefined,
      undefined,
    ])
  })

  it.each([
    ['0', 0],
    ['0.5', 0.5],
    ['900', 900],
    ['901', undefined],
    ['-1', undefined],
    ['1e999', undefined],
    ['"1"', undefined],
    ['null', undefined],
  ])('takes %s for a number up to 900: %s', (text, number) => {
    expect(numberOf(JSON.parse(text), 900)).toBe(number)
  })

  it('takes no infinity for a number, though nobody set a limit', () => {
    expect(numberOf(JSON.parse('1e999'))).toBeUndefined()
    expect(numberOf(Number.NaN)).toBeUndefined()
  })
})

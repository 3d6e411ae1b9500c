import { describe, expect, it } from 'vitest'
import { fieldsOf, parseFields, textOf } from '../../src/json/fields.ts'

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
})

import { describe, expect, it } from 'vitest'
import { describeCause, innermostCode } from '../../src/errors/cause.ts'

describe('describeCause', () => {
  it.each([[undefined], [null], ['a text'], [42]])('keeps nothing of %s', (value) => {
    expect(describeCause(value)).toBeUndefined()
  })

  it('looks into the first of several errors', () => {
    const refused = Object.assign(new Error('::1'), { code: 'ECONNREFUSED' })
    const both = new AggregateError([refused, new Error('127.0.0.1')])
    expect(describeCause(both)).toEqual({
      name: 'AggregateError',
      cause: { name: 'Error', code: 'ECONNREFUSED' },
    })
  })

  it('drops a name and a code that are no plain words', () => {
    const error = { name: 'a name with\nlines', code: 'x'.repeat(65) }
    expect(describeCause(error)).toEqual({ name: 'Error' })
  })

  it('stops where causes go in a circle', () => {
    const error = new Error('round')
    error.cause = error
    expect(JSON.stringify(describeCause(error)).match(/cause/g)).toHaveLength(3)
  })
})

describe('innermostCode', () => {
  it('is the code that is furthest inside', () => {
    const cause = { name: 'A', code: 'OUTER', cause: { name: 'B', cause: { name: 'C' } } }
    expect(innermostCode(cause)).toBe('OUTER')
    expect(innermostCode({ ...cause, cause: { name: 'B', code: 'INNER' } })).toBe('INNER')
    expect(innermostCode(undefined)).toBeUndefined()
  })
})

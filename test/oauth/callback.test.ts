import { describe, expect, it } from 'vitest'
import { carriesState } from '../../src/oauth/callback.ts'

describe('carriesState', () => {
  it.each([
    ['?state=mine', true],
    ['?code=1&state=mine', true],
    ['', false],
    ['?state=', false],
    ['?state=other', false],
    ['?state=mine&state=mine', false],
    ['?state=other&state=mine', false],
    ['#state=mine', false],
    ['?State=mine', false],
  ])('judges %j: %s', (query, expected) => {
    expect(carriesState(new URL(`http://127.0.0.1/callback${query}`), 'mine')).toBe(expected)
  })
})

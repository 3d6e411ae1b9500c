import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { Secret } from '../../src/secret/secret.ts'

const secret = new Secret('canary-7f3a')

describe('Secret', () => {
  it('reveals its text to who asks for it', () => {
    expect(secret.reveal()).toBe('canary-7f3a')
  })

  it.each([
    ['interpolated', `${secret}`],
    ['added to a text', `${'key: '}${String(secret)}`],
    ['serialised', JSON.stringify({ secret })],
    ['inspected', inspect({ secret }, { depth: 10, showHidden: true })],
    ['listed', JSON.stringify([Object.entries(secret), Object.getOwnPropertyNames(secret)])],
    ['cloned', inspect(structuredClone({ secret }), { showHidden: true })],
    ['spread', inspect({ ...secret }, { showHidden: true })],
  ])('shows nothing when it is %s', (_how, text) => {
    expect(text).not.toContain('canary')
  })

  it('compares by its text', () => {
    expect(secret.equals(new Secret('canary-7f3a'))).toBe(true)
    expect(secret.equals(new Secret('canary-7f3b'))).toBe(false)
    expect(secret.equals(undefined)).toBe(false)
  })
})

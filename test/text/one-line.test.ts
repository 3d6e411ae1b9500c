import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { oneLine } from '../../src/text/one-line.ts'
import { anyText } from '../support/texts.ts'

describe('oneLine', () => {
  it.each([
    ['colours and movements of the cursor', 'red\u001b[31m\u0007!', 'red [31m !'],
    ['controls of eight bits', 'a\u009b2Jb', 'a 2Jb'],
    ['ends of lines, of every kind', 'a\r\nb\u2028c\u2029d\u0085e', 'a b c d e'],
    ['what turns the direction of a text around', 'a\u202eb\u2066c\u061cd', 'a b c d'],
  ])('takes out %s', (_what, text, line) => {
    expect(oneLine(text)).toBe(line)
  })

  it.each([
    'plain words, 100 %',
    'https://example.com/a/very/long/address?with=a-query-of-its-own',
    'İstanbul, 東京, שלום, नमस्ते',
    'a family: 👨‍👩‍👧',
  ])('leaves everything else as it is: %s', (text) => {
    expect(oneLine(text)).toBe(text)
  })

  it('gives what a terminal only shows, whatever was in it', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(anyText, fc.constantFrom('\u001b', '\u2067', '\n'))),
        (parts) => {
          expect(oneLine(parts.join(''))).not.toMatch(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/u)
        },
      ),
    )
  })
})

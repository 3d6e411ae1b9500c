import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cleanAddress, withoutAnswer } from '../../../src/browser/redirect/address.ts'
import { FakeTab } from './fake-page.ts'

function cleaned(href: string, returnTo = '/elsewhere'): string {
  const page = new FakeTab().load(href)
  cleanAddress(page.window, returnTo)
  return page.href
}

describe('an address that brings an answer', () => {
  it.each([
    ['?code=1&state=2', ''],
    ['?code=1&state=2&iss=https%3A%2F%2Fx&session_state=3', ''],
    ['?error=access_denied&error_description=no&error_uri=u&state=2', ''],
    ['?tab=keys&code=1&q=a+b%20c&state=2&empty=&flag', '?tab=keys&q=a+b%20c&empty=&flag'],
    ['?c%6Fde=1&stat%65=2&codes=3&state2=4', '?codes=3&state2=4'],
    ['?code=1&code=2&state=3&state=4', ''],
  ])('%s keeps %s', (search, kept) => {
    expect(withoutAnswer(search)).toBe(kept)
  })

  it('keeps whatever else there is, letter by letter', () => {
    const pair = fc
      .tuple(fc.stringMatching(/^x[\w%+.~-]{0,8}$/), fc.stringMatching(/^[\w%+.=~-]{0,12}$/))
      .map(([name, value]) => `${name}=${value}`)
    const answer = fc.constantFrom('code=a', 'state=b', 'iss=c', 'error=d', 'session_state=e')
    fc.assert(
      fc.property(fc.array(fc.oneof(pair, answer)), (pairs) => {
        const others = pairs.filter((one) => one.startsWith('x')).join('&')
        expect(withoutAnswer(`?${pairs.join('&')}`)).toBe(others === '' ? '' : `?${others}`)
      }),
    )
  })

  it('keeps path, foreign parameters and fragment of a page that only takes answers', () => {
    expect(cleaned('https://app.example/auth/callback?a=1&code=2&state=3#part')).toBe(
      'https://app.example/auth/callback?a=1#part',
    )
  })

  it('gets query and fragment back where the sign-in began on the same page', () => {
    const href = 'https://app.example/?code=2&state=3'
    expect(cleaned(href, '/?tab=keys#/settings')).toBe('https://app.example/?tab=keys#/settings')
    expect(cleaned(`${href}#/now`, '/?tab=keys#/settings')).toBe(
      'https://app.example/?tab=keys#/now',
    )
  })

  it.each(['//evil.example/', 'https://evil.example/', 'https://evil.example/auth'])(
    'leads nowhere else, whatever was kept: %s',
    (returnTo) => {
      expect(new URL(cleaned('https://app.example/auth?code=2&state=3', returnTo)).origin).toBe(
        'https://app.example',
      )
    },
  )

  it('is left to those who cannot change it', () => {
    const history = {
      state: undefined,
      replaceState: () => {
        throw new DOMException('No.', 'SecurityError')
      },
    }
    const page = new FakeTab().load('https://app.example/?code=1&state=2', { history })
    expect(() => cleanAddress(page.window, '/')).not.toThrow()
  })
})

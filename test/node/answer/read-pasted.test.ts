import { describe, expect, it } from 'vitest'
import { type Expected, readPasted } from '../../../src/node/answer/read-pasted.ts'

const redirectUri = 'http://127.0.0.1:8989/callback'
const state = 'the-state-of-this-sign-in'
const code = 'a-code-of-43-characters-AbCdEfGhIjKlMnOpQrStU'
const expected: Expected = { redirectUri, state, takesCodeAlone: true }
const whole = `${redirectUri}?code=${code}&state=${state}`

describe('a pasted text that is the answer', () => {
  it.each([
    ['the whole address', whole],
    ['with white space around it', `  \t${whole}\r\n`],
    ['in double quotes', `"${whole}"`],
    ['in single quotes, with a full stop', `'${whole}'.`],
    ['in back quotes', `\`${whole}\``],
    ['in angle brackets', `<${whole}>`],
    ['wrapped over several lines by a window', whole.replace(/(.{20})/g, '$1\n  ')],
    ['with the marks of bracketed paste', `\x1b[200~${whole}\x1b[201~`],
    ['with invisible characters of a chat', `\u200b${whole}\ufeff`],
    ['without its scheme, as browsers show it', whole.replace('http://', '')],
    ['its query', `?code=${code}&state=${state}`],
    ['its query without the mark', `code=${code}&state=${state}`],
    ['its query in another order', `state=${state}&code=${code}`],
    ['with a fragment', `${whole}#_=_`],
  ])('%s', (_name, text) => {
    const pasted = readPasted(text, expected)
    expect(pasted).toMatchObject({ ok: true, codeAlone: false })
    const url = pasted.ok ? pasted.url : undefined
    expect(url?.searchParams.get('code')).toBe(code)
    expect(url?.searchParams.get('state')).toBe(state)
    expect(url?.origin).toBe('http://127.0.0.1:8989')
  })

  it('an error that carries our state: it is the answer', () => {
    const pasted = readPasted(`${redirectUri}?error=access_denied&state=${state}`, expected)
    expect(pasted).toMatchObject({ ok: true, codeAlone: false })
  })

  it.each([
    code,
    ` "${code}" `,
    `${code.slice(0, 20)}\n${code.slice(20)}`,
    '4/0AfJohXkQm-dKd_xyz==',
  ])('the code alone (%j), with our own state', (text) => {
    const pasted = readPasted(text, expected)
    expect(pasted).toMatchObject({ ok: true, codeAlone: true })
    expect(pasted.ok && pasted.url.searchParams.get('state')).toBe(state)
    expect(pasted.ok && pasted.url.href.startsWith(`${redirectUri}?`)).toBe(true)
  })
})

describe('a pasted text that is not taken', () => {
  it.each([
    ['nothing', ''],
    ['white space', ' \n '],
    ['a word', 'yes'],
    ['a sentence', 'I have signed in, what now? äöü'],
    ['the page to sign in on', `https://auth.lanonasis.com/oauth/authorize?code=1&state=${state}`],
    ['another path', `http://127.0.0.1:8989/other?code=${code}&state=${state}`],
    ['another port', `http://127.0.0.1:8990/callback?code=${code}&state=${state}`],
    ['another name of this machine', `http://localhost:8989/callback?code=${code}&state=${state}`],
    ['another host', `http://evil.example:8989/callback?code=${code}&state=${state}`],
    [
      'a host with ours as its user',
      `http://127.0.0.1:8989@evil.example/callback?code=${code}&state=${state}`,
    ],
    ['an address cut off before its state', `${redirectUri}?code=${code}`],
    ['an address without a code', `${redirectUri}?state=${state}`],
    ['our address alone', redirectUri],
    ['a script', `javascript:alert(1)//${code}`],
    ['a code with a part of a command', `${code};rm`],
  ])('%s is no answer', (_name, text) => {
    expect(readPasted(text, expected)).toEqual({ ok: false, problem: 'not-an-answer' })
  })

  it.each([
    ['another state', `${redirectUri}?code=${code}&state=another`],
    ['our state twice', `${whole}&state=${state}`],
    ['an error with another state', `${redirectUri}?error=access_denied&state=another`],
    ['an empty state', `${redirectUri}?code=${code}&state=`],
  ])('%s belongs to another sign-in', (_name, text) => {
    expect(readPasted(text, expected)).toEqual({ ok: false, problem: 'another-sign-in' })
  })

  it('a code alone is not enough where the server promises to say who it is', () => {
    const strict = { ...expected, takesCodeAlone: false }
    expect(readPasted(code, strict)).toEqual({ ok: false, problem: 'address-needed' })
    expect(readPasted(whole, strict)).toMatchObject({ ok: true })
  })

  it('a text without end is cut, and judged in no time', () => {
    const startedAt = performance.now()
    for (const character of ['"', '.', ' ', 'a', '=']) {
      expect(readPasted(character.repeat(5_000_000), expected).ok).toBe(false)
    }
    expect(performance.now() - startedAt).toBeLessThan(2_000)
  })
})

import type { AuthorizationRequest, PasteProblem } from '../../login/flow.ts'
import { carriesState } from '../../oauth/callback.ts'

/** What a pasted text turned out to be. */
export type Pasted =
  | { readonly ok: true; readonly url: URL; readonly codeAlone: boolean }
  | { readonly ok: false; readonly problem: PasteProblem }

/** What a pasted text has to be the answer to. */
export interface Expected extends Pick<AuthorizationRequest, 'state' | 'takesCodeAlone'> {
  readonly redirectUri: string
}

/**
 * Reads what a person pasted: the address that the sign-in ended on, its query, or the code alone, with
 * the white space, line breaks and quotes that come along when something is copied from a window.
 *
 * An address has to be our redirect URI and to carry our state, as an answer to a listener does. A code
 * alone is bound to this sign-in by PKCE only, which is enough (RFC 9700 §2.1.1) where the server does
 * not promise to say who it is. It has to look like one: a wrong guess costs one of few token requests (★15).
 */
export function readPasted(text: string, expected: Expected): Pasted {
  const { redirectUri, state, takesCodeAlone } = expected
  const cleaned = clean(text)
  const address = addressIn(cleaned, redirectUri)
  if (address !== undefined) return judge(address, expected)
  if (!codeLike.test(cleaned)) return { ok: false, problem: 'not-an-answer' }
  if (!takesCodeAlone) return { ok: false, problem: 'address-needed' }
  const url = new URL(redirectUri)
  url.searchParams.set('code', cleaned)
  url.searchParams.set('state', state)
  return { ok: true, url, codeAlone: true }
}

/** Every code has 128 bits of chance at least (RFC 6749 §10.10), and no character that has to be escaped. */
const codeLike = /^[\w.~+/=-]{16,4096}$/

const longest = 16_384

/** Marks of a terminal around what was pasted; whatever is no character of an address; quotes and brackets around it. */
function clean(text: string): string {
  return (
    text
      .slice(0, longest)
      // biome-ignore lint/suspicious/noControlCharactersInRegex: the marks of bracketed paste begin with one
      .replace(/\x1b\[20[01]~/g, '')
      .replace(/[\s\p{Cc}\p{Cf}]+/gu, '')
      .replace(/^[<("'`“‘«]+|[>)"'`”’».,;]+$/gu, '')
  )
}

/** A query alone begins with one of these. */
const query = /^[?&]?(?:code|state|error|error_description|error_uri|iss|session_state)=/

function addressIn(text: string, redirectUri: string): URL | undefined {
  if (query.test(text)) return parse(`${redirectUri}?${text.replace(/^[?&]/, '')}`)
  // Browsers leave the scheme out of what they show.
  const { protocol, host } = new URL(redirectUri)
  return parse(text.startsWith(`${host}/`) ? `${protocol}//${text}` : text)
}

function parse(text: string): URL | undefined {
  return text.includes('://') && URL.canParse(text) ? new URL(text) : undefined
}

function judge(address: URL, { redirectUri, state }: Expected): Pasted {
  const target = new URL(redirectUri)
  const isOurs = address.origin === target.origin && address.pathname === target.pathname
  const { searchParams } = address
  const isWhole =
    (searchParams.has('code') || searchParams.has('error')) && searchParams.has('state')
  // The page to sign in on carries our state, too; it is copied by mistake.
  if (!isOurs || !isWhole) return { ok: false, problem: 'not-an-answer' }
  return carriesState(address, state)
    ? { ok: true, url: address, codeAlone: false }
    : { ok: false, problem: 'another-sign-in' }
}

import type { RedirectPage } from './page.ts'

/** What an authorization server adds to the address that it sends a person back to (RFC 6749 §4.1.2, RFC 9207, OpenID Connect). */
const answerNames = [
  'code',
  'state',
  'iss',
  'session_state',
  'error',
  'error_description',
  'error_uri',
]

/** The query without what belongs to an answer; everything else stays as it is, letter by letter. */
export function withoutAnswer(search: string): string {
  const kept = search
    .slice(1)
    .split('&')
    .filter((pair) => ![...new URLSearchParams(pair).keys()].some((name) => isOfAnswer(name)))
  const query = kept.join('&')
  return query === '' ? '' : `?${query}`
}

function isOfAnswer(name: string): boolean {
  return answerNames.includes(name)
}

/**
 * Takes an answer out of the address bar and out of the history, without loading anything.
 *
 * Where the sign-in began on the same page, its query and fragment come back: a router that keeps its
 * place in the fragment finds it, because no redirect URI carries one.
 */
export function cleanAddress({ location, history }: RedirectPage, returnTo: string): void {
  const now = new URL(location.href)
  const origin = new URL(returnTo, now)
  const isSamePage = origin.origin === now.origin && origin.pathname === now.pathname
  const target = isSamePage ? origin : now
  if (!isSamePage) now.search = withoutAnswer(now.search)
  if (now.hash !== '') target.hash = now.hash
  try {
    history.replaceState(history.state, '', target.href)
  } catch {
    // A frame without an origin has no history of its own; the code is of no use to anybody else.
  }
}

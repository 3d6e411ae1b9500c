import * as oauth from 'oauth4webapi'
import { joinUrl } from '../endpoints/url.ts'
import { type Answered, inShort } from './ask.ts'
import { failed, limited, type Result } from './check.ts'
import type { CheckContext } from './context.ts'
import { redirectFor } from './known-clients.ts'

/** A good authorization request of a client, as parameters. */
export async function authorizationRequest(
  { settings }: CheckContext,
  clientId: string,
): Promise<Readonly<Record<string, string>>> {
  const verifier = oauth.generateRandomCodeVerifier()
  return {
    response_type: 'code',
    client_id: clientId,
    redirect_uri: redirectFor(clientId),
    ...(settings.scope === '' ? {} : { scope: settings.scope }),
    code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    state: oauth.generateRandomState(),
  }
}

/**
 * What the gateway makes of an authorization request.
 *
 * | answer | it |
 * |---|---|
 * | a page, 401, a redirect within the gateway | `asks`: wants the person to sign in first; what it thinks of the rest shows only then |
 * | 400 with a code | `refuses`, in the person's browser (★10) |
 * | a redirect to the redirect URI with an error | `tells` the client |
 * | a redirect to the redirect URI without one, or to another place | `leads-away` |
 * | anything else | `else` |
 */
export type Verdict =
  | { readonly type: 'asks' }
  | { readonly type: 'refuses'; readonly code: string | undefined; readonly said: string }
  | { readonly type: 'tells'; readonly code: string }
  | { readonly type: 'leads-away'; readonly to: string }
  | { readonly type: 'else'; readonly said: string }

/** A request to be judged, and what a person calls it. */
interface AuthorizationQuestion {
  readonly about: string
  readonly parameters: Readonly<Record<string, string>>
}

/** @returns the verdict, or the finding that there is none */
export async function authorize(
  { ask, endpoints }: CheckContext,
  { about, parameters }: AuthorizationQuestion,
): Promise<Verdict | { readonly type: 'none'; readonly result: Result }> {
  const service = 'authGateway'
  const url = joinUrl(endpoints.urls[service], 'oauth/authorize')
  url.search = new URLSearchParams(parameters).toString()
  const answer = await ask({ service, url, headers: { accept: 'text/html, */*;q=0.8' } })
  if (answer.type === 'unanswered')
    return { type: 'none', result: failed(answer.error, { service }) }
  if (answer.status === 429) return { type: 'none', result: limited(answer, { about, service }) }
  return verdictOf(answer, parameters.redirect_uri)
}

function verdictOf(answer: Answered, redirectUri: string | undefined): Verdict {
  const { status, failure, headers, url } = answer
  if (status === 400) return { type: 'refuses', code: failure.code, said: inShort(answer) }
  if (status === 401 || (status >= 200 && status < 300)) return { type: 'asks' }
  const location = headers.get('location') ?? ''
  const isRedirect = status >= 300 && status < 400 && URL.canParse(location, url)
  if (!isRedirect) return { type: 'else', said: inShort(answer) }
  const target = new URL(location, url)
  if (redirectUri !== undefined && isSamePlace(target, new URL(redirectUri))) {
    const code = target.searchParams.get('error')
    if (code === null) return { type: 'leads-away', to: target.origin }
    return { type: 'tells', code: /^[\w.-]{1,40}$/.test(code) ? code : 'an error' }
  }
  return target.origin === url.origin ? { type: 'asks' } : { type: 'leads-away', to: target.origin }
}

function isSamePlace(one: URL, other: URL): boolean {
  return (
    one.protocol === other.protocol && one.host === other.host && one.pathname === other.pathname
  )
}

import { joinUrl } from '../endpoints/url.ts'
import { errorFromFailure, readFailure } from '../http/response-error.ts'
import { fetchWhole } from '../http/transport.ts'
import { parseFields, textOf } from '../json/fields.ts'
import { type AuthorizationTransaction, authorizationError } from './authorization.ts'
import { hostOf, type OAuthContext } from './server.ts'

/**
 * Asks the authorization endpoint before a browser is opened, and says which address to open.
 *
 * Most mistakes (an unknown client, an unregistered redirect, a bad scope) are answered by a page in
 * the person's browser and never reach the redirect URI (★10); asked here, they become an error at once.
 *
 * | answer | then |
 * |---|---|
 * | a redirect, or a page | open the authorization URL |
 * | a redirect to our own callback with an error | that error |
 * | 401 of the gateway, in either form | open the sign-in page, which leads back to authorize in the same browser session |
 * | anything else | a typed error |
 *
 * @throws AuthError `config_invalid`, `insufficient_scope`, `rate_limited`, `service_unavailable`, transport errors
 */
export async function preflight(
  { server, transport, now }: OAuthContext,
  transaction: AuthorizationTransaction,
): Promise<string> {
  const { url, redirectUri } = transaction
  const host = hostOf(server.issuer)
  const response = await fetchWhole(url, { headers: { accept: 'text/html, */*;q=0.8' } }, transport)
  const { status } = response
  if (status >= 200 && status < 300) return url
  if (status >= 300 && status < 400) {
    const refusal = errorInRedirect(response.headers.get('location'), { url, redirectUri })
    if (refusal !== undefined) throw authorizationError(refusal, host)
    return url
  }
  // Another server may ask for what only a browser has (Kerberos, a client certificate).
  if (status === 401 && server.discover) return url
  if (status === 401) {
    const suggested = textOf(parseFields(await response.text()).login_url)
    return signInPage(server.issuer, url, suggested)
  }
  const failure = await readFailure(response, now())
  // Many servers say why on a page for people only.
  if (status === 400) throw authorizationError(failure.code ?? '', host, failure)
  throw errorFromFailure(failure, { service: host, credential: 'none', now: now() })
}

/** The `error` of a redirect that goes straight back to us (RFC 6749 §4.1.2.1). */
function errorInRedirect(
  location: string | null,
  { url, redirectUri }: { url: string; redirectUri: string },
): string | undefined {
  if (location === null || !URL.canParse(location, url)) return undefined
  const target = new URL(location, url)
  const callback = new URL(redirectUri)
  if (target.origin !== callback.origin || target.pathname !== callback.pathname) return undefined
  return target.searchParams.get('error') ?? undefined
}

/** The gateway's sign-in page, with the way back to this very authorization request. */
function signInPage(issuer: string, authorizeUrl: string, suggested: string | undefined): string {
  const gateway = new URL(issuer)
  const fallback = joinUrl(issuer, 'web/login')
  // What an answer suggests is followed within the gateway only.
  const page =
    suggested !== undefined && URL.canParse(suggested, gateway)
      ? new URL(suggested, gateway)
      : fallback
  const target = page.origin === gateway.origin ? page : fallback
  if (!target.searchParams.has('return_to')) {
    const { pathname, search } = new URL(authorizeUrl)
    target.searchParams.set('return_to', `${pathname}${search}`)
  }
  return target.href
}

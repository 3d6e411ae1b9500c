import * as oauth from 'oauth4webapi'
import { AuthError } from '../errors/auth-error.ts'
import { type Failure, readFailure } from '../http/response-error.ts'
import { fetchWhole, mayHaveActed } from '../http/transport.ts'
import type { Secret } from '../secret/secret.ts'
import type { Tokens } from '../session/account.ts'
import type { RenewalOutcome } from '../session/outcome.ts'
import type { TokenKind } from '../store/account.ts'
import { hostOf, httpOptions, type OAuthContext } from './server.ts'
import { pageError, tokenError } from './token-error.ts'
import { parseTokens } from './tokens.ts'

/**
 * Renews tokens at the endpoint of their family. Exactly one request: a refresh token that rotates
 * must not be sent twice by a retry. Never throws for what the server or the network does.
 *
 * @see RFC 6749 §6
 */
export async function renewTokens(context: OAuthContext, tokens: Tokens): Promise<RenewalOutcome> {
  const { server, now } = context
  const { refreshToken, kind, scope } = tokens
  const host = hostOf(server.issuer)
  if (refreshToken === undefined) {
    const error = new AuthError('refresh_failed', 'There is no refresh token.', {
      retryable: false,
    })
    return { type: 'unavailable', error }
  }
  const sentAt = now()
  const isJwt = usesJwtRoute(context, kind)
  let response: Response
  try {
    // ★16 Asked at the wrong endpoint, a good token looks exactly like a dead one.
    response = await (isJwt
      ? requestAtJwtRoute(context, refreshToken)
      : requestAtTokenEndpoint(context, refreshToken))
  } catch (error) {
    const failure =
      error instanceof AuthError
        ? error
        : new AuthError('network_error', 'The token request failed.', { cause: error })
    return { type: mayHaveActed(failure) ? 'ambiguous' : 'unavailable', error: failure }
  }
  if (!response.ok) {
    const failure = await readFailure(response, now())
    const error =
      isJwt && failure.status === 404
        ? new AuthError('not_found', `${host} has no route that renews this session.`, {
            status: 404,
            hint: 'Sign in again; older gateways cannot renew the sessions of passwords and devices.',
          })
        : tokenError(response, failure, { host, now: now() })
    return { type: isRefusal(failure, kind) ? 'refused' : 'unavailable', error }
  }
  try {
    const answer = await response.json()
    const renewed = parseTokens(answer, { sentAt, scope, namesProjectScope: isJwt, host })
    return { type: 'renewed', tokens: inherit(renewed, tokens) }
  } catch (error) {
    // A success that cannot be read: the server has acted, and what it said is lost.
    const unreadable =
      pageError(response, { host }) ??
      new AuthError('invalid_response', `The token answer of ${host} is not valid.`, {
        cause: error,
        retryable: true,
      })
    return { type: 'ambiguous', error: unreadable }
  }
}

/** Only the gateway has a second family; elsewhere a JWT is just an access token that is a JWT (RFC 9068). */
function usesJwtRoute({ server }: OAuthContext, kind: TokenKind): boolean {
  return kind === 'jwt' && !server.discover
}

function requestAtTokenEndpoint(context: OAuthContext, refreshToken: Secret): Promise<Response> {
  const { server, clientId, transport } = context
  const endpoint = server.metadata.token_endpoint ?? server.issuer
  return oauth.refreshTokenGrantRequest(
    server.metadata,
    { client_id: clientId },
    oauth.None(),
    refreshToken.reveal(),
    httpOptions(endpoint, transport, server.tokenRequestFormat),
  )
}

function requestAtJwtRoute(
  { server, transport }: OAuthContext,
  refreshToken: Secret,
): Promise<Response> {
  const init = {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json' },
    body: JSON.stringify({ refresh_token: refreshToken.reveal() }),
  }
  return fetchWhole(`${server.issuer}/v1/auth/refresh`, init, transport)
}

const refusals: Readonly<Record<TokenKind, readonly string[]>> = {
  opaque: ['invalid_grant'],
  jwt: ['INVALID_REFRESH_TOKEN', 'REFRESH_TOKEN_EXPIRED', 'invalid_grant'],
}

/** The route being missing (404 on older deployments), a limit or a failing server refuse nothing. */
function isRefusal({ status, code }: Failure, kind: TokenKind): boolean {
  return (status === 400 || status === 401) && code !== undefined && refusals[kind].includes(code)
}

/** What a renewal does not repeat stays as it was; without a new refresh token the old one goes on (RFC 6749 §6). */
function inherit(renewed: Tokens, previous: Tokens): Tokens {
  const pair = renewed.refreshToken === undefined ? previous : renewed
  return {
    ...renewed,
    refreshToken: pair.refreshToken,
    refreshExpiresAt: pair.refreshExpiresAt,
    origins: previous.origins,
    signInId: previous.signInId,
  }
}

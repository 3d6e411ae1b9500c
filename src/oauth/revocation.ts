import * as oauth from 'oauth4webapi'
import { AuthError } from '../errors/auth-error.ts'
import { errorFromResponse } from '../http/response-error.ts'
import { fetchWhole } from '../http/transport.ts'
import type { Secret } from '../secret/secret.ts'
import type { Tokens } from '../session/account.ts'
import { hostOf, httpOptions, type OAuthContext } from './server.ts'

/**
 * Tells the server that these tokens are no longer used.
 *
 * @throws AuthError when the server did not confirm
 * @see RFC 7009
 */
export async function revokeTokens(context: OAuthContext, tokens: Tokens): Promise<void> {
  if (tokens.kind === 'jwt' && !context.server.discover) return endJwtSession(context, tokens)
  // The refresh token first: it is the one that lives for weeks. Not every server ends both with one (RFC 7009 §2.1).
  if (tokens.refreshToken !== undefined) {
    await revokeOne(context, tokens.refreshToken, 'refresh_token')
  }
  await revokeOne(context, tokens.accessToken, 'access_token')
}

async function revokeOne(
  { server, clientId, transport, now }: OAuthContext,
  token: Secret,
  hint: 'refresh_token' | 'access_token',
): Promise<void> {
  const host = hostOf(server.issuer)
  const endpoint = server.metadata.revocation_endpoint
  if (endpoint === undefined) {
    throw new AuthError('not_found', `${host} has no revocation endpoint.`)
  }
  const response = await oauth.revocationRequest(
    server.metadata,
    { client_id: clientId },
    server.discover ? oauth.None() : () => {},
    token.reveal(),
    {
      ...httpOptions(endpoint, transport, server.tokenRequestFormat),
      additionalParameters: { token_type_hint: hint },
      ...(server.discover ? {} : { headers: doubleSubmit() }),
    },
  )
  if (!response.ok) {
    throw await errorFromResponse(response, { service: host, credential: 'none', now: now() })
  }
}

/** ★17 The gateway wants a cookie and a header that are equal; a client that is no browser makes its own pair. */
function doubleSubmit(): Record<string, string> {
  const value = oauth.generateRandomState()
  return { cookie: `csrf-token=${value}`, 'x-csrf-token': value }
}

async function endJwtSession(
  { server, transport, now }: OAuthContext,
  tokens: Tokens,
): Promise<void> {
  const host = hostOf(server.issuer)
  const init = {
    method: 'POST',
    headers: {
      authorization: `Bearer ${tokens.accessToken.reveal()}`,
      'content-type': 'application/json',
      accept: 'application/json',
    },
    body: '{}',
  }
  const response = await fetchWhole(`${server.issuer}/v1/auth/logout`, init, transport)
  if (!response.ok) {
    throw await errorFromResponse(response, { service: host, credential: 'bearer', now: now() })
  }
}

import { sessionCookieName } from '../accounts/sessions.ts'
import { json, noStore, withHeaders } from '../http/answers.ts'
import { textField } from '../http/body.ts'
import { parseCookies, sessionCookie } from '../http/cookies.ts'
import type { Answer, Call } from '../http/exchange.ts'
import { bearerOf, judgeBearer } from '../world/credentials.ts'
import type { World } from '../world/world.ts'
import { oauthError, tokenMissing } from './errors.ts'

/**
 * `POST /oauth/revoke`, behind a double submit (★17): the cookie `csrf-token` and the header
 * `X-CSRF-Token` carry the same value. A wrong `token_type_hint` finds nothing.
 */
export function revoke(world: World, call: Call): Answer {
  const cookie = parseCookies(call.request.headers.get('cookie')).get('csrf-token')
  const header = call.request.headers.get('x-csrf-token') ?? textField(call.body, 'csrf_token')
  if (cookie === undefined || cookie === '' || cookie !== header) {
    return oauthError('invalid_request', 'CSRF token mismatch', { status: 403 })
  }
  const token = textField(call.body, 'token')
  if (token === undefined) {
    return oauthError('invalid_request', 'Invalid revoke request parameters', {
      details: { token: ['Required'] },
    })
  }
  return json(
    200,
    { revoked: revokeToken(world, token, textField(call.body, 'token_type_hint')) },
    noStore,
  )
}

function revokeToken(world: World, token: string, hint: string | undefined): boolean {
  const refresh = hint === 'access_token' ? undefined : world.tokens.byRefresh(token)
  if (refresh !== undefined && !refresh.refreshRevoked) {
    // The access token is a child of the refresh token, and dies with it.
    refresh.refreshRevoked = true
    refresh.accessRevoked = true
    return true
  }
  const access = hint === 'refresh_token' ? undefined : world.tokens.byAccess(token)
  if (access === undefined || access.accessRevoked) return false
  access.accessRevoked = true
  return true
}

/** `POST /v1/auth/logout`: ends sessions of the JWT family and of browsers, never an opaque token. */
export function logout(world: World, call: Call): Answer {
  const token = bearerOf(call.request.headers)
  const judgement = judgeBearer(world, token)
  if (token === undefined || !judgement.ok) return tokenMissing()
  const session = world.jwts.byAccess(token)
  if (session !== undefined) session.revoked = true
  const cookie = parseCookies(call.request.headers.get('cookie')).get(sessionCookieName)
  if (cookie !== undefined) world.sessions.close(cookie)
  return withHeaders(json(200, { success: true, revoked: session !== undefined }), {
    'set-cookie': sessionCookie({
      name: sessionCookieName,
      value: '',
      maxAgeSeconds: 0,
      secure: world.settings.endpoints.authGateway.startsWith('https:'),
    }),
  })
}

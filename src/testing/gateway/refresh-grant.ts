import type { Client } from '../accounts/clients.ts'
import { json, noStore } from '../http/answers.ts'
import { textField } from '../http/body.ts'
import type { Answer, Call } from '../http/exchange.ts'
import type { World } from '../world/world.ts'
import { gatewayError, oauthError } from './errors.ts'
import { jwtAnswer } from './jwt-answer.ts'
import { pairAnswer } from './token-answer.ts'

/**
 * Refreshes an opaque pair. Nothing is awaited between the look-up and the rotation, so of parallel
 * requests exactly one succeeds (★13). A token of the JWT family looks like a dead one here (★16).
 */
export function refreshPair(
  world: World,
  request: {
    readonly refreshToken: string
    readonly scope: string | undefined
    readonly client: Client
  },
): Answer {
  const { refreshToken, client } = request
  const pair = world.tokens.findRefresh(refreshToken, client.clientId)
  if (pair === undefined) {
    const replayed = world.tokens.byRefresh(refreshToken)
    if (replayed?.rotated && world.settings.rotation === 'kill-family') {
      world.tokens.revokeFamily(replayed.family)
    }
    return oauthError('invalid_grant', 'Refresh token invalid or expired')
  }
  const requested = request.scope?.split(' ').filter((scope) => scope !== '') ?? []
  if (requested.some((scope) => !pair.scope.includes(scope))) {
    return oauthError('invalid_scope', 'Requested scope exceeds original grant')
  }
  const scope = requested.length > 0 ? requested : pair.scope
  return pairAnswer(world, world.tokens.rotate(pair, scope))
}

/** `POST /v1/auth/refresh`: the JWT family's own endpoint, which older deployments do not have. */
export async function refreshJwt(world: World, call: Call): Promise<Answer> {
  const refreshToken = textField(call.body, 'refresh_token')
  if (refreshToken === undefined) {
    return gatewayError(400, 'Refresh token is required', { code: 'MISSING_REFRESH_TOKEN' })
  }
  const session = world.jwts.takeRefresh(refreshToken)
  const user = session === undefined ? undefined : world.users.get(session.userId)
  if (session === undefined || user === undefined) {
    return gatewayError(401, 'Invalid or expired refresh token', { code: 'INVALID_REFRESH_TOKEN' })
  }
  const renewed = await world.jwts.open(user, session.clientId)
  return json(200, jwtAnswer(world, { session: renewed, user }), noStore)
}

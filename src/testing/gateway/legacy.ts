import type { User } from '../accounts/users.ts'
import { json, noStore } from '../http/answers.ts'
import { textField } from '../http/body.ts'
import type { Answer, Call } from '../http/exchange.ts'
import { bearerOf } from '../world/credentials.ts'
import type { World } from '../world/world.ts'
import { gatewayError } from './errors.ts'
import { pairAnswer } from './token-answer.ts'

/** `POST /legacy/introspect`: who a token of the old JWT service belongs to (roadmap §5.2). */
export function introspectLegacy(world: World, call: Call): Answer {
  const user = legacyUser(world, call)
  if (user === undefined) return json(200, { active: false }, noStore)
  return json(
    200,
    { active: true, user: { id: user.id, email: user.email, role: 'authenticated' } },
    noStore,
  )
}

/** `POST /legacy/exchange`: such a token for an OAuth pair. */
export function exchangeLegacy(world: World, call: Call): Answer {
  const user = legacyUser(world, call)
  if (user === undefined) {
    return gatewayError(401, 'Invalid or expired legacy token', { code: 'INVALID_LEGACY_TOKEN' })
  }
  const client = world.clients.get(textField(call.body, 'client_id') ?? 'lanonasis-cli')
  if (client === undefined) {
    return gatewayError(400, 'Unknown client_id', { code: 'INVALID_CLIENT' })
  }
  const { clientId, defaultScopes: scope } = client
  return pairAnswer(world, world.tokens.issue({ clientId, userId: user.id, scope }))
}

function legacyUser(world: World, call: Call): User | undefined {
  const token = textField(call.body, 'token') ?? bearerOf(call.request.headers)
  return world.users.get(world.jwts.legacyOwner(token ?? '') ?? '')
}

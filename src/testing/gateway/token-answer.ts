import { json, noStore } from '../http/answers.ts'
import type { Answer } from '../http/exchange.ts'
import type { World } from '../world/world.ts'
import type { TokenPair } from './token-store.ts'

/** The token endpoint's answer for an opaque pair. */
export function pairAnswer(world: World, pair: TokenPair): Answer {
  const { accessTokenTtlMs, refreshTokenTtlMs } = world.settings
  return json(
    200,
    {
      token_type: 'Bearer',
      access_token: pair.accessToken,
      expires_in: Math.floor(accessTokenTtlMs / 1000),
      refresh_token: pair.refreshToken,
      refresh_expires_in: Math.floor(refreshTokenTtlMs / 1000),
      scope: pair.scope.join(' '),
    },
    noStore,
  )
}

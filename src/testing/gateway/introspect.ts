import { json, noStore, withHeaders } from '../http/answers.ts'
import { textField } from '../http/body.ts'
import type { Answer, Call } from '../http/exchange.ts'
import type { World } from '../world/world.ts'
import { oauthError } from './errors.ts'

const seconds = (ms: number) => Math.floor(ms / 1000)

/** `POST /oauth/introspect` (RFC 7662), for anybody, 20 times a minute per address. */
export function introspect(world: World, call: Call): Answer {
  const { address } = call.request
  const verdict = world.limiter.count(`introspect:${address}`, world.settings.limits.introspection)
  if (verdict.limited) {
    const reset = String(verdict.resetSeconds)
    const answer = json(429, {
      error: 'rate_limit_exceeded',
      error_description: 'Too many introspection requests. Please try again later.',
      retry_after: verdict.resetSeconds,
    })
    return withHeaders(answer, {
      'x-ratelimit-limit': String(verdict.max),
      'x-ratelimit-remaining': '0',
      'x-ratelimit-reset': reset,
      'retry-after': reset,
    })
  }
  const token = textField(call.body, 'token')
  if (token === undefined) {
    return oauthError('invalid_request', 'Invalid introspection request parameters', {
      details: { token: ['Required'] },
    })
  }
  return json(200, describe(world, token), noStore)
}

function describe(world: World, token: string): Record<string, unknown> {
  return describeOpaque(world, token) ?? describeJwt(world, token) ?? { active: false }
}

function describeOpaque(world: World, token: string): Record<string, unknown> | undefined {
  const asAccess = world.tokens.byAccess(token)
  const pair = asAccess ?? world.tokens.byRefresh(token)
  if (pair === undefined) return undefined
  const alive =
    asAccess === undefined ? world.tokens.isRefreshAlive(pair) : world.tokens.isAccessAlive(pair)
  if (!alive) return { active: false }
  return {
    active: true,
    client_id: pair.clientId,
    user_id: pair.userId,
    scope: pair.scope.join(' '),
    token_type: asAccess === undefined ? 'refresh' : 'access',
    exp: seconds(asAccess === undefined ? pair.refreshExpiresAt : pair.accessExpiresAt),
    iat: seconds(pair.issuedAt),
  }
}

function describeJwt(world: World, token: string): Record<string, unknown> | undefined {
  const session = world.jwts.byAccess(token)
  const user = session === undefined ? undefined : world.users.get(session.userId)
  if (session === undefined || user === undefined) return undefined
  if (!world.jwts.isAlive(session)) return { active: false }
  return {
    active: true,
    sub: user.id,
    email: user.email,
    token_type: 'Bearer',
    exp: seconds(session.expiresAt),
    iat: seconds(session.issuedAt),
  }
}

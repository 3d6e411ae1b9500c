import type { User } from '../accounts/users.ts'
import type { ApiKeyRecord } from '../keys/key-store.ts'
import type { World } from './world.ts'

/** Who a good credential belongs to, and what it may do. */
export interface Identity {
  readonly user: User
  /** `['*']` for the JWT family, which carries no scopes. */
  readonly scopes: readonly string[]
  readonly source: 'oauth_token' | 'jwt' | 'api_key'
  readonly clientId?: string
  readonly apiKeyId?: string
  readonly expiresAt?: number
}

/** Why a credential is refused, where a route says so. */
export type Refusal = 'missing' | 'invalid' | 'expired'

export type Judgement =
  | { readonly ok: true; readonly identity: Identity }
  | { readonly ok: false; readonly refusal: Refusal }

const refuse = (refusal: Refusal): Judgement => ({ ok: false, refusal })

/** The token in an `Authorization: Bearer` header. */
export function bearerOf(headers: Headers): string | undefined {
  return /^bearer (.+)$/i.exec(headers.get('authorization') ?? '')?.[1]?.trim()
}

export function apiKeyOf(headers: Headers): string | undefined {
  return headers.get('x-api-key') ?? undefined
}

/** Judges an access token of either family. */
export function judgeBearer(world: World, token: string | undefined): Judgement {
  if (token === undefined) return refuse('missing')
  const pair = world.tokens.byAccess(token)
  if (pair !== undefined) {
    const user = world.users.get(pair.userId)
    if (pair.accessRevoked || user === undefined) return refuse('invalid')
    if (!world.tokens.isAccessAlive(pair)) return refuse('expired')
    const { clientId, scope: scopes, accessExpiresAt: expiresAt } = pair
    return { ok: true, identity: { user, scopes, source: 'oauth_token', clientId, expiresAt } }
  }
  const session = world.jwts.byAccess(token)
  const user = session === undefined ? undefined : world.users.get(session.userId)
  if (session === undefined || user === undefined || session.revoked) return refuse('invalid')
  if (!world.jwts.isAlive(session)) return refuse('expired')
  const { expiresAt } = session
  return { ok: true, identity: { user, scopes: ['*'], source: 'jwt', expiresAt } }
}

/** Judges an API key; only the gateway takes a key's hash for the key (★9). */
export async function judgeApiKey(
  world: World,
  key: string | undefined,
  options: { readonly acceptHash: boolean },
): Promise<Judgement> {
  if (key === undefined) return refuse('missing')
  const record = await world.keys.find(key, options)
  const user = record === undefined ? undefined : world.users.get(record.userId)
  if (record === undefined || user === undefined || !record.active) return refuse('invalid')
  if (isExpired(world, record)) return refuse('expired')
  const { permissions: scopes, id: apiKeyId, expiresAt } = record
  return {
    ok: true,
    identity: {
      user,
      scopes,
      source: 'api_key',
      apiKeyId,
      ...(expiresAt === undefined ? {} : { expiresAt }),
    },
  }
}

function isExpired(world: World, record: ApiKeyRecord): boolean {
  return record.expiresAt !== undefined && record.expiresAt <= world.clock.now()
}

/**
 * Judges what a request carries. With both headers the services disagree (★5): the gateway goes by
 * the bearer token, the old REST server by the key.
 */
export async function judgeRequest(
  world: World,
  headers: Headers,
  options: { readonly first: 'bearer' | 'api-key'; readonly acceptHash: boolean },
): Promise<Judgement> {
  const bearer = bearerOf(headers)
  const key = apiKeyOf(headers)
  if (bearer === undefined || (key !== undefined && options.first === 'api-key')) {
    return judgeApiKey(world, key, options)
  }
  return judgeBearer(world, bearer)
}

/** Whether an identity may do what needs this scope. */
export function hasScope(identity: Identity, scope: string): boolean {
  return identity.scopes.includes('*') || identity.scopes.includes(scope)
}

import * as z from 'zod/mini'
import { AuthError } from '../errors/auth-error.ts'
import { Secret } from '../secret/secret.ts'
import type { Tokens } from '../session/account.ts'
import { tokenKind } from '../store/account.ts'

/** Some centuries: what ends later, or before it begins, is no life but a mistake, and no `Date` either. */
const lifetime = z.number().check(z.gte(0), z.lte(1e10))
/** A number of seconds, which some servers write as a text. */
export const seconds = z.union([
  lifetime,
  z.pipe(z.pipe(z.string().check(z.regex(/^\d+$/)), z.transform(Number)), lifetime),
])

/**
 * A token answer (RFC 6749 §5.1), read generously: after a rotation the old pair is dead, so an answer
 * that holds a new access token is never thrown away for the sake of another field.
 */
const tokenResponse = z.object({
  access_token: z.string().check(z.minLength(1)),
  refresh_token: z.catch(z.optional(z.string().check(z.minLength(1))), undefined),
  token_type: z.catch(z.optional(z.string()), undefined),
  expires_in: z.catch(z.optional(seconds), undefined),
  refresh_expires_in: z.catch(z.optional(seconds), undefined),
  scope: z.catch(z.optional(z.string()), undefined),
})

/** The services wrap some answers in `data`. */
const wrapped = z.object({ data: tokenResponse })
const anyTokenResponse = z.union([tokenResponse, wrapped])

/** What a grant was asked with, to complete what the answer leaves out. */
export interface GrantRequest {
  /** When the request was sent: expiry counts from there, because the answer may have taken long. */
  readonly sentAt: number
  /** What was asked for; it is what was granted when the answer does not say (RFC 6749 §5.1). */
  readonly scope?: string | undefined
  /** ★18 What these answers call `scope` is a project scope, and says nothing of what was granted. */
  readonly namesProjectScope?: boolean | undefined
  readonly host: string
}

/** @throws AuthError `invalid_response` when there is no access token in it */
export function parseTokens(body: unknown, request: GrantRequest): Tokens {
  const { sentAt, scope, namesProjectScope, host } = request
  const parsed = z.safeParse(anyTokenResponse, body)
  if (!parsed.success) {
    throw new AuthError('invalid_response', `The token answer of ${host} holds no access token.`)
  }
  const answer = 'data' in parsed.data ? parsed.data.data : parsed.data
  const { access_token, refresh_token, expires_in, refresh_expires_in } = answer
  return {
    accessToken: new Secret(access_token),
    refreshToken: refresh_token === undefined ? undefined : new Secret(refresh_token),
    tokenType: 'Bearer',
    kind: tokenKind(access_token),
    scope: namesProjectScope ? scope : (answer.scope ?? scope),
    obtainedAt: sentAt,
    expiresAt: after(expires_in),
    refreshExpiresAt: after(refresh_expires_in),
  }

  function after(lifeSeconds: number | undefined): number | undefined {
    return lifeSeconds === undefined ? undefined : sentAt + lifeSeconds * 1_000
  }
}

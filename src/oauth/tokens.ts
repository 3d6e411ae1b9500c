import { AuthError } from '../errors/auth-error.ts'
import { fieldsOf, numberOf, stringOf, textOf } from '../json/fields.ts'
import { Secret } from '../secret/secret.ts'
import type { Tokens } from '../session/account.ts'
import { tokenKind } from '../store/account.ts'

/** Some centuries: what ends later, or before it begins, is no life but a mistake, and no `Date` either. */
const longestLifeSeconds = 1e10

/** A number of seconds, which some servers write as a text. */
export function secondsOf(value: unknown): number | undefined {
  const isText = typeof value === 'string' && /^\d+$/.test(value)
  return numberOf(isText ? Number(value) : value, longestLifeSeconds)
}

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

/**
 * A token answer (RFC 6749 §5.1), read generously: after a rotation the old pair is dead, so an answer
 * that holds a new access token is never thrown away for the sake of another field.
 *
 * @throws AuthError `invalid_response` when there is no access token in it
 */
export function parseTokens(body: unknown, request: GrantRequest): Tokens {
  const { sentAt, scope, namesProjectScope, host } = request
  const bare = fieldsOf(body)
  // The services wrap some answers in `data`.
  const answer = textOf(bare.access_token) === undefined ? fieldsOf(bare.data) : bare
  const accessToken = textOf(answer.access_token)
  if (accessToken === undefined) {
    throw new AuthError('invalid_response', `The token answer of ${host} holds no access token.`)
  }
  const refreshToken = textOf(answer.refresh_token)
  return {
    accessToken: new Secret(accessToken),
    refreshToken: refreshToken === undefined ? undefined : new Secret(refreshToken),
    tokenType: 'Bearer',
    kind: tokenKind(accessToken),
    scope: namesProjectScope ? scope : (stringOf(answer.scope) ?? scope),
    obtainedAt: sentAt,
    expiresAt: after(answer.expires_in),
    refreshExpiresAt: after(answer.refresh_expires_in),
  }

  function after(life: unknown): number | undefined {
    const lifeSeconds = secondsOf(life)
    return lifeSeconds === undefined ? undefined : sentAt + lifeSeconds * 1_000
  }
}

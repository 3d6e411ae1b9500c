import * as oauth from 'oauth4webapi'
import { AuthError } from '../errors/auth-error.ts'
import { errorFromResponse } from '../http/response-error.ts'
import { booleanOf, numberOf, parseFields, stringOf } from '../json/fields.ts'
import type { Secret } from '../secret/secret.ts'
import { hostOf, httpOptions, type OAuthContext } from './server.ts'

/** What the authorization server says of a token (RFC 7662 §2.2); times in epoch ms. */
export interface Introspection {
  /** Whether the token can be used now. With `false` the server says nothing else. */
  readonly active: boolean
  /** The OAuth client that the token was issued to; not for JWTs of the gateway. */
  readonly clientId?: string
  /** The id of the person. */
  readonly userId?: string
  /** Space-delimited. */
  readonly scope?: string
  /** As the server calls it, for example `Bearer`. */
  readonly tokenType?: string
  /** When it ends, epoch ms. */
  readonly expiresAt?: number
  /** When it was issued, epoch ms. */
  readonly issuedAt?: number
  /** The subject and the e-mail address: for JWTs of the gateway only. */
  readonly subject?: string
  /** The e-mail address: for JWTs of the gateway only. */
  readonly email?: string
}

/** Epoch seconds that a `Date` can hold. */
const latestSeconds = 1e11

/**
 * Asks the authorization server about a token.
 *
 * @throws AuthError `validation_failed`, `invalid_response`, `rate_limited` (the gateway allows 20 a minute), transport errors
 * @see RFC 7662
 */
export async function introspectToken(
  context: OAuthContext,
  token: Secret,
): Promise<Introspection> {
  const { server, clientId, transport, now } = context
  if (token.reveal() === '') {
    throw new AuthError('validation_failed', 'The token is empty.', {
      hint: 'Give the token to ask about.',
    })
  }
  const host = hostOf(server.issuer)
  const endpoint = server.metadata.introspection_endpoint
  if (endpoint === undefined) {
    throw new AuthError('not_found', `${host} has no introspection endpoint.`)
  }
  const response = await oauth.introspectionRequest(
    server.metadata,
    { client_id: clientId },
    server.discover ? oauth.None() : () => {},
    token.reveal(),
    httpOptions(endpoint, transport, server.tokenRequestFormat),
  )
  if (!response.ok) {
    throw await errorFromResponse(response, { service: host, credential: 'none', now: now() })
  }
  const answer = parseFields(await response.text())
  const active = booleanOf(answer.active)
  if (active === undefined) {
    throw new AuthError('invalid_response', `The introspection answer of ${host} is not valid.`)
  }
  return compact({
    active,
    clientId: stringOf(answer.client_id),
    userId: stringOf(answer.user_id),
    scope: stringOf(answer.scope),
    tokenType: stringOf(answer.token_type),
    expiresAt: epochMs(answer.exp),
    issuedAt: epochMs(answer.iat),
    subject: stringOf(answer.sub),
    email: stringOf(answer.email),
  })
}

function epochMs(value: unknown): number | undefined {
  const seconds = numberOf(value, latestSeconds)
  return seconds === undefined ? undefined : seconds * 1_000
}

type Compact<T> = { [K in keyof T as undefined extends T[K] ? never : K]: T[K] } & {
  [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>
}

function compact<T extends object>(value: T): Compact<T> {
  const entries = Object.entries(value).filter(([, field]) => field !== undefined)
  return Object.fromEntries(entries) as Compact<T>
}

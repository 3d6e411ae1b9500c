import * as oauth from 'oauth4webapi'
import * as z from 'zod/mini'
import { AuthError } from '../errors/auth-error.ts'
import { errorFromResponse } from '../http/response-error.ts'
import type { Secret } from '../secret/secret.ts'
import { hostOf, httpOptions, type OAuthContext } from './server.ts'

/** What the authorization server says of a token (RFC 7662 §2.2); times in epoch ms. */
export interface Introspection {
  /** Whether the token can be used now. With `false` the server says nothing else. */
  readonly active: boolean
  readonly clientId?: string
  readonly userId?: string
  readonly scope?: string
  readonly tokenType?: string
  readonly expiresAt?: number
  readonly issuedAt?: number
  /** The subject and the e-mail address: for JWTs of the gateway only. */
  readonly subject?: string
  readonly email?: string
}

const optional = <T extends z.core.SomeType>(type: T) => z.catch(z.optional(type), undefined)

/** Epoch seconds that a `Date` can hold. */
const seconds = z.number().check(z.gte(0), z.lte(1e11))

const introspectionResponse = z.object({
  active: z.boolean(),
  client_id: optional(z.string()),
  user_id: optional(z.string()),
  scope: optional(z.string()),
  token_type: optional(z.string()),
  exp: optional(seconds),
  iat: optional(seconds),
  sub: optional(z.string()),
  email: optional(z.string()),
})

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
  const parsed = z.safeParse(introspectionResponse, await readJson(response))
  if (!parsed.success) {
    throw new AuthError('invalid_response', `The introspection answer of ${host} is not valid.`)
  }
  const { active, client_id, user_id, token_type, exp, iat, sub, scope, email } = parsed.data
  return compact({
    active,
    clientId: client_id,
    userId: user_id,
    scope,
    tokenType: token_type,
    expiresAt: exp === undefined ? undefined : exp * 1_000,
    issuedAt: iat === undefined ? undefined : iat * 1_000,
    subject: sub,
    email,
  })
}

async function readJson(response: Response): Promise<unknown> {
  try {
    return await response.json()
  } catch {
    return undefined
  }
}

type Compact<T> = { [K in keyof T as undefined extends T[K] ? never : K]: T[K] } & {
  [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>
}

function compact<T extends object>(value: T): Compact<T> {
  const entries = Object.entries(value).filter(([, field]) => field !== undefined)
  return Object.fromEntries(entries) as Compact<T>
}

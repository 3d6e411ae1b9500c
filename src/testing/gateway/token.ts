import * as z from 'zod/mini'
import { json, noStore, withHeaders } from '../http/answers.ts'
import { hasFields, textField } from '../http/body.ts'
import type { Answer, Call } from '../http/exchange.ts'
import type { World } from '../world/world.ts'
import { exchangeCode } from './code-grant.ts'
import { deviceGrantType, pollDevice } from './device-grant.ts'
import { bodyMissing, oauthError } from './errors.ts'
import { refreshPair } from './refresh-grant.ts'

const text = z.string().check(z.minLength(1))

const tokenRequest = z.discriminatedUnion('grant_type', [
  z.object({
    grant_type: z.literal('authorization_code'),
    code: text,
    redirect_uri: z.url(),
    client_id: text,
    code_verifier: z.optional(z.string().check(z.minLength(43), z.maxLength(128))),
    client_secret: z.optional(z.string()),
  }),
  z.object({
    grant_type: z.literal('refresh_token'),
    refresh_token: text,
    client_id: text,
    scope: z.optional(z.string()),
    client_secret: z.optional(z.string()),
  }),
  z.object({ grant_type: z.literal(deviceGrantType), device_code: text, client_id: text }),
])

/** `POST /oauth/token`, in JSON or as a form. The limits come before anything is looked at (★15). */
export async function token(world: World, call: Call): Promise<Answer> {
  const refused = checkLimits(world, call)
  if (refused !== undefined) return refused
  if (!hasFields(call.body)) return bodyMissing()
  // ★12: a dotted state is taken for one with a CSRF token after the dot, which nobody was given.
  if (/.\.[^.]+$/s.test(textField(call.body, 'state') ?? '')) {
    return oauthError('invalid_request', 'Invalid or expired CSRF token')
  }
  const parsed = tokenRequest.safeParse(call.body.fields)
  if (!parsed.success) {
    return oauthError('invalid_request', 'Invalid token request parameters', {
      details: z.flattenError(parsed.error).fieldErrors,
    })
  }
  const request = parsed.data
  const client = world.clients.get(request.client_id)
  if (client === undefined) return oauthError('invalid_client', 'Unknown client_id')
  if (request.grant_type === deviceGrantType) {
    return pollDevice(world, { deviceCode: request.device_code, client })
  }
  if (client.secret !== undefined && client.secret !== clientSecret(call, request.client_secret)) {
    return oauthError('invalid_client', 'Client authentication failed', { status: 401 })
  }
  if (request.grant_type === 'refresh_token') {
    return refreshPair(world, { refreshToken: request.refresh_token, scope: request.scope, client })
  }
  return exchangeCode(world, {
    code: request.code,
    redirectUri: request.redirect_uri,
    codeVerifier: request.code_verifier,
    client,
  })
}

/** The secret of a confidential client, from the body or from HTTP Basic (RFC 6749 §2.3.1). */
function clientSecret(call: Call, inBody: string | undefined): string | undefined {
  const basic = /^basic (.+)$/i.exec(call.request.headers.get('authorization') ?? '')?.[1]
  if (basic === undefined) return inBody
  try {
    return decodeURIComponent(atob(basic).split(':')[1] ?? '')
  } catch {
    return undefined
  }
}

/** Two limits, and a shape of 429 for each: only the first one says how long to wait. */
function checkLimits(world: World, call: Call): Answer | undefined {
  const { limits } = world.settings
  const isPoll = textField(call.body, 'grant_type') === deviceGrantType
  const clientId = textField(call.body, 'client_id') ?? call.request.address
  if (isPoll) {
    const polls = world.limiter.count(`device:${clientId}`, limits.devicePolls)
    return polls.limited
      ? oauthError('slow_down', 'Polling too fast. Please slow down.', { status: 429 })
      : undefined
  }
  const perAddress = world.limiter.count(`token:${call.request.address}`, limits.tokenPerAddress)
  if (perAddress.limited) {
    const answer = json(429, {
      error: 'Too many login attempts',
      code: 'AUTH_RATE_LIMITED',
      retryAfter: '15 minutes',
    })
    return withHeaders(answer, {
      ...noStore,
      'ratelimit-limit': String(perAddress.max),
      'ratelimit-remaining': '0',
      'ratelimit-reset': String(perAddress.resetSeconds),
      'retry-after': String(perAddress.resetSeconds),
    })
  }
  const perClient = world.limiter.count(`client:${clientId}`, limits.tokenPerClient)
  return perClient.limited
    ? oauthError('Too many token requests. Please try again later.', 'Rate limit exceeded', {
        status: 429,
      })
    : undefined
}

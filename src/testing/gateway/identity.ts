import { json } from '../http/answers.ts'
import type { Answer, Call } from '../http/exchange.ts'
import {
  apiKeyOf,
  bearerOf,
  type Identity,
  judgeApiKey,
  judgeRequest,
  type Refusal,
} from '../world/credentials.ts'
import type { World } from '../world/world.ts'
import { gatewayError } from './errors.ts'
import { projectScope } from './jwt-sessions.ts'

/** `POST /v1/auth/introspect`: the one route that tells an expired credential from an invalid one. */
export async function introspectIdentity(world: World, call: Call): Promise<Answer> {
  const { headers } = call.request
  if (bearerOf(headers) === undefined && apiKeyOf(headers) === undefined) {
    return refused(400, {
      code: 'invalid_request',
      message: 'A credential is required in the auth headers.',
    })
  }
  const judgement = await judgeRequest(world, headers, { first: 'bearer', acceptHash: true })
  if (!judgement.ok) return refused(401, refusals[judgement.refusal])
  const { identity } = judgement
  return json(200, {
    valid: true,
    identity: {
      actor_id: identity.user.id,
      actor_type: 'user',
      user_id: identity.user.id,
      organization_id: identity.user.organizationId ?? null,
      project_scope: identity.clientId ?? projectScope,
      api_key_id: identity.apiKeyId ?? null,
      auth_source: identity.source,
      request_id: call.requestId,
      email: identity.user.email,
      scopes: identity.scopes,
      issued_at: new Date(world.clock.now()).toISOString(),
      ...expiry(identity),
    },
    error: null,
  })
}

/** `POST /v1/auth/verify-api-key`. */
export async function verifyApiKey(world: World, call: Call): Promise<Answer> {
  const key = apiKeyOf(call.request.headers)
  if (key === undefined) {
    return gatewayError(400, 'API key required', {
      code: 'API_KEY_MISSING',
      message: 'Please provide an API key in the X-API-Key header',
    })
  }
  const judgement = await judgeApiKey(world, key, { acceptHash: true })
  if (!judgement.ok) {
    return json(401, {
      valid: false,
      error: 'Invalid API key',
      code: 'API_KEY_INVALID',
      reason: judgement.refusal === 'expired' ? 'API key has expired' : 'API key not found',
      message: 'The provided API key is not valid',
    })
  }
  const { identity } = judgement
  return json(200, {
    valid: true,
    userId: identity.user.id,
    projectScope,
    permissions: identity.scopes,
    keyId: identity.apiKeyId,
    organizationId: identity.user.organizationId,
    message: 'API key is valid',
    ...expiry(identity),
  })
}

const refusals: Readonly<Record<Refusal, { code: string; message: string }>> = {
  missing: { code: 'invalid_request', message: 'A credential is required in the auth headers.' },
  invalid: {
    code: 'invalid_credential',
    message: 'Credential could not be validated by auth-gateway.',
  },
  expired: { code: 'expired_credential', message: 'The credential has expired.' },
}

function refused(
  status: number,
  error: { readonly code: string; readonly message: string },
): Answer {
  return json(status, { valid: false, identity: null, error: { ...error, retryable: false } })
}

function expiry(identity: Identity): { expires_at?: string } {
  return identity.expiresAt === undefined
    ? {}
    : { expires_at: new Date(identity.expiresAt).toISOString() }
}

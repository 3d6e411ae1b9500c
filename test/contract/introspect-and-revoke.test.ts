import { type InitialCredentials, isAuthError, type LanonasisClient } from '@lanonasis/auth-client'
import { describe, expect, it } from 'vitest'
import { failure } from '../support/async.ts'
import {
  accessToken,
  apiKey,
  byJwt,
  byKey,
  byToken,
  clientWith,
  epoch,
  gateway,
  jwtAccess,
  jwtTokens,
  lifeMs,
  mcp,
  opaqueTokens,
  pair,
  refreshToken,
} from './clients.ts'
import { useWire, type WireAnswer } from './wire.ts'

const wire = useWire()
const introspect = `POST ${gateway}/oauth/introspect`
const identity = `POST ${gateway}/v1/auth/introspect`
const verify = `POST ${gateway}/v1/auth/verify-api-key`
const revoke = `POST ${gateway}/oauth/revoke`
const logout = `POST ${gateway}/v1/auth/logout`
const memory = `GET ${mcp}/memory`
const inactive: WireAnswer = { status: 200, body: { active: false } }

describe('POST /oauth/introspect', () => {
  const full = {
    active: true,
    client_id: 'lanonasis-cli',
    user_id: 'u1',
    scope: 'memories:read',
    token_type: 'Bearer',
    exp: 1_780_272_900,
    iat: 1_780_272_000,
  }

  it('POST /oauth/introspect carries the token as JSON, and no credential header', async () => {
    wire.expect(introspect, { json: { token: accessToken } }, { status: 200, body: full })
    expect(await clientWith({ tokens: opaqueTokens, apiKey }).introspect()).toStrictEqual({
      active: true,
      clientId: 'lanonasis-cli',
      userId: 'u1',
      scope: 'memories:read',
      tokenType: 'Bearer',
      expiresAt: 1_780_272_900_000,
      issuedAt: 1_780_272_000_000,
    })
  })

  it('POST /oauth/introspect asks about the token that is given, and writes a form when that is the option', async () => {
    wire.expect(introspect, { form: { token: 'another' } }, inactive)
    const client = clientWith({ tokens: opaqueTokens }, { tokenRequestFormat: 'form' })
    expect(await client.introspect('another')).toStrictEqual({ active: false })
  })

  it('POST /oauth/introspect says the subject and the e-mail address for a JWT', async () => {
    const body = { active: true, sub: 'u1', email: 'ada@example.com', exp: 1_780_272_900 }
    wire.expect(introspect, { json: { token: jwtAccess } }, { status: 200, body })
    expect(await clientWith({ tokens: jwtTokens }).introspect()).toStrictEqual({
      active: true,
      subject: 'u1',
      email: 'ada@example.com',
      expiresAt: 1_780_272_900_000,
    })
  })

  it('POST /oauth/introspect leaves out fields that are of the wrong type', async () => {
    const body = { active: true, client_id: 7, exp: 'soon', iat: 1e300, scope: null, email: ['x'] }
    wire.expect(introspect, { json: { token: accessToken } }, { status: 200, body })
    expect(await clientWith({ tokens: opaqueTokens }).introspect()).toStrictEqual({ active: true })
  })

  it('POST /oauth/introspect is not asked when there is no token', async () => {
    expect(await failure(clientWith({ apiKey }).introspect())).toMatchObject({
      code: 'login_required',
    })
  })

  it.each<[string, unknown]>([
    ['nothing', ''],
    ['a page', '<html>'],
    ['truncated JSON', '{"active":tr'],
    ['no word on it', { error: 'x' }],
    ['a word that is no truth value', { active: 'true' }],
    ['a list', [full]],
  ])(
    'POST /oauth/introspect answered with %s is invalid_response, and never "inactive"',
    async (_what, body) => {
      wire.expect(introspect, { json: { token: accessToken } }, { status: 200, body })
      expect(await failure(clientWith({ tokens: opaqueTokens }).introspect())).toMatchObject({
        code: 'invalid_response',
      })
    },
  )
})

/** An API key that MCP Core refuses; what the gateway says of it is what the test is about. */
function refusedKey(initial: InitialCredentials = { apiKey }): LanonasisClient {
  wire.expect(
    memory,
    { credential: byKey },
    { status: 401, body: { error: 'Authentication required' } },
  )
  return clientWith(initial)
}

const identityAnswer = (code: string, retryable = false) => ({
  status: 401,
  body: { valid: false, identity: null, error: { code, message: 'Text', retryable } },
})

describe('POST /v1/auth/introspect, about an API key that was refused', () => {
  it.each<[string, WireAnswer, string]>([
    ['expired_credential', identityAnswer('expired_credential'), 'api_key_expired'],
    ['invalid_credential', identityAnswer('invalid_credential'), 'api_key_rejected'],
    [
      'valid',
      { status: 200, body: { valid: true, identity: { actor_id: 'u1', scopes: [] }, error: null } },
      'service_unavailable',
    ],
    ['gateway_unavailable', identityAnswer('gateway_unavailable', true), 'service_unavailable'],
    ['a code of the future', identityAnswer('a_new_code'), 'service_unavailable'],
    ['a limit', { status: 429, body: { error: 'Too many' } }, 'service_unavailable'],
    ['a page', { status: 502, body: '<html>' }, 'service_unavailable'],
    ['nothing', { status: 200 }, 'service_unavailable'],
    ['truncated JSON', { status: 401, body: '{"valid":fal' }, 'service_unavailable'],
  ])('★23 POST /v1/auth/introspect: %s', async (_what, answer, code) => {
    const client = refusedKey()
    wire.expect(identity, { credential: byKey, json: {} }, answer)
    const error = await failure(client.memory.list())
    expect(isAuthError(error)).toBe(true)
    expect(error).toMatchObject({ code, status: 401, hint: expect.stringMatching(/\w/) })
    // Whatever was said, the key stays where it is.
    expect(await client.getSession()).toMatchObject({ apiKey: { publicId: 'pk_4f1d' } })
  })

  it('★23 POST /v1/auth/introspect that cannot be reached says nothing of the key', async () => {
    const client = refusedKey()
    const lost = Object.assign(new Error('refused'), { code: 'ECONNREFUSED' })
    wire.expect(identity, { credential: byKey, json: {} }, lost)
    expect(await failure(client.memory.list())).toMatchObject({ code: 'service_unavailable' })
  })
})

describe('POST /v1/auth/verify-api-key, where the newer route is missing', () => {
  const missing: WireAnswer = { status: 404, body: 'Cannot POST /v1/auth/introspect' }

  it.each<[string, WireAnswer, string]>([
    [
      'API_KEY_INVALID',
      {
        status: 401,
        body: {
          valid: false,
          code: 'API_KEY_INVALID',
          reason: 'API key has expired',
          error: 'Invalid API key',
        },
      },
      'api_key_rejected',
    ],
    [
      'valid',
      { status: 200, body: { valid: true, userId: 'u1', projectScope: 'p', permissions: [] } },
      'service_unavailable',
    ],
    [
      'a failing gateway',
      { status: 500, body: { error: 'x', code: 'INTERNAL' } },
      'service_unavailable',
    ],
    ['404 as well', { status: 404 }, 'api_key_rejected'],
  ])('★23 POST /v1/auth/verify-api-key: %s', async (_what, answer, code) => {
    const client = refusedKey()
    wire.expect(identity, { credential: byKey, json: {} }, missing)
    wire.expect(verify, { credential: byKey, json: {} }, answer)
    expect(await failure(client.memory.list())).toMatchObject({ code, status: 401 })
  })
})

describe('POST /oauth/introspect, about an access token that was refused', () => {
  const refused: WireAnswer = {
    status: 401,
    body: { error: 'No token provided', code: 'AUTH_TOKEN_MISSING' },
  }

  it('★24 AUTH_TOKEN_MISSING, although a token was sent, makes the client ask; an inactive token is renewed and the request repeated', async () => {
    wire.expect(memory, { credential: byToken }, refused)
    wire.expect(introspect, { json: { token: accessToken } }, inactive)
    wire.expect(
      `POST ${gateway}/oauth/token`,
      {
        json: {
          grant_type: 'refresh_token',
          refresh_token: refreshToken,
          client_id: 'lanonasis-cli',
        },
      },
      { status: 200, body: pair },
    )
    wire.expect(
      memory,
      { credential: `authorization: Bearer ${pair.access_token}` },
      { status: 200, body: { data: [] } },
    )
    expect((await clientWith({ tokens: opaqueTokens }).memory.list()).items).toEqual([])
  })

  it.each<[string, WireAnswer]>([
    ['active', { status: 200, body: { active: true } }],
    ['a limit', { status: 429, body: { error: 'Too many' } }],
    ['a page', { status: 502, body: '<html>' }],
    ['nothing', { status: 200 }],
  ])(
    '★23 POST /oauth/introspect: %s is service_unavailable, and nothing is renewed',
    async (_what, answer) => {
      wire.expect(memory, { credential: byToken }, refused)
      wire.expect(introspect, { json: { token: accessToken } }, answer)
      const client = clientWith({ tokens: opaqueTokens })
      expect(await failure(client.memory.list())).toMatchObject({
        code: 'service_unavailable',
        status: 401,
      })
      expect(await client.getAccessToken()).toBe(accessToken)
    },
  )

  it('★23 POST /oauth/introspect is asked once for all requests that were refused', async () => {
    wire.expect(memory, { credential: byToken }, refused)
    wire.expect(
      introspect,
      { json: { token: accessToken } },
      { status: 200, body: { active: true } },
    )
    wire.expect(`GET ${mcp}/memory/stats`, { credential: byToken }, refused)
    const client = clientWith({ tokens: opaqueTokens })
    const errors = [await failure(client.memory.list()), await failure(client.memory.stats())]
    expect(errors).toMatchObject([{ code: 'service_unavailable' }, { code: 'service_unavailable' }])
  })
})

describe('POST /oauth/revoke', () => {
  const done: WireAnswer = { status: 200, body: { success: true } }
  const doubleSubmit = {
    cookie: expect.stringMatching(/^csrf-token=[\w-]{20,}$/),
    'x-csrf-token': expect.stringMatching(/^[\w-]{20,}$/),
  }
  const ofRefreshToken = {
    json: { token: refreshToken, token_type_hint: 'refresh_token' },
    headers: doubleSubmit,
  }
  const ofAccessToken = {
    json: { token: accessToken, token_type_hint: 'access_token' },
    headers: doubleSubmit,
  }

  it('★17 POST /oauth/revoke carries a cookie and a header that are equal, for each token, and no credential', async () => {
    wire.expect(revoke, ofRefreshToken, done)
    wire.expect(revoke, ofAccessToken, done)
    const client = clientWith({ tokens: opaqueTokens, apiKey })
    expect(await client.logout()).toEqual({ revoked: true })
    const pairs = wire.seen.map(({ headers }) => headers)
    for (const headers of pairs)
      expect(headers?.cookie).toBe(`csrf-token=${headers?.['x-csrf-token']}`)
    expect(await client.getSession()).toMatchObject({ status: 'signed-out' })
    expect((await client.getSession()).apiKey).toBeUndefined()
  })

  it('★17 POST /oauth/revoke writes a form when that is the option', async () => {
    wire.expect(revoke, { form: ofRefreshToken.json, headers: doubleSubmit }, done)
    wire.expect(revoke, { form: ofAccessToken.json, headers: doubleSubmit }, done)
    const client = clientWith({ tokens: opaqueTokens }, { tokenRequestFormat: 'form' })
    expect(await client.logout()).toEqual({ revoked: true })
  })

  it.each<[string, WireAnswer | NodeJS.ErrnoException]>([
    [
      '403, for want of the double submit',
      { status: 403, body: { error: 'CSRF', code: 'CSRF_INVALID' } },
    ],
    ['a limit', { status: 429, body: { error: 'Too many' } }],
    ['a page', { status: 502, body: '<html>' }],
    ['no connection', Object.assign(new Error('refused'), { code: 'ECONNREFUSED' })],
  ])(
    'POST /oauth/revoke: after %s everything is forgotten here, and the result says that it was not confirmed',
    async (_what, answer) => {
      wire.expect(revoke, ofRefreshToken, answer)
      const client = clientWith({ tokens: opaqueTokens })
      const reason = expect.stringMatching(/\w/)
      expect(await client.logout()).toEqual({ revoked: false, reason, alive: ['tokens'] })
      expect(await client.getSession()).toMatchObject({ status: 'signed-out' })
      expect(await failure(client.getAccessToken())).toMatchObject({ code: 'login_required' })
    },
  )

  it.each<[string, WireAnswer]>([
    ['204', { status: 204 }],
    ['an empty 200', { status: 200 }],
    ['a text', { status: 200, body: 'OK' }],
  ])('POST /oauth/revoke: %s is a confirmation (RFC 7009 §2.2)', async (_what, answer) => {
    wire.expect(revoke, ofRefreshToken, answer)
    wire.expect(revoke, ofAccessToken, answer)
    expect(await clientWith({ tokens: opaqueTokens }).logout()).toEqual({ revoked: true })
  })

  it('POST /oauth/revoke is asked for the access token alone where there is no other', async () => {
    wire.expect(revoke, ofAccessToken, done)
    const client = clientWith({ tokens: { accessToken, expiresAt: epoch + lifeMs } })
    expect(await client.logout()).toEqual({ revoked: true })
  })
})

describe('POST /v1/auth/logout', () => {
  it('POST /v1/auth/logout ends a JWT session with its bearer token, and /oauth/revoke is not asked', async () => {
    wire.expect(logout, { credential: byJwt, json: {} }, { status: 200, body: { success: true } })
    const client = clientWith({ tokens: jwtTokens, apiKey })
    expect(await client.logout()).toEqual({ revoked: true })
  })

  it.each<[string, WireAnswer]>([
    ['401', { status: 401, body: { error: 'No token provided', code: 'AUTH_TOKEN_MISSING' } }],
    ['a page', { status: 502, body: '<html>' }],
  ])(
    'POST /v1/auth/logout: after %s everything is forgotten here all the same',
    async (_what, answer) => {
      wire.expect(logout, { credential: byJwt, json: {} }, answer)
      const client = clientWith({ tokens: jwtTokens })
      expect(await client.logout()).toMatchObject({ revoked: false })
      expect(await client.getSession()).toMatchObject({ status: 'signed-out' })
    },
  )
})

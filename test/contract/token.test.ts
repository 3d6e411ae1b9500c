import { createHash } from 'node:crypto'
import { type InitialCredentials, isAuthError, memoryStore } from '@lanonasis/auth-client'
import { describe, expect, it } from 'vitest'
import { failure } from '../support/async.ts'
import {
  accessToken,
  apiKey,
  authorizeQuery,
  clientWith,
  epoch,
  gateway,
  jwtAccess,
  jwtRefresh,
  jwtTokens,
  lifeMs,
  madeUpFlow,
  mcp,
  opaqueTokens,
  pair,
  redirectUri,
  refreshToken,
} from './clients.ts'
import { useWire, type WireAnswer } from './wire.ts'

const wire = useWire()
const authorize = `GET ${gateway}/oauth/authorize`
const token = `POST ${gateway}/oauth/token`
const jwtRoute = `POST ${gateway}/v1/auth/refresh`
const success: WireAnswer = { status: 200, body: pair }
const next = 'B'.repeat(64)

const exchange = (changes: Record<string, unknown> = {}) => ({
  grant_type: 'authorization_code',
  code: 'the.code',
  redirect_uri: redirectUri,
  client_id: 'lanonasis-cli',
  code_verifier: expect.stringMatching(/^[\w~.-]{43,128}$/),
  ...changes,
})
const renewal = {
  grant_type: 'refresh_token',
  refresh_token: refreshToken,
  client_id: 'lanonasis-cli',
}

/** A sign-in whose code is answered like this. */
function signIn(answer: WireAnswer) {
  wire.expect(
    authorize,
    { query: authorizeQuery() },
    { status: 302, headers: { location: '/web/login' } },
  )
  wire.expect(token, { json: exchange() }, answer)
  const login = madeUpFlow(({ state }) => `code=the.code&state=${state}`)
  const client = clientWith({}, { login })
  return { client, session: client.login() }
}

/** Answers that say nothing of tokens, although their status is 200. */
const unreadable: [string, unknown][] = [
  ['an empty body', ''],
  ['a page', '<!doctype html><title>Sign in</title>'],
  ['a text', 'OK'],
  ['truncated JSON', '{"access_token":"BBBB'],
  ['a list', []],
  ['null', 'null'],
  ['another object', { ok: true }],
  ['an access token that is no text', { ...pair, access_token: 42 }],
  ['an empty access token', { ...pair, access_token: '' }],
]

describe('POST /oauth/token: a code', () => {
  it('★12 POST /oauth/token exchanges the code as JSON, with its verifier and without its state', async () => {
    const { session } = signIn(success)
    expect(await session).toMatchObject({
      status: 'signed-in',
      tokenKind: 'opaque',
      expiresAt: epoch + lifeMs,
      scope: 'memories:read memories:write',
    })
    const [asked, sent] = wire.seen
    const { code_verifier = '' } = (sent?.json ?? {}) as Record<string, string>
    expect(createHash('sha256').update(code_verifier).digest('base64url')).toBe(
      asked?.query?.code_challenge,
    )
  })

  it('★11 POST /oauth/token repeats the redirect letter by letter', async () => {
    const redirect = 'http://localhost:8888/callback'
    const query = authorizeQuery({ redirect_uri: redirect })
    wire.expect(authorize, { query }, { status: 302, headers: { location: '/web/login' } })
    wire.expect(token, { json: exchange({ redirect_uri: redirect }) }, success)
    const login = madeUpFlow(({ state }) => `code=the.code&state=${state}`, { redirect })
    expect(await clientWith({}, { login }).login()).toMatchObject({ status: 'signed-in' })
  })

  it('★5 POST /oauth/token carries no credential of those held', async () => {
    wire.expect(authorize, { query: authorizeQuery() }, { status: 200, body: '<html>' })
    wire.expect(token, { json: exchange() }, success)
    const login = madeUpFlow(({ state }) => `code=the.code&state=${state}`)
    const client = clientWith({ tokens: opaqueTokens, apiKey }, { login })
    await client.login()
    expect(await client.getAccessToken()).toBe(next)
  })

  it('POST /oauth/token writes the same fields as a form when that is the option', async () => {
    wire.expect(authorize, { query: authorizeQuery() }, { status: 200, body: '<html>' })
    wire.expect(token, { form: exchange() }, success)
    const login = madeUpFlow(({ state }) => `code=the.code&state=${state}`)
    const client = clientWith({}, { login, tokenRequestFormat: 'form' })
    expect(await client.login()).toMatchObject({ status: 'signed-in' })
  })

  it('POST /oauth/token: the pair is used for the next request', async () => {
    const { client, session } = signIn(success)
    await session
    wire.expect(
      `GET ${mcp}/memory`,
      { credential: `authorization: Bearer ${next}` },
      { status: 200, body: { data: [] } },
    )
    expect((await client.memory.list()).items).toEqual([])
  })

  it.each<[string, Record<string, unknown>, Record<string, unknown>]>([
    ['without a refresh token', { refresh_token: undefined }, { expiresAt: epoch + lifeMs }],
    ['without an end', { expires_in: undefined }, { status: 'signed-in' }],
    ['without a scope', { scope: undefined }, { scope: 'memories:read memories:write' }],
    ['with less scope than asked for', { scope: 'memories:read' }, { scope: 'memories:read' }],
    ['with a type in small letters', { token_type: 'bearer' }, { status: 'signed-in' }],
    ['with fields of the future', { novelty: { a: 1 } }, { status: 'signed-in' }],
  ])('POST /oauth/token takes an answer %s', async (_what, changes, expected) => {
    const { client, session } = signIn({ status: 200, body: { ...pair, ...changes } })
    expect(await session).toMatchObject(expected)
    expect(await client.getAccessToken()).toBe(next)
  })

  it.each(unreadable)(
    'POST /oauth/token: %s is invalid_response, and nobody is signed in',
    async (_what, body) => {
      const { client, session } = signIn({ status: 200, body })
      expect(await failure(session)).toMatchObject({ code: 'invalid_response' })
      expect(await client.getSession()).toMatchObject({ status: 'signed-out' })
    },
  )

  it.each<[string, WireAnswer, Record<string, unknown>]>([
    [
      'invalid_grant',
      { status: 400, body: { error: 'invalid_grant', error_description: 'Code has expired' } },
      { code: 'login_required', status: 400 },
    ],
    [
      'INVALID_BODY',
      { status: 400, body: { error: 'Request body is required', code: 'INVALID_BODY' } },
      { code: 'validation_failed', status: 400 },
    ],
    [
      'invalid_client',
      { status: 400, body: { error: 'invalid_client', details: [{ field: 'client_id' }] } },
      { code: 'config_invalid', status: 400 },
    ],
    [
      "the gateway's 429",
      {
        status: 429,
        body: { error: 'Too many requests', code: 'RATE_LIMIT_EXCEEDED', retryAfter: '15 minutes' },
      },
      { code: 'rate_limited', retryAfterMs: 900_000 },
    ],
    [
      "the limiter's 429",
      { status: 429, body: { error: 'slow_down' }, headers: { 'retry-after': '42' } },
      { code: 'rate_limited', retryAfterMs: 42_000 },
    ],
    [
      "a proxy's page",
      { status: 502, body: '<html>Bad gateway</html>' },
      { code: 'service_unavailable' },
    ],
    ['an empty 500', { status: 500 }, { code: 'server_error' }],
    ['204', { status: 204 }, { code: 'invalid_response' }],
    [
      'a redirect',
      { status: 307, headers: { location: 'https://evil.example.com/' } },
      { code: 'invalid_response' },
    ],
  ])(
    'POST /oauth/token: %s is a typed error, and nobody is signed in',
    async (_what, answer, expected) => {
      const { client, session } = signIn(answer)
      const error = await failure(session)
      expect(isAuthError(error)).toBe(true)
      expect(error).toMatchObject(expected)
      expect(await client.getSession()).toMatchObject({ status: 'signed-out' })
    },
  )
})

/** Somebody whose access token has just ended. */
function expired(initial: InitialCredentials = { tokens: opaqueTokens }, options = {}) {
  return clientWith(initial, { now: () => epoch + lifeMs, ...options })
}

describe('POST /oauth/token: a refresh token of the opaque family', () => {
  it('★14 POST /oauth/token sends the refresh token and the client it is bound to as JSON, and no credential header', async () => {
    wire.expect(token, { json: renewal }, success)
    const client = expired({ tokens: opaqueTokens, apiKey })
    expect(await client.getAccessToken()).toBe(next)
    expect(await client.getSession()).toMatchObject({ expiresAt: epoch + 2 * lifeMs })
  })

  it('★14 POST /oauth/token is not asked for tokens of another client', async () => {
    const store = memoryStore({ tokens: opaqueTokens, clientId: 'vscode-extension' })
    const client = clientWith({}, { store, now: () => epoch + lifeMs })
    expect(await failure(client.getAccessToken())).toMatchObject({ code: 'login_required' })
  })

  it('POST /oauth/token writes the same fields as a form when that is the option', async () => {
    wire.expect(token, { form: renewal }, success)
    expect(await expired(undefined, { tokenRequestFormat: 'form' }).getAccessToken()).toBe(next)
  })

  it('★13 POST /oauth/token is asked once for all who need the token', async () => {
    wire.expect(token, { json: renewal }, success)
    const client = expired()
    const tokens = await Promise.all(Array.from({ length: 8 }, () => client.getAccessToken()))
    expect(new Set(tokens)).toEqual(new Set([next]))
  })

  it('★15 POST /oauth/token is asked once by five clients on one store', async () => {
    wire.expect(token, { json: renewal }, success)
    const store = memoryStore({ tokens: opaqueTokens })
    const clients = Array.from({ length: 5 }, () => expired(undefined, { store }))
    const tokens = await Promise.all(clients.map((client) => client.getAccessToken()))
    expect(new Set(tokens)).toEqual(new Set([next]))
  })

  it('★13 POST /oauth/token gets the new refresh token the next time', async () => {
    let now = epoch + lifeMs
    const client = expired(undefined, { now: () => now })
    wire.expect(token, { json: renewal }, success)
    await client.getAccessToken()
    now += lifeMs
    wire.expect(
      token,
      { json: { ...renewal, refresh_token: pair.refresh_token } },
      { status: 200, body: { ...pair, access_token: 'C'.repeat(64) } },
    )
    expect(await client.getAccessToken()).toBe('C'.repeat(64))
  })

  it.each<[string, unknown]>([
    ['wrapped in data', { data: pair }],
    ['with an end written as text', { ...pair, expires_in: '900' }],
    ['without a type', { ...pair, token_type: undefined }],
    ['without a scope', { ...pair, scope: undefined }],
    ['with a scope that is a list', { ...pair, scope: ['memories:read'] }],
  ])('POST /oauth/token: a new pair %s is not thrown away', async (_what, body) => {
    wire.expect(token, { json: renewal }, { status: 200, body })
    const client = expired()
    expect(await client.getAccessToken()).toBe(next)
    expect(await client.getSession()).toMatchObject({
      expiresAt: epoch + 2 * lifeMs,
      scope: 'memories:read memories:write',
    })
  })

  it.each([1e15, 1e308, -1, '1e5', 'soon', null])(
    'POST /oauth/token: a new pair whose life is %j is used, and ends when it is refused',
    async (expires_in) => {
      wire.expect(token, { json: renewal }, { status: 200, body: { ...pair, expires_in } })
      const client = expired()
      expect(await client.getAccessToken()).toBe(next)
      expect(await client.getSession()).not.toHaveProperty('expiresAt')
    },
  )

  it('POST /oauth/token: without a new refresh token the old one goes on', async () => {
    let now = epoch + lifeMs
    const client = expired(undefined, { now: () => now })
    wire.expect(
      token,
      { json: renewal },
      { status: 200, body: { ...pair, refresh_token: undefined } },
    )
    await client.getAccessToken()
    now += lifeMs
    wire.expect(token, { json: renewal }, success)
    await client.getAccessToken()
  })

  it('★13 POST /oauth/token: invalid_grant ends the session, and only that', async () => {
    wire.expect(
      token,
      { json: renewal },
      { status: 400, body: { error: 'invalid_grant', error_description: 'Token is revoked' } },
    )
    const client = expired({ tokens: opaqueTokens, apiKey })
    expect(await failure(client.getAccessToken())).toMatchObject({
      code: 'session_expired',
      status: 400,
      retryable: false,
    })
    // Nothing is asked a second time, and the key is independent of the session.
    expect(await failure(client.getAccessToken())).toMatchObject({ code: 'session_expired' })
    expect(await client.getSession()).toMatchObject({
      status: 'expired',
      apiKey: { publicId: 'pk_4f1d' },
    })
  })

  it.each<[string, WireAnswer | NodeJS.ErrnoException, Record<string, unknown>]>([
    [
      "the gateway's 429",
      { status: 429, body: { error: 'Too many requests', retryAfter: '15 minutes' } },
      { retryAfterMs: 900_000, status: 429 },
    ],
    [
      "the limiter's 429",
      { status: 429, body: { error: 'invalid_grant' }, headers: { 'retry-after': '60' } },
      { retryAfterMs: 60_000, status: 429 },
    ],
    ['408', { status: 408 }, { status: 408 }],
    ['500', { status: 500, body: { error: 'invalid_grant' } }, { status: 500 }],
    ["a proxy's page", { status: 502, body: '<html>' }, { status: 502 }],
    ['a text', { status: 503, body: 'Service Unavailable' }, { status: 503 }],
    ['a refused connection', lost('ECONNREFUSED'), {}],
    ['a connection that breaks off', lost('ECONNRESET'), {}],
  ])('POST /oauth/token: %s keeps everything', async (_what, answer, expected) => {
    wire.expect(token, { json: renewal }, answer)
    const client = expired()
    expect(await failure(client.getAccessToken())).toMatchObject({
      code: 'refresh_failed',
      ...expected,
    })
    expect(await client.getSession()).toMatchObject({
      status: 'signed-in',
      degraded: { code: expect.any(String) },
    })
  })

  it('POST /oauth/token: a limit does not take the token that is still valid', async () => {
    wire.expect(token, { json: renewal }, { status: 429, body: { error: 'Too many' } })
    let now = epoch
    const client = clientWith({ tokens: opaqueTokens }, { now: () => now })
    await client.getSession()
    now += lifeMs - 10_000
    expect(await client.getAccessToken()).toBe(accessToken)
    expect(await client.getSession()).toMatchObject({ degraded: { code: 'rate_limited' } })
  })

  it.each(unreadable)('POST /oauth/token: %s ends nothing', async (_what, body) => {
    wire.expect(token, { json: renewal }, { status: 200, body })
    const client = expired()
    expect(await failure(client.getAccessToken())).toMatchObject({
      code: 'refresh_failed',
      retryable: true,
    })
    expect(await client.getSession()).toMatchObject({ status: 'signed-in' })
  })
})

describe('POST /v1/auth/refresh: a refresh token of the JWT family', () => {
  const body = {
    token_type: 'Bearer',
    access_token: `${jwtAccess}2`,
    refresh_token: `${jwtRefresh}2`,
    expires_in: 900,
    user: {
      id: 'u1',
      email: 'ada@example.com',
      role: 'authenticated',
      project_scope: 'lanonasis-maas',
    },
  }

  it('★16 POST /v1/auth/refresh carries the refresh token and nothing else', async () => {
    wire.expect(jwtRoute, { json: { refresh_token: jwtRefresh } }, { status: 200, body })
    const client = expired({ tokens: jwtTokens, apiKey })
    expect(await client.getAccessToken()).toBe(`${jwtAccess}2`)
    expect(await client.getSession()).toMatchObject({
      status: 'signed-in',
      tokenKind: 'jwt',
      expiresAt: epoch + 2 * lifeMs,
    })
  })

  it('★16 POST /v1/auth/refresh takes the pair wrapped in data', async () => {
    wire.expect(
      jwtRoute,
      { json: { refresh_token: jwtRefresh } },
      { status: 200, body: { success: true, data: body } },
    )
    expect(await expired({ tokens: jwtTokens }).getAccessToken()).toBe(`${jwtAccess}2`)
  })

  it.each<[string, WireAnswer]>([
    [
      'INVALID_REFRESH_TOKEN',
      { status: 401, body: { error: 'Invalid', code: 'INVALID_REFRESH_TOKEN' } },
    ],
    [
      'REFRESH_TOKEN_EXPIRED',
      { status: 401, body: { error: 'Expired', code: 'REFRESH_TOKEN_EXPIRED' } },
    ],
    ['invalid_grant', { status: 400, body: { error: 'invalid_grant' } }],
  ])(
    '★16 POST /v1/auth/refresh: %s, from the right route, ends the session',
    async (_what, answer) => {
      wire.expect(jwtRoute, { json: { refresh_token: jwtRefresh } }, answer)
      const client = expired({ tokens: jwtTokens })
      expect(await failure(client.getAccessToken())).toMatchObject({ code: 'session_expired' })
      expect(await client.getSession()).toMatchObject({ status: 'expired' })
    },
  )

  it.each<[string, WireAnswer]>([
    ['404, as on older deployments', { status: 404, body: 'Cannot POST /v1/auth/refresh' }],
    ['a plain 401', { status: 401, body: { error: 'Unauthorized' } }],
    ['429', { status: 429, body: { error: 'Too many', code: 'INVALID_REFRESH_TOKEN' } }],
    ['503', { status: 503, body: '<html>' }],
    ['an empty 200', { status: 200 }],
  ])(
    '★16 POST /v1/auth/refresh: %s ends nothing, and the other route is not tried',
    async (_what, answer) => {
      wire.expect(jwtRoute, { json: { refresh_token: jwtRefresh } }, answer)
      const client = expired({ tokens: jwtTokens })
      expect(await failure(client.getAccessToken())).toMatchObject({ code: 'refresh_failed' })
      expect(await client.getSession()).toMatchObject({ status: 'signed-in' })
    },
  )
})

function lost(code: string): NodeJS.ErrnoException {
  return Object.assign(new Error(code), { code })
}

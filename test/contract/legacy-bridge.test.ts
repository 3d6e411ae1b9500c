import { describe, expect, it } from 'vitest'
import { failure } from '../support/async.ts'
import { clientWith, epoch, gateway, lifeMs, mcp, opaqueTokens, pair, restApi } from './clients.ts'
import { useWire, type WireAnswer } from './wire.ts'

const wire = useWire()
const exchange = `POST ${gateway}/legacy/exchange`
const legacyToken = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJvbGQifQ.bGVnYWN5'
const request = { json: { token: legacyToken, client_id: 'lanonasis-cli' } }
const byLegacy = `authorization: Bearer ${legacyToken}` as const

describe('POST /legacy/exchange', () => {
  it.each<[string, unknown]>([
    ['bare', pair],
    ['in data', { success: true, data: pair }],
  ])(
    'POST /legacy/exchange carries the token and the client, and gives a session (%s)',
    async (_what, body) => {
      wire.expect(exchange, request, { status: 200, body })
      const client = clientWith({ legacyToken })
      expect(await client.exchangeLegacyToken()).toMatchObject({
        status: 'signed-in',
        tokenKind: 'opaque',
        expiresAt: epoch + lifeMs,
        legacy: false,
      })
      expect(await client.getAccessToken()).toBe(pair.access_token)
      // There is nothing left to exchange.
      expect(await client.exchangeLegacyToken()).toBeUndefined()
    },
  )

  it.each<[string, unknown]>([
    ['a page', '<html>Cannot POST</html>'],
    ['the envelope of the gateway', { error: 'Not found', code: 'NOT_FOUND' }],
    ['nothing', ''],
  ])(
    'POST /legacy/exchange: 404 with %s is found out once, and the token is kept',
    async (_what, body) => {
      wire.expect(exchange, request, { status: 404, body })
      const client = clientWith({ legacyToken })
      expect(await client.exchangeLegacyToken()).toBeUndefined()
      expect(await client.exchangeLegacyToken()).toBeUndefined()
      expect(await client.getSession()).toMatchObject({ status: 'signed-out', legacy: true })
      // It degrades to a fresh sign-in; nothing pretends to have an access token.
      expect(await failure(client.getAccessToken())).toMatchObject({ code: 'login_required' })
    },
  )

  it.each<[string, WireAnswer]>([
    [
      'INVALID_LEGACY_TOKEN',
      { status: 401, body: { error: 'Invalid', code: 'INVALID_LEGACY_TOKEN' } },
    ],
    ['invalid_token', { status: 401, body: { error: 'invalid_token' } }],
    ['invalid_grant', { status: 400, body: { error: 'invalid_grant' } }],
  ])('POST /legacy/exchange: %s takes the token away', async (_what, answer) => {
    wire.expect(exchange, request, answer)
    const client = clientWith({ legacyToken })
    expect(await client.exchangeLegacyToken()).toBeUndefined()
    expect(await client.getSession()).toMatchObject({ status: 'signed-out', legacy: false })
  })

  it.each<[string, WireAnswer | NodeJS.ErrnoException, Record<string, unknown>]>([
    [
      '429',
      { status: 429, body: { error: 'x', retryAfter: '15 minutes' } },
      { code: 'rate_limited', retryAfterMs: 900_000 },
    ],
    [
      'a plain 401',
      { status: 401, body: { error: 'Unauthorized' } },
      { code: 'service_unavailable' },
    ],
    ['502 with a page', { status: 502, body: '<html>' }, { code: 'service_unavailable' }],
    ['500', { status: 500, body: { error: 'x' } }, { code: 'server_error' }],
    ['an empty 200', { status: 200 }, { code: 'invalid_response' }],
    ['truncated JSON', { status: 200, body: '{"access_tok' }, { code: 'invalid_response' }],
    [
      'a lost connection',
      Object.assign(new Error('reset'), { code: 'ECONNRESET' }),
      { code: 'network_error' },
    ],
  ])('POST /legacy/exchange: %s decides nothing', async (_what, answer, expected) => {
    wire.expect(exchange, request, answer)
    const client = clientWith({ legacyToken })
    expect(await failure(client.exchangeLegacyToken())).toMatchObject(expected)
    expect(await client.getSession()).toMatchObject({ status: 'signed-out', legacy: true })
  })

  it('POST /legacy/exchange is not asked by somebody who is signed in, or has no such token', async () => {
    expect(
      await clientWith({ tokens: opaqueTokens, legacyToken }).exchangeLegacyToken(),
    ).toBeUndefined()
    expect(await clientWith().exchangeLegacyToken()).toBeUndefined()
  })

  it('POST /legacy/exchange is asked once by many at one moment', async () => {
    wire.expect(exchange, request, { status: 200, body: pair })
    const client = clientWith({ legacyToken })
    const sessions = await Promise.all([1, 2, 3].map(() => client.exchangeLegacyToken()))
    for (const session of sessions) expect(session).toMatchObject({ status: 'signed-in' })
  })
})

describe('a legacy token until it is exchanged', () => {
  it('★5 goes to MCP Core and the REST API as the one bearer token', async () => {
    const client = clientWith({ legacyToken })
    wire.expect(`GET ${mcp}/memory`, { credential: byLegacy }, { status: 200, body: { data: [] } })
    wire.expect(`GET ${restApi}/projects`, { credential: byLegacy }, { status: 200, body: '[]' })
    await client.memory.list()
    await client.fetch(`${restApi}/projects`)
  })

  it('★5 does not go to the gateway, which takes it at /legacy/* only', async () => {
    const client = clientWith({ legacyToken })
    expect(await failure(client.fetch(`${gateway}/v1/auth/me`))).toMatchObject({
      code: 'login_required',
    })
  })
})

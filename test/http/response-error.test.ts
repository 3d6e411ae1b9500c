import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isAuthError } from '../../src/errors/auth-error.ts'
import { errorFromResponse, readFailure } from '../../src/http/response-error.ts'
import { json } from '../support/fetches.ts'
import { epoch } from '../support/setup.ts'
import { anyText } from '../support/texts.ts'

type Carried = 'bearer' | 'api-key' | 'none'

const read = (response: Response) => readFailure(response, epoch)
const errorOf = (response: Response, credential: Carried = 'bearer') =>
  errorFromResponse(response, { service: 'MCP Core', credential, now: epoch })

describe('readFailure', () => {
  it("reads OAuth's form", async () => {
    const body = { error: 'invalid_grant', error_description: 'Refresh token invalid or expired' }
    expect(await read(json(400, body))).toMatchObject({
      status: 400,
      code: 'invalid_grant',
      description: 'Refresh token invalid or expired',
    })
  })

  it("reads the gateway's form", async () => {
    const body = {
      error: 'Too many login attempts',
      code: 'AUTH_RATE_LIMITED',
      retryAfter: '15 minutes',
    }
    expect(await read(json(429, body))).toMatchObject({
      code: 'AUTH_RATE_LIMITED',
      description: 'Too many login attempts',
      retryAfterMs: 900_000,
    })
    expect(await read(json(400, { ...body, message: 'Wait.' }))).toMatchObject({
      description: 'Wait.',
    })
  })

  it("reads the identity routes' form", async () => {
    const error = { code: 'gateway_unavailable', message: 'Try later.', retryable: true }
    expect(await read(json(503, { valid: false, error }))).toMatchObject({
      code: 'gateway_unavailable',
      description: 'Try later.',
      retryable: true,
    })
    const verify = { valid: false, code: 'API_KEY_INVALID', reason: 'API key not found' }
    expect(await read(json(401, verify))).toMatchObject({
      code: 'API_KEY_INVALID',
      description: 'API key not found',
    })
  })

  it("reads the edge's form", async () => {
    const body = {
      error: 'Authentication required',
      code: 'UNAUTHORIZED',
      details: {},
      timestamp: '2026-06-01T00:00:00.000Z',
      request_id: 'req-1',
    }
    expect(await read(json(401, body))).toMatchObject({
      code: 'UNAUTHORIZED',
      description: 'Authentication required',
      requestId: 'req-1',
    })
  })

  it("reads the old server's form", async () => {
    const error = { message: 'Not found', type: 'invalid_request_error', code: 'ROUTE_NOT_FOUND' }
    expect(await read(json(404, { error, request_id: 'req-2' }))).toMatchObject({
      code: 'ROUTE_NOT_FOUND',
      description: 'Not found',
      requestId: 'req-2',
    })
    const { code: _, ...withoutCode } = error
    expect(await read(json(404, { error: withoutCode }))).toMatchObject({
      code: 'invalid_request_error',
    })
  })

  it.each([
    ["a proxy's page", '<html><h1>502 Bad Gateway</h1></html>'],
    ['a text', 'upstream connect error'],
    ['an empty body', ''],
    ['a JSON list', '[1,2]'],
    ['JSON that breaks off', '{"error":"inval'],
  ])('finds no code in %s', async (_what, body) => {
    const failure = await read(new Response(body, { status: 502 }))
    expect(failure).toMatchObject({ status: 502, code: undefined, description: undefined })
  })

  it("takes the request's id from the header where the body has none, and only a plain one", async () => {
    const withId = (id: string) => json(500, {}, { 'x-request-id': id })
    expect((await read(withId('abc-123:4.5'))).requestId).toBe('abc-123:4.5')
    expect((await read(withId('<script>'))).requestId).toBeUndefined()
    expect((await read(withId('x'.repeat(81)))).requestId).toBeUndefined()
  })

  it('never throws, whatever the answer is', async () => {
    const body = fc.oneof(
      anyText,
      fc.json(),
      fc
        .jsonValue()
        .map((value) =>
          JSON.stringify({ error: value, code: value, retryAfter: value, request_id: value }),
        ),
    )
    const header = fc.string({
      unit: fc.integer({ min: 0x20, max: 0x7e }).map((code) => String.fromCharCode(code)),
    })
    const status = fc.integer({ min: 400, max: 599 })
    await fc.assert(
      fc.asyncProperty(body, header, header, status, async (text, retryAfter, id, code) => {
        const response = new Response(text, {
          status: code,
          headers: { 'retry-after': retryAfter, 'x-request-id': id, 'x-ratelimit-reset': id },
        })
        const error = await errorOf(response)
        expect(isAuthError(error)).toBe(true)
        expect(error.message).not.toMatch(/[\w~+/=.-]{20}|[\p{Cc}\p{Cf}]/u)
      }),
    )
  })
})

describe('errorFromResponse', () => {
  it.each([
    [400, 'validation_failed', false],
    [403, 'forbidden', false],
    [404, 'not_found', false],
    [405, 'not_found', false],
    [408, 'timeout', true],
    [409, 'conflict', false],
    [410, 'not_found', false],
    [413, 'validation_failed', false],
    [418, 'validation_failed', false],
    [422, 'validation_failed', false],
    [429, 'rate_limited', true],
    [500, 'server_error', false],
    [502, 'service_unavailable', true],
    [503, 'service_unavailable', true],
    [504, 'service_unavailable', true],
    [599, 'server_error', false],
    [304, 'invalid_response', false],
  ])('makes %i to %s', async (status, code, retryable) => {
    const response = new Response(null, { status })
    expect(await errorOf(response)).toMatchObject({ code, status, retryable })
  })

  it.each([
    ['expired_credential', 'api-key', 'api_key_expired'],
    ['invalid_credential', 'api-key', 'api_key_rejected'],
    ['API_KEY_INVALID', 'api-key', 'api_key_rejected'],
    ['UNAUTHORIZED', 'api-key', 'api_key_rejected'],
    ['gateway_unavailable', 'api-key', 'service_unavailable'],
    ['unauthorized_project_scope', 'api-key', 'forbidden'],
    ['insufficient_scope', 'bearer', 'insufficient_scope'],
    ['KEY_EXISTS', 'bearer', 'conflict'],
    // The same words about a token say nothing of an API key.
    ['expired_credential', 'bearer', 'service_unavailable'],
    ['invalid_credential', 'bearer', 'service_unavailable'],
    // A code that is the name of something in every object is no code.
    ['constructor', 'bearer', 'service_unavailable'],
    ['toString', 'api-key', 'api_key_rejected'],
  ] as const)('makes 401 %s on a request with %s to %s', async (said, credential, code) => {
    const response = json(401, { error: 'no', code: said })
    expect(await errorOf(response, credential)).toMatchObject({ code })
  })

  it('★24 does not take "No token provided" for a missing or a dead token', async () => {
    const response = json(401, { error: 'No token provided', code: 'AUTH_TOKEN_MISSING' })
    expect(await errorOf(response)).toMatchObject({ code: 'service_unavailable', retryable: true })
  })

  it('goes by what the service says of trying again', async () => {
    const error = { code: 'gateway_unavailable', message: 'no', retryable: false }
    expect(await errorOf(json(503, { error }))).toMatchObject({ retryable: false })
  })

  it('says who answered what, how long to wait, and which request it was', async () => {
    const body = { error: 'Slow down', code: 'X', request_id: 'req-1' }
    expect(await errorOf(json(429, body, { 'retry-after': '7' }))).toMatchObject({
      message: 'MCP Core answered 429: Slow down.',
      retryAfterMs: 7_000,
      requestId: 'req-1',
      status: 429,
    })
  })

  it('repeats nothing from an answer that looks like a credential', async () => {
    const token = 'canary'.repeat(10)
    const error = await errorOf(json(400, { error: 'x', error_description: `Bad token ${token}` }))
    expect(error.message).toBe('MCP Core answered 400: Bad token [redacted].')
  })
})

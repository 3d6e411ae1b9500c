import { type AuthErrorCode, isAuthError, type LanonasisClient } from '@lanonasis/auth-client'
import { describe, expect, it } from 'vitest'
import { failure } from '../support/async.ts'
import {
  accessToken,
  apiKey,
  authorizeQuery,
  byKey,
  byToken,
  clientWith,
  epoch,
  gateway,
  lifeMs,
  madeUpFlow,
  mcp,
  opaqueTokens,
  refreshToken,
  restApi,
} from './clients.ts'
import { titled } from './titled.ts'
import { type ExpectedRequest, useWire, type Wire, type WireAnswer } from './wire.ts'

const wire = useWire()
const secret = 'sk_veryverysecretveryverysecret'

/** A failed answer in one of the envelopes of CONTRACT §6, and the one error that it has to become. */
interface Envelope {
  readonly envelope: string
  readonly answer: WireAnswer
  readonly code: AuthErrorCode
  readonly retryable: boolean
  readonly requestId?: string
  readonly retryAfterMs?: number
}

/** More than a call waits for: the error comes at once. */
const long = { 'retry-after': '120' }

const envelopes: readonly Envelope[] = [
  {
    envelope: 'OAuth 400',
    answer: {
      status: 400,
      body: { error: 'invalid_request', error_description: 'A parameter is missing', details: [] },
    },
    code: 'validation_failed',
    retryable: false,
  },
  {
    envelope: 'OAuth 403',
    answer: { status: 403, body: { error: 'insufficient_scope', error_description: 'More' } },
    code: 'insufficient_scope',
    retryable: false,
  },
  {
    envelope: 'gateway 403',
    answer: {
      status: 403,
      body: { error: 'Forbidden', code: 'FORBIDDEN', message: 'No' },
      headers: { 'x-request-id': 'req-header' },
    },
    code: 'forbidden',
    retryable: false,
    requestId: 'req-header',
  },
  {
    envelope: 'gateway 429, with its wait in words',
    answer: {
      status: 429,
      body: { error: 'Too many', code: 'RATE_LIMITED', retryAfter: '15 minutes' },
    },
    code: 'rate_limited',
    retryable: true,
    retryAfterMs: 900_000,
  },
  {
    envelope: 'gateway 400 INVALID_BODY',
    answer: { status: 400, body: { error: 'Request body is required', code: 'INVALID_BODY' } },
    code: 'validation_failed',
    retryable: false,
  },
  {
    envelope: 'identity 403',
    answer: {
      status: 403,
      body: {
        valid: false,
        error: { code: 'unauthorized_project_scope', message: 'Not yours', retryable: false },
      },
    },
    code: 'forbidden',
    retryable: false,
  },
  {
    envelope: 'identity 503, which may be tried again',
    answer: {
      status: 503,
      body: {
        valid: false,
        error: { code: 'gateway_unavailable', message: 'Down', retryable: true },
      },
      headers: long,
    },
    code: 'service_unavailable',
    retryable: true,
    retryAfterMs: 120_000,
  },
  {
    envelope: 'identity 503, which may not be tried again',
    answer: {
      status: 503,
      body: {
        valid: false,
        error: { code: 'gateway_unavailable', message: 'Gone', retryable: false },
      },
    },
    code: 'service_unavailable',
    retryable: false,
  },
  {
    envelope: 'edge 422',
    answer: {
      status: 422,
      body: {
        error: 'Validation failed',
        code: 'VALIDATION_ERROR',
        details: { field: 'title' },
        timestamp: '2026-06-01T00:00:00.000Z',
        request_id: 'req-edge',
      },
      headers: { 'x-request-id': 'req-header' },
    },
    code: 'validation_failed',
    retryable: false,
    requestId: 'req-edge',
  },
  {
    envelope: 'edge 409',
    answer: {
      status: 409,
      body: { error: 'Exists', code: 'CONFLICT', timestamp: 'x', request_id: 'req-edge' },
    },
    code: 'conflict',
    retryable: false,
    requestId: 'req-edge',
  },
  {
    envelope: 'edge 403 for want of a scope',
    answer: {
      status: 403,
      body: {
        error: 'Insufficient scope',
        code: 'SCOPE_INSUFFICIENT',
        details: { required: ['memories:write'], provided: [] },
        request_id: 'req-edge',
      },
    },
    code: 'insufficient_scope',
    retryable: false,
    requestId: 'req-edge',
  },
  {
    envelope: 'old server 500',
    answer: {
      status: 500,
      body: {
        error: { message: 'It broke', type: 'api_error', code: 'INTERNAL' },
        request_id: 'req-old',
      },
    },
    code: 'server_error',
    retryable: false,
    requestId: 'req-old',
  },
  {
    envelope: 'old server 429',
    answer: {
      status: 429,
      body: {
        error: { message: 'Slow down', type: 'rate_limit_error', code: 'LIMIT' },
        request_id: 'req-old',
        retry_after: 300,
      },
    },
    code: 'rate_limited',
    retryable: true,
    requestId: 'req-old',
    retryAfterMs: 300_000,
  },
  {
    envelope: 'HTML 502 of a proxy',
    answer: { status: 502, body: '<!doctype html><h1>502</h1>', headers: long },
    code: 'service_unavailable',
    retryable: true,
    retryAfterMs: 120_000,
  },
  {
    envelope: 'text 503',
    answer: { status: 503, body: 'Service Unavailable', headers: long },
    code: 'service_unavailable',
    retryable: true,
    retryAfterMs: 120_000,
  },
  {
    envelope: 'empty 504',
    answer: { status: 504, headers: long },
    code: 'service_unavailable',
    retryable: true,
    retryAfterMs: 120_000,
  },
  {
    envelope: 'empty 413',
    answer: { status: 413 },
    code: 'validation_failed',
    retryable: false,
  },
  {
    envelope: 'truncated JSON 500',
    answer: { status: 500, body: '{"error":{"message":"It br' },
    code: 'server_error',
    retryable: false,
  },
  {
    envelope: 'a list 500',
    answer: { status: 500, body: [{ error: 'x' }] },
    code: 'server_error',
    retryable: false,
  },
  {
    envelope: 'fields of the wrong types 500',
    answer: {
      status: 500,
      body: { error: 7, code: null, message: {}, request_id: ['x'], retryAfter: false },
    },
    code: 'server_error',
    retryable: false,
  },
  {
    envelope: 'a credential in the text 400',
    answer: { status: 400, body: { error: 'Bad', message: `${secret} ${accessToken} is bad` } },
    code: 'validation_failed',
    retryable: false,
  },
  {
    envelope: 'an id that is not fit to print 500',
    answer: { status: 500, body: { error: 'x', request_id: 'req\u001b[2J' } },
    code: 'server_error',
    retryable: false,
  },
]

/** Routes of every service, with the one request that each makes. */
interface RouteCase {
  readonly route: string
  readonly what: string
  readonly expected: ExpectedRequest
  readonly call: (client: LanonasisClient) => PromiseLike<unknown>
  readonly client?: () => LanonasisClient
  /** What goes before. */
  readonly before?: (wire: Wire) => void
  /** Where the error of the answer is the reason of another one. */
  readonly code?: AuthErrorCode
}

const withKey = () => clientWith({ apiKey })
const withTokens = () => clientWith({ tokens: opaqueTokens })
const memory = { title: 'T', content: 'C', idempotencyKey: 'k' }
const login = madeUpFlow(({ state }) => `code=c&state=${state}`)

const routes: readonly RouteCase[] = [
  {
    route: `GET ${mcp}/memory`,
    what: 'a list',
    expected: { credential: byKey },
    call: (client) => client.memory.list(),
  },
  {
    route: `POST ${mcp}/memory`,
    what: 'a new memory',
    expected: {
      credential: byKey,
      json: { title: 'T', content: 'C', type: 'context', idempotency_key: 'k' },
    },
    call: (client) => client.memory.create(memory),
  },
  {
    route: `PUT ${mcp}/memory/m1`,
    what: 'a change',
    expected: { credential: byToken, json: { title: 'T' } },
    client: withTokens,
    call: (client) => client.memory.update('m1', { title: 'T' }),
  },
  {
    route: `DELETE ${mcp}/memory/m1`,
    what: 'a deletion',
    expected: { credential: byKey },
    call: (client) => client.memory.delete('m1'),
  },
  {
    route: `POST ${mcp}/memory/search`,
    what: 'a search',
    expected: { credential: byKey, json: { query: 'q' } },
    call: (client) => client.memory.search({ query: 'q' }),
  },
  {
    route: `GET ${mcp}/memory/stats`,
    what: 'statistics',
    expected: { credential: byKey },
    call: (client) => client.memory.stats(),
  },
  {
    route: `GET ${restApi}/memory/m1`,
    what: 'the REST API',
    expected: { credential: byKey },
    client: () => clientWith({ apiKey }, { legacyApi: true }),
    call: (client) => client.memory.get('m1'),
  },
  {
    route: `GET ${mcp}/auth/api-keys`,
    what: 'keys',
    expected: { credential: byToken },
    client: withTokens,
    call: (client) => client.apiKeys.list(),
  },
  {
    route: `POST ${mcp}/auth/api-keys`,
    what: 'a new key',
    expected: { credential: byToken, json: { name: 'x' } },
    client: withTokens,
    call: (client) => client.apiKeys.create({ name: 'x' }),
  },
  {
    route: `POST ${mcp}/auth/api-keys/k1/rotate`,
    what: 'a rotation',
    expected: { credential: byToken, json: {} },
    client: withTokens,
    call: (client) => client.apiKeys.rotate('k1'),
  },
  {
    route: `POST ${mcp}/auth/api-keys/k1/revoke`,
    what: 'a revocation of a key',
    expected: { credential: byToken, json: {} },
    client: withTokens,
    call: (client) => client.apiKeys.revoke('k1'),
  },
  {
    route: `DELETE ${mcp}/auth/api-keys/k1`,
    what: 'a deletion of a key',
    expected: { credential: byToken },
    client: withTokens,
    call: (client) => client.apiKeys.delete('k1'),
  },
  {
    route: `POST ${gateway}/oauth/introspect`,
    what: 'introspection',
    expected: { json: { token: accessToken } },
    client: withTokens,
    call: (client) => client.introspect(),
  },
  {
    route: `POST ${gateway}/oauth/token`,
    what: 'a code',
    expected: {
      json: {
        grant_type: 'authorization_code',
        code: 'c',
        redirect_uri: 'http://127.0.0.1:8989/callback',
        client_id: 'lanonasis-cli',
        code_verifier: expect.any(String),
      },
    },
    client: () => clientWith({}, { login }),
    before: (wire) =>
      wire.expect(
        `GET ${gateway}/oauth/authorize`,
        { query: authorizeQuery() },
        { status: 302, headers: { location: '/web/login' } },
      ),
    call: (client) => client.login(),
  },
  {
    route: `POST ${gateway}/oauth/token`,
    what: 'a refresh token',
    expected: {
      json: {
        grant_type: 'refresh_token',
        refresh_token: refreshToken,
        client_id: 'lanonasis-cli',
      },
    },
    client: () => clientWith({ tokens: opaqueTokens }, { now: () => epoch + lifeMs }),
    call: (client) => client.getAccessToken(),
    code: 'refresh_failed',
  },
  {
    route: `POST ${gateway}/legacy/exchange`,
    what: 'a legacy token',
    expected: { json: { token: 'legacy', client_id: 'lanonasis-cli' } },
    client: () => clientWith({ legacyToken: 'legacy' }),
    call: (client) => client.exchangeLegacyToken(),
  },
]

const nameOf = ({ route, what }: RouteCase) => `${route} (${what})`

describe.each(titled(routes, nameOf))('%s', (_title, routeCase) => {
  const { route, expected, call, client = withKey, before, code } = routeCase

  it.each(titled(envelopes, ({ envelope }) => `${envelope} is one typed error`))(
    '%s',
    async (_what, { answer, ...error }) => {
      before?.(wire)
      wire.expect(route, expected, answer)
      const thrown = await failure(call(client()))
      if (!isAuthError(thrown)) throw thrown
      expect({
        code: thrown.code,
        status: thrown.status,
        retryable: thrown.retryable,
        requestId: thrown.requestId,
        retryAfterMs: thrown.retryAfterMs,
      }).toStrictEqual({
        code: code ?? error.code,
        status: answer.status,
        // A gateway that fails may renew later, whatever it says of this request.
        retryable: error.retryable || (code === 'refresh_failed' && answer.status >= 500),
        requestId: error.requestId,
        retryAfterMs: error.retryAfterMs,
      })
      expect(thrown.hint).toMatch(/\w.*\.$/)
      expect(thrown.message).toMatch(/\w.*\.$/)
      // Whatever a service says of credentials, it is not repeated.
      const printed = `${thrown} ${JSON.stringify(thrown)}`
      for (const text of ['veryvery', 'AAAA', '\u001b']) expect(printed).not.toContain(text)
    },
  )
})

describe('404', () => {
  const others = routes.filter(({ route }) => !route.includes('/memory'))

  it.each(titled(others, nameOf))(
    '%s: 404 is not_found, or has no bridge',
    async (_title, { route, expected, call, client = withKey, before, code }) => {
      before?.(wire)
      wire.expect(route, expected, { status: 404, body: { error: 'x', code: 'NOT_FOUND' } })
      if (route.endsWith('/legacy/exchange')) {
        expect(await call(client())).toBeUndefined()
      } else {
        expect(await failure(call(client()))).toMatchObject({
          code: code ?? 'not_found',
          status: 404,
        })
      }
    },
  )
})

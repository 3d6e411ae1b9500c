import { inspect } from 'node:util'
import { type CreatedApiKey, isAuthError, type LanonasisClient } from '@lanonasis/auth-client'
import { describe, expect, it } from 'vitest'
import { failure } from '../support/async.ts'
import {
  accessToken,
  apiKey,
  byJwt,
  byToken,
  clientWith,
  epoch,
  gateway,
  jwtTokens,
  lifeMs,
  mcp,
  opaqueTokens,
  pair,
  refreshToken,
  restApi,
} from './clients.ts'
import { useWire, type WireAnswer } from './wire.ts'

const wire = useWire()
const keys = `${mcp}/auth/api-keys`
const whole = `lano_${'4'.repeat(64)}`

/** A key as the services describe it (CONTRACT §4). */
const described = {
  id: 'k1',
  name: 'my-laptop',
  user_id: 'u1',
  access_level: 'authenticated',
  permissions: ['memories:read'],
  created_at: '2026-05-01T00:00:00.000Z',
  is_active: true,
  expires_at: '2026-06-30T00:00:00.000Z',
}
const record = {
  id: 'k1',
  name: 'my-laptop',
  active: true,
  accessLevel: 'authenticated',
  permissions: ['memories:read'],
  createdAt: new Date('2026-05-01T00:00:00.000Z'),
  expiresAt: new Date('2026-06-30T00:00:00.000Z'),
}
const halves = { ...described, key_id: 'pk_4f1d', key_secret: 'sk_9c2e7ab3' }
const message = 'Save the key value - it will not be shown again.'

const created = (body: unknown): WireAnswer => ({ status: 201, body })
const signedIn = (more = {}) => clientWith({ tokens: opaqueTokens, ...more })

/** Bodies of a success that hold no key. */
const unreadable: [string, unknown][] = [
  ['nothing', ''],
  ['a page', '<!doctype html>'],
  ['a text', 'Created'],
  ['truncated JSON', '{"success":true,"data":{"id":"k1","key":"lano_44'],
  ['null', 'null'],
  ['null for data', { data: null }],
  ['a key without its secret', { data: described }],
  ['the public half alone', { data: { ...described, key_id: 'pk_4f1d' } }],
  ['a key that is none', { data: { ...described, key: 'undefined' } }],
]

describe('POST /api/v1/auth/api-keys', () => {
  it('POST /api/v1/auth/api-keys carries what is asked for under the names of the services, and the bearer token although there is a key', async () => {
    wire.expect(
      `POST ${keys}`,
      {
        credential: byToken,
        json: {
          name: 'my-laptop',
          access_level: 'team',
          expires_in_days: 90,
          description: 'A laptop',
          scopes: ['memories:read'],
        },
      },
      created({ success: true, data: { ...described, key: whole }, message }),
    )
    const key = await signedIn({ apiKey }).apiKeys.create({
      name: 'my-laptop',
      accessLevel: 'team',
      expiresInDays: 90,
      description: 'A laptop',
      scopes: ['memories:read'],
    })
    expect(key).toMatchObject({ ...record, publicId: 'lano_444', kind: 'lano', key: whole })
  })

  it('POST /api/v1/auth/api-keys carries a name and nothing else where nothing else is asked for', async () => {
    wire.expect(
      `POST ${keys}`,
      { credential: byToken, json: { name: 'x' } },
      created({ data: halves }),
    )
    const key = await signedIn().apiKeys.create({ name: 'x' })
    expect(key.key).toBe('pk_4f1d.sk_9c2e7ab3')
  })

  it.each<[string, unknown, Partial<CreatedApiKey>]>([
    [
      'key, wrapped',
      { success: true, data: { ...described, key: whole }, message },
      { key: whole, kind: 'lano' },
    ],
    ['key, bare', { ...described, key: whole }, { key: whole, kind: 'lano' }],
    [
      'key_id and key_secret, wrapped',
      { data: halves },
      { key: apiKey, publicId: 'pk_4f1d', kind: 'pk' },
    ],
    ['key_id and key_secret, bare', halves, { key: apiKey, publicId: 'pk_4f1d', kind: 'pk' }],
    ['key and key_id', { data: { ...halves, key: apiKey } }, { key: apiKey, publicId: 'pk_4f1d' }],
    [
      'a key of an older form',
      { data: { id: 'k1', key: 'vx_0123456789' } },
      { key: 'vx_0123456789', kind: 'vx', name: '', active: true },
    ],
    [
      'halves without an id',
      { key_id: 'pk_4f1d', key_secret: 'sk_9c2e7ab3' },
      { id: 'pk_4f1d', key: apiKey },
    ],
  ])('POST /api/v1/auth/api-keys answered with %s', async (_what, body, expected) => {
    wire.expect(`POST ${keys}`, { credential: byToken, json: { name: 'x' } }, created(body))
    const key = await signedIn().apiKeys.create({ name: 'x' })
    expect(key).toMatchObject({ id: expect.any(String), ...expected })
    // The full key is where it is asked for, and in nothing that is printed.
    expect(JSON.stringify(key) + inspect(key)).not.toContain(key.key)
  })

  it.each(unreadable)(
    'POST /api/v1/auth/api-keys: %s is invalid_response, and is not asked for again',
    async (_what, body) => {
      wire.expect(`POST ${keys}`, { credential: byToken, json: { name: 'x' } }, created(body))
      expect(await failure(signedIn().apiKeys.create({ name: 'x' }))).toMatchObject({
        code: 'invalid_response',
        status: 201,
      })
    },
  )

  it.each<[string, WireAnswer | NodeJS.ErrnoException, string]>([
    [
      '500 CREATE_KEY_ERROR',
      { status: 500, body: { error: 'x', code: 'CREATE_KEY_ERROR' } },
      'server_error',
    ],
    ['a bare 500', { status: 500 }, 'server_error'],
    ['503', { status: 503, body: '<html>' }, 'service_unavailable'],
    ['429', { status: 429, body: { error: 'x' }, headers: { 'retry-after': '0' } }, 'rate_limited'],
    [
      'a lost connection',
      Object.assign(new Error('reset'), { code: 'ECONNRESET' }),
      'network_error',
    ],
    ['409 KEY_EXISTS', { status: 409, body: { error: 'x', code: 'KEY_EXISTS' } }, 'conflict'],
    [
      '400',
      { status: 400, body: { error: 'Bad name', code: 'VALIDATION_ERROR' } },
      'validation_failed',
    ],
  ])('★20 POST /api/v1/auth/api-keys is never repeated: %s', async (_what, answer, code) => {
    wire.expect(`POST ${keys}`, { credential: byToken, json: { name: 'x' } }, answer)
    expect(await failure(signedIn().apiKeys.create({ name: 'x' }))).toMatchObject({ code })
  })

  it.each<[string, Parameters<LanonasisClient['apiKeys']['create']>[0]]>([
    ['an empty name', { name: ' ' }],
    ['a life of no days', { name: 'x', expiresInDays: 0 }],
    ['a life of half a day', { name: 'x', expiresInDays: 0.5 }],
  ])('POST /api/v1/auth/api-keys is not asked with %s', async (_what, key) => {
    expect(await failure(signedIn().apiKeys.create(key))).toMatchObject({
      code: 'validation_failed',
    })
  })

  it('POST /api/v1/auth/api-keys gets a renewed token where the old one has ended', async () => {
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
      `POST ${keys}`,
      { credential: `authorization: Bearer ${pair.access_token}`, json: { name: 'x' } },
      created({ data: halves }),
    )
    const client = clientWith({ tokens: opaqueTokens }, { now: () => epoch + lifeMs })
    await client.apiKeys.create({ name: 'x' })
  })

  it('POST /api/v1/auth/api-keys is not asked with an API key alone', async () => {
    const error = await failure(clientWith({ apiKey }).apiKeys.create({ name: 'x' }))
    expect(error).toMatchObject({ code: 'login_required' })
  })

  it('POST /api/v1/auth/api-keys takes a JWT as well', async () => {
    wire.expect(
      `POST ${keys}`,
      { credential: byJwt, json: { name: 'x' } },
      created({ data: halves }),
    )
    await clientWith({ tokens: jwtTokens }).apiKeys.create({ name: 'x' })
  })
})

describe('where keys are managed', () => {
  it.each([
    `${gateway}/api/v1/auth/api-keys`,
    `${gateway}/api/v1/api-keys`,
    `${restApi}/api-keys`,
    `${keys}/`,
  ])('★5 %s gets the bearer token and no key', async (apiKeysUrl) => {
    const base = apiKeysUrl.replace(/\/$/, '')
    wire.expect(
      `POST ${base}`,
      { credential: byToken, json: { name: 'x' } },
      created({ data: halves }),
    )
    wire.expect(
      `GET ${base}/k1`,
      { credential: byToken },
      { status: 200, body: { data: described } },
    )
    const client = clientWith({ tokens: opaqueTokens, apiKey }, { apiKeysUrl })
    await client.apiKeys.create({ name: 'x' })
    await client.apiKeys.get('k1')
  })

  it('★2 is below the base of MCP Core, however that is written', async () => {
    wire.expect(`GET ${keys}`, { credential: byToken }, { status: 200, body: { data: [] } })
    const endpoints = { mcpHttp: `${mcp}//` }
    await clientWith({ tokens: opaqueTokens }, { endpoints }).apiKeys.list()
  })
})

describe('POST /api/v1/auth/api-keys for the key in use', () => {
  it('POST /api/v1/auth/api-keys is asked once by ensure, and the key is used from then on', async () => {
    wire.expect(
      `POST ${keys}`,
      { credential: byToken, json: { name: 'my-laptop' } },
      created({ success: true, data: halves, message }),
    )
    const client = signedIn()
    const key = { publicId: 'pk_4f1d', kind: 'pk', id: 'k1', name: 'my-laptop' }
    expect(await client.apiKeys.ensure({ name: 'my-laptop' })).toStrictEqual({
      ...key,
      created: true,
    })
    expect(await client.apiKeys.ensure({ name: 'my-laptop' })).toStrictEqual({
      ...key,
      created: false,
    })
    wire.expect(
      `GET ${mcp}/memory`,
      { credential: `x-api-key: ${apiKey}` },
      { status: 200, body: { data: [] } },
    )
    await client.memory.list()
  })

  it('POST /api/v1/auth/api-keys is asked once by many at one moment', async () => {
    wire.expect(
      `POST ${keys}`,
      { credential: byToken, json: { name: 'x' } },
      created({ data: halves }),
    )
    const client = signedIn()
    const ensured = await Promise.all(
      Array.from({ length: 8 }, () => client.apiKeys.ensure({ name: 'x' })),
    )
    expect(ensured.filter((key) => key.created)).toHaveLength(1)
  })

  it('POST /api/v1/auth/api-keys is not asked where a key is held', async () => {
    expect(await signedIn({ apiKey }).apiKeys.ensure({ name: 'x' })).toMatchObject({
      publicId: 'pk_4f1d',
      created: false,
    })
  })

  it('★21 POST /api/v1/auth/api-keys: 409 KEY_EXISTS leads to another name, never to a rotation', async () => {
    const taken = { status: 409, body: { error: 'Name is taken', code: 'KEY_EXISTS' } }
    wire.expect(`POST ${keys}`, { credential: byToken, json: { name: 'x' } }, taken)
    const json = { name: expect.stringMatching(/^x-[\da-f]{8}$/) }
    wire.expect(`POST ${keys}`, { credential: byToken, json }, created({ data: halves }))
    expect(await signedIn().apiKeys.ensure({ name: 'x' })).toMatchObject({ created: true })
  })

  it('★21 rotate() creates, tries, stores, and only then revokes the old key', async () => {
    const client = signedIn()
    wire.expect(
      `POST ${keys}`,
      { credential: byToken, json: { name: 'x' } },
      created({ data: halves }),
    )
    await client.apiKeys.ensure({ name: 'x' })
    wire.expect(
      `GET ${keys}/k1`,
      { credential: byToken },
      { status: 200, body: { data: described } },
    )
    wire.expect(
      `POST ${keys}`,
      {
        credential: byToken,
        json: {
          name: expect.stringMatching(/^my-laptop-[\da-f]{8}$/),
          access_level: 'authenticated',
          expires_in_days: 60,
          scopes: ['memories:read'],
        },
      },
      created({ data: { ...described, id: 'k2', key: whole } }),
    )
    wire.expect(
      `POST ${gateway}/v1/auth/introspect`,
      { credential: `x-api-key: ${whole}`, json: {} },
      { status: 200, body: { valid: true, identity: {} } },
    )
    wire.expect(`POST ${keys}/k1/revoke`, { credential: byToken, json: {} }, { status: 204 })
    expect(await client.apiKeys.rotate()).toMatchObject({
      id: 'k2',
      publicId: 'lano_444',
      created: true,
    })
  })

  it('★21 rotate() keeps the old key where the new one does not work, and gives the new one back', async () => {
    const client = signedIn()
    wire.expect(
      `POST ${keys}`,
      { credential: byToken, json: { name: 'x' } },
      created({ data: halves }),
    )
    await client.apiKeys.ensure({ name: 'x' })
    wire.expect(
      `GET ${keys}/k1`,
      { credential: byToken },
      { status: 404, body: { error: 'x', code: 'KEY_NOT_FOUND' } },
    )
    wire.expect(
      `POST ${keys}`,
      { credential: byToken, json: { name: expect.stringMatching(/-[\da-f]{8}$/) } },
      created({ data: { id: 'k2', key: whole } }),
    )
    wire.expect(
      `POST ${gateway}/v1/auth/introspect`,
      { credential: `x-api-key: ${whole}`, json: {} },
      {
        status: 401,
        body: {
          valid: false,
          error: { code: 'invalid_credential', message: 'x', retryable: false },
        },
      },
    )
    wire.expect(`POST ${keys}/k2/revoke`, { credential: byToken, json: {} }, { status: 204 })
    expect(await failure(client.apiKeys.rotate())).toMatchObject({ code: 'api_key_rejected' })
    expect(await client.getSession()).toMatchObject({ apiKey: { publicId: 'pk_4f1d' } })
  })
})

describe('GET /api/v1/auth/api-keys', () => {
  it.each<[string, unknown]>([
    ['in data', { success: true, data: [described] }],
    ['bare', [described]],
    ['as keys', { keys: [described] }],
    ['as keys, in data', { data: { keys: [described] } }],
  ])('GET /api/v1/auth/api-keys answered %s', async (_what, body) => {
    wire.expect(`GET ${keys}`, { credential: byToken }, { status: 200, body })
    expect(await signedIn().apiKeys.list()).toStrictEqual([record])
  })

  it.each<[string, unknown]>([
    ['nothing', ''],
    ['a page', '<html>'],
    ['truncated JSON', '{"data":[{"id"'],
    ['no list', { success: true }],
    ['a list of other things', { data: [7] }],
    ['a key without an id', { data: [{ name: 'x' }] }],
  ])('GET /api/v1/auth/api-keys: %s is invalid_response', async (_what, body) => {
    wire.expect(`GET ${keys}`, { credential: byToken }, { status: 200, body })
    expect(await failure(signedIn().apiKeys.list())).toMatchObject({ code: 'invalid_response' })
  })

  it.each<[string, unknown, Record<string, unknown>]>([
    ['in data', { data: described }, record],
    ['bare', described, record],
    [
      'as the older servers describe it',
      { key_id: 'pk_4f1d', is_active: false },
      { id: 'pk_4f1d', publicId: 'pk_4f1d', name: '', active: false },
    ],
    [
      'with fields of the wrong type',
      { id: 'k1', name: 7, permissions: 'all', created_at: 'x' },
      { id: 'k1', name: '', active: true },
    ],
  ])('GET /api/v1/auth/api-keys/:id answered %s', async (_what, body, expected) => {
    wire.expect(`GET ${keys}/k1`, { credential: byToken }, { status: 200, body })
    expect(await signedIn().apiKeys.get('k1')).toStrictEqual(expected)
  })

  it('GET /api/v1/auth/api-keys/:id: 404 is not_found', async () => {
    const missing = { error: 'API key not found', code: 'KEY_NOT_FOUND', request_id: 'req-1' }
    wire.expect(`GET ${keys}/k%2F1`, { credential: byToken }, { status: 404, body: missing })
    expect(await failure(signedIn().apiKeys.get('k/1'))).toMatchObject({
      code: 'not_found',
      status: 404,
      requestId: 'req-1',
    })
  })
})

describe('POST /api/v1/auth/api-keys/:id/rotate', () => {
  it.each<[string, unknown, string]>([
    ['a whole key', { success: true, data: { ...described, key: whole }, message }, whole],
    ['its halves', { data: halves }, apiKey],
    ['a bare key', { ...described, key: whole }, whole],
  ])(
    '★19 POST /api/v1/auth/api-keys/:id/rotate carries an empty object, and gives %s',
    async (_what, body, key) => {
      wire.expect(
        `POST ${keys}/k1/rotate`,
        { credential: byToken, json: {} },
        { status: 200, body },
      )
      const rotated = await signedIn().apiKeys.rotate('k1')
      expect(rotated).toMatchObject({ id: 'k1', key })
    },
  )

  it.each<[string, WireAnswer]>([
    ['503', { status: 503 }],
    ['429', { status: 429, headers: { 'retry-after': '0' } }],
  ])(
    '★21 POST /api/v1/auth/api-keys/:id/rotate is sent once, for a second rotation would kill the first: %s',
    async (_what, answer) => {
      wire.expect(`POST ${keys}/k1/rotate`, { credential: byToken, json: {} }, answer)
      expect(isAuthError(await failure(signedIn().apiKeys.rotate('k1')))).toBe(true)
    },
  )
})

describe('POST /api/v1/auth/api-keys/:id/revoke and DELETE /api/v1/auth/api-keys/:id', () => {
  it.each<[string, WireAnswer]>([
    ['200', { status: 200, body: { success: true, message: 'API key revoked successfully' } }],
    ['204', { status: 204 }],
    ['a text', { status: 200, body: 'OK' }],
    ['nothing', { status: 200 }],
  ])(
    '★19 POST /api/v1/auth/api-keys/:id/revoke carries an empty object, and is content with %s',
    async (_what, answer) => {
      wire.expect(`POST ${keys}/k1/revoke`, { credential: byToken, json: {} }, answer)
      expect(await signedIn().apiKeys.revoke('k1')).toBeUndefined()
    },
  )

  it.each<[string, WireAnswer]>([
    ['200', { status: 200, body: { success: true } }],
    ['204', { status: 204 }],
    ['a text', { status: 200, body: 'OK' }],
  ])(
    'DELETE /api/v1/auth/api-keys/:id carries no body, and is content with %s',
    async (_what, answer) => {
      wire.expect(`DELETE ${keys}/k1`, { credential: byToken }, answer)
      expect(await signedIn().apiKeys.delete('k1')).toBeUndefined()
    },
  )

  it.each<[string, (client: LanonasisClient) => Promise<unknown>]>([
    ['get', ({ apiKeys }) => apiKeys.get('..')],
    ['rotate', ({ apiKeys }) => apiKeys.rotate('')],
    ['revoke', ({ apiKeys }) => apiKeys.revoke('.')],
    ['delete', ({ apiKeys }) => apiKeys.delete(' ')],
  ])('%s asks nothing for an id that is none', async (_what, call) => {
    expect(await failure(call(signedIn()))).toMatchObject({ code: 'validation_failed' })
  })
})

describe('a key of ours that was refused', () => {
  it('★23 POST /api/v1/auth/api-keys brings one new key, and the request is repeated with it', async () => {
    const client = signedIn()
    const refused: WireAnswer = { status: 401, body: { error: 'Authentication required' } }
    wire.expect(
      `POST ${keys}`,
      { credential: byToken, json: { name: 'x' } },
      created({ data: halves }),
    )
    await client.apiKeys.ensure({ name: 'x' })
    wire.expect(`GET ${mcp}/memory`, { credential: `x-api-key: ${apiKey}` }, refused)
    wire.expect(
      `POST ${gateway}/v1/auth/introspect`,
      { credential: `x-api-key: ${apiKey}`, json: {} },
      {
        status: 401,
        body: {
          valid: false,
          error: { code: 'expired_credential', message: 'x', retryable: false },
        },
      },
    )
    wire.expect(
      `GET ${keys}/k1`,
      { credential: byToken },
      { status: 200, body: { data: described } },
    )
    wire.expect(
      `POST ${keys}`,
      {
        credential: byToken,
        json: expect.objectContaining({ name: expect.stringMatching(/^my-laptop-/) }),
      },
      created({ data: { id: 'k2', name: 'my-laptop-2', key: whole } }),
    )
    wire.expect(
      `GET ${mcp}/memory`,
      { credential: `x-api-key: ${whole}` },
      { status: 200, body: { data: [] } },
    )
    expect((await client.memory.list()).items).toEqual([])
    expect(await client.getAccessToken()).toBe(accessToken)
  })
})

import { describe, expect, it } from 'vitest'
import { isAuthError } from '../../src/index.ts'
import { fileStore, type NodeClientOptions } from '../../src/node.ts'
import type { FaultAction } from '../../src/testing.ts'
import type { ServePlatformOptions } from '../../src/testing-node.ts'
import { failure } from '../support/async.ts'
import { detourTo } from '../support/detour.ts'
import { configPath, readJson } from '../support/directories.ts'
import { clientOn, served } from './clients.ts'

const lifeMs = 900_000
/** Longer than any pause that is kept after a failure. */
const pauseMs = 120_000

/** Somebody who is signed in and has a key, with both in a file. */
async function signedIn(options: ServePlatformOptions = {}) {
  const platform = await served(options)
  const path = await configPath()
  const make = (changes: NodeClientOptions = {}) => clientOn(platform, { path, ...changes })
  await make().login({ apiKey: { name: 'my-laptop' } })
  const stored = async () => {
    const [account] = Object.values<Record<string, object>>((await readJson(path)).auth.accounts)
    const { access_token, refresh_token } = { ...account?.tokens } as Record<string, unknown>
    return { access_token, refresh_token, api_key: account?.api_key }
  }
  platform.requests.length = 0
  return { platform, path, make, stored, before: await stored() }
}

/** What the gateway may do instead of renewing, and how that is told. */
const tokenOutages: readonly [string, FaultAction, string][] = [
  ['answers 500', { status: 500, body: { error: 'server_error' } }, 'server_error'],
  ['answers 502 with a proxy’s page', 'html', 'service_unavailable'],
  ['answers 503 with nothing', { status: 503 }, 'service_unavailable'],
  ['answers 504 with a text', { status: 504, body: 'upstream timed out' }, 'service_unavailable'],
  ['answers 408', { status: 408 }, 'timeout'],
  ['answers 429', { status: 429, body: { error: 'Too many' } }, 'rate_limited'],
  ['answers 404', { status: 404, body: 'Cannot POST /oauth/token' }, 'not_found'],
  ['answers 200 with a page', { status: 200, body: '<html>' }, 'invalid_response'],
  ['answers 200 without tokens', { status: 200, body: {} }, 'invalid_response'],
  ['closes the connection', 'drop', 'network_error'],
]

describe('a gateway that cannot renew the session now', () => {
  it.each(tokenOutages)(
    '%s: nothing is cleared, and it works again later',
    async (_name, action, code) => {
      const { platform, make, stored, before } = await signedIn()
      platform.clock.advance(lifeMs)
      const takeBack = platform.order({ match: 'POST /oauth/token', action })
      const client = make()
      const error = await failure(client.getAccessToken())
      // What is missing there will not come by waiting; everything else may pass.
      const retryable = code !== 'not_found'
      expect(error).toMatchObject({ name: 'AuthError', code: 'refresh_failed', retryable })
      expect(await client.getSession()).toMatchObject({
        status: 'signed-in',
        degraded: { code, since: platform.clock.now() },
      })
      expect(await stored()).toEqual(before)
      expect(platform.requestsTo('POST /oauth/token')).toHaveLength(1)

      takeBack()
      platform.clock.advance(pauseMs)
      const token = await client.getAccessToken()
      expect(await client.introspect(token)).toMatchObject({ active: true })
      expect(await client.getSession()).not.toHaveProperty('degraded')
      expect(await stored()).toMatchObject({ access_token: token, api_key: before.api_key })
    },
  )

  it.each(tokenOutages)(
    '%s: the token that is valid still is served',
    async (_name, action, code) => {
      const { platform, make, stored, before } = await signedIn()
      platform.clock.advance(lifeMs - 10_000)
      platform.order({ match: 'POST /oauth/token', action })
      const client = make()
      const degraded: unknown[] = []
      client.on('degraded', (event) => degraded.push(event))
      expect(await client.getAccessToken()).toBe(before.access_token)
      expect(degraded).toMatchObject([{ code }])
      expect(await stored()).toEqual(before)
    },
  )

  it('hangs: the time limit ends it, and nothing is cleared', async () => {
    const { platform, make, stored, before } = await signedIn()
    platform.clock.advance(lifeMs)
    const takeBack = platform.order({ match: 'POST /oauth/token', action: 'hang' })
    const impatient = make({ timeoutMs: 50 })
    expect(await failure(impatient.getAccessToken())).toMatchObject({
      code: 'refresh_failed',
      retryable: true,
    })
    expect(await impatient.getSession()).toMatchObject({ degraded: { code: 'timeout' } })
    expect(await stored()).toEqual(before)

    takeBack()
    platform.clock.advance(pauseMs)
    expect(await make().getAccessToken()).not.toBe(before.access_token)
  })

  it('is not there at all (ECONNREFUSED): nothing is cleared, and it works again later', async () => {
    const platform = await served()
    const gateway = await detourTo(platform.endpoints.authGateway)
    const path = await configPath()
    const store = fileStore({ path })
    const tokens = { ...(await platform.issueTokens()), kind: 'opaque' } as const
    const key = { issuer: gateway.origin, clientId: 'lanonasis-cli', profile: 'default' }
    await store.commit(key, undefined, { session: { status: 'signed-in', tokens } })
    platform.clock.advance(lifeMs)

    const env = { ...platform.env, AUTH_GATEWAY_URL: gateway.origin }
    const client = clientOn(platform, { path, env })
    const error = await failure(client.getAccessToken())
    expect(error).toMatchObject({ code: 'refresh_failed', retryable: true })
    expect(JSON.stringify((error as Error).cause)).toContain('ECONNREFUSED')
    expect(await client.getSession()).toMatchObject({ degraded: { code: 'network_error' } })
    const held = (await store.read(key))?.value.session
    expect(held).toMatchObject({ tokens: { refreshToken: tokens.refreshToken } })
    expect(platform.requests).toEqual([])

    await gateway.up()
    platform.clock.advance(pauseMs)
    expect(await client.introspect(await client.getAccessToken())).toMatchObject({ active: true })
  })

  it('is limited: says how long to wait', async () => {
    const { platform, make } = await signedIn()
    platform.clock.advance(lifeMs)
    const action = { status: 429, headers: { 'retry-after': '90' } }
    platform.order({ match: 'POST /oauth/token', times: 1, action })
    const client = make()
    expect(await failure(client.getAccessToken())).toMatchObject({
      code: 'refresh_failed',
      retryable: true,
      retryAfterMs: 90_000,
    })
    platform.clock.advance(90_001)
    expect(await client.getAccessToken()).toEqual(expect.any(String))
  })

  it('★15 is limited for real: the session outlives it', async () => {
    const { platform, make, stored } = await signedIn()
    const client = make()
    // The sign-in was the first of five token requests in a quarter of an hour.
    for (let request = 2; request <= 5; request++) await client.refresh()
    const before = await stored()
    expect(await failure(client.refresh())).toMatchObject({
      code: 'refresh_failed',
      retryAfterMs: expect.any(Number),
    })
    expect(await client.getAccessToken()).toBe(before.access_token)
    expect(await stored()).toEqual(before)
    platform.clock.advance(lifeMs)
    expect(await client.getAccessToken()).not.toBe(before.access_token)
  })

  it('★13 renews and its answer is lost: nothing is cleared, then one session_expired, and no loop', async () => {
    const { platform, make, stored, before } = await signedIn()
    platform.clock.advance(lifeMs)
    platform.order({ match: 'POST /oauth/token', times: 1, action: 'lose-answer' })
    const client = make()
    expect(await failure(client.getAccessToken())).toMatchObject({
      code: 'refresh_failed',
      retryable: true,
    })
    expect(await stored()).toEqual(before)

    platform.clock.advance(pauseMs)
    expect(await failure(client.getAccessToken())).toMatchObject({ code: 'session_expired' })
    const asked = platform.requestsTo('POST /oauth/token').length
    expect(await failure(client.getAccessToken())).toMatchObject({ code: 'session_expired' })
    expect(await failure(make().refresh())).toMatchObject({ code: 'session_expired' })
    expect(platform.requestsTo('POST /oauth/token')).toHaveLength(asked)
    expect(await stored()).toMatchObject({ api_key: before.api_key })

    expect(await client.login()).toMatchObject({ status: 'signed-in' })
    expect(await client.introspect()).toMatchObject({ active: true })
  })

  it('★13 renews and half of its answer is lost: the same', async () => {
    const { platform, make, stored, before } = await signedIn()
    platform.clock.advance(lifeMs)
    platform.order({ match: 'POST /oauth/token', times: 1, action: 'cut-answer' })
    const client = make()
    expect(await failure(client.getAccessToken())).toMatchObject({ code: 'refresh_failed' })
    expect(await stored()).toEqual(before)
  })

  it('cannot confirm a sign-out: it holds all the same', async () => {
    const { platform, make, stored } = await signedIn()
    platform.order({ match: 'POST /oauth/revoke', action: 'drop' })
    const client = make()
    expect(await client.logout()).toMatchObject({ revoked: false, reason: expect.any(String) })
    expect(await stored()).toEqual({})
    expect(await failure(make().getAccessToken())).toMatchObject({ code: 'login_required' })
  })

  it('cannot say anything of a token', async () => {
    const { platform, make } = await signedIn()
    for (const [action, code, options] of [
      ['html', 'service_unavailable', {}],
      ['drop', 'network_error', {}],
      ['hang', 'timeout', { timeoutMs: 50 }],
      [{ status: 429, body: {} }, 'rate_limited', {}],
      [{ status: 200, body: 'yes' }, 'invalid_response', {}],
    ] as const) {
      platform.order({ match: 'POST /oauth/introspect', times: 1, action })
      expect(await failure(make(options).introspect())).toMatchObject({ name: 'AuthError', code })
    }
    expect(await make().introspect()).toMatchObject({ active: true })
  })
})

describe('a service that cannot answer now', () => {
  const outages: readonly [string, FaultAction, string, boolean][] = [
    [
      'answers 500',
      { status: 500, body: { error: 'Oops', code: 'INTERNAL' } },
      'server_error',
      false,
    ],
    ['answers 502 with a proxy’s page', 'html', 'service_unavailable', true],
    ['answers 503 with nothing', { status: 503 }, 'service_unavailable', true],
    ['closes the connection', 'drop', 'network_error', true],
    ['loses its answer', 'lose-answer', 'network_error', true],
    [
      'is limited for long',
      { status: 429, body: {}, headers: { 'retry-after': '3600' } },
      'rate_limited',
      true,
    ],
    ['answers with something else', { status: 200, body: '<html>' }, 'invalid_response', false],
    ['★23 answers 401 although the credential is good', 'edge-401', 'service_unavailable', true],
  ]

  it.each(outages)(
    '%s: a typed error, nothing is cleared, and it works again',
    async (_name, action, code, retryable) => {
      const { platform, make, stored, before } = await signedIn()
      const client = make()
      const takeBack = platform.order({ match: 'GET /memory*', action })
      const error = await failure(client.memory.list())
      expect(error).toMatchObject({ name: 'AuthError', code, retryable })
      expect(await stored()).toEqual(before)
      expect(await client.getSession()).toMatchObject({ status: 'signed-in' })
      expect(platform.requestsTo('POST /oauth/token')).toEqual([])

      takeBack()
      expect(await client.memory.list()).toMatchObject({ items: [] })
    },
  )

  it.each([
    ['answers 503 once', { status: 503 }],
    ['closes a connection once', 'drop'],
    ['loses an answer once', 'lose-answer'],
    ['cuts an answer once', 'cut-answer'],
  ] as const)('%s: who reads does not notice', async (_name, action) => {
    const { platform, make } = await signedIn()
    platform.order({ match: 'GET /memory*', times: 1, action })
    expect(await make().memory.list()).toMatchObject({ items: [] })
    expect(platform.requestsTo('GET /memory')).toHaveLength(2)
  })

  it('cuts every answer: a network error, not a foreign one', async () => {
    const { platform, make } = await signedIn()
    platform.order({ match: 'GET /memory*', action: 'cut-answer' })
    const error = await failure(make().memory.list())
    expect(isAuthError(error, 'network_error')).toBe(true)
  })

  it('hangs: the time limit ends it', async () => {
    const { platform, make } = await signedIn()
    platform.order({ match: 'GET /memory*', action: 'hang' })
    expect(await failure(make({ timeoutMs: 50 }).memory.list())).toMatchObject({
      name: 'AuthError',
      code: 'timeout',
      retryable: true,
    })
  })

  it('hangs: the caller ends it', async () => {
    const { platform, make } = await signedIn()
    platform.order({ match: 'GET /memory*', action: 'hang' })
    const controller = new AbortController()
    const { signal } = controller
    const reading = failure(make().memory.list({ signal }))
    await expect.poll(() => platform.requests.length).toBe(1)
    controller.abort()
    expect(await reading).toMatchObject({ name: 'AuthError', code: 'aborted' })
  })

  it('is not there at all (ECONNREFUSED): says so', async () => {
    const { platform, make } = await signedIn()
    const mcp = await detourTo(platform.endpoints.mcpHttp)
    const client = make({ env: { ...platform.env, MCP_HTTP_URL: `${mcp.origin}/api/v1` } })
    expect(await failure(client.memory.list())).toMatchObject({
      code: 'network_error',
      message: expect.stringContaining('ECONNREFUSED'),
    })
    await mcp.up()
    expect(await client.memory.list()).toMatchObject({ items: [] })
  })

  it.each(['lose-answer', 'cut-answer'] as const)(
    'acts and then fails (%s): a memory is made once',
    async (action) => {
      const { platform, make } = await signedIn()
      platform.order({ match: 'POST /memory', times: 1, action })
      const memory = await make().memory.create({ title: 'Example', content: 'Details' })
      expect(memory).toMatchObject({ title: 'Example' })
      expect(platform.memories).toHaveLength(1)
      const keys = platform.requestsTo('POST /memory').map(({ body }) => body?.idempotency_key)
      expect(keys).toEqual([keys[0], keys[0]])
      expect(keys[0]).toEqual(expect.any(String))
    },
  )

  it('★20 fails to make a key: it is not asked again, for it may have made one', async () => {
    const { platform, make } = await signedIn()
    for (const [action, code] of [
      [{ status: 500, body: { error: 'x', code: 'CREATE_KEY_ERROR' } }, 'server_error'],
      ['lose-answer', 'network_error'],
      ['html', 'service_unavailable'],
    ] as const) {
      platform.requests.length = 0
      platform.order({ match: 'POST /auth/api-keys', times: 1, action })
      expect(await failure(make().apiKeys.create({ name: `key-${code}` }))).toMatchObject({ code })
      expect(platform.requestsTo('POST /auth/api-keys')).toHaveLength(1)
    }
  })
})

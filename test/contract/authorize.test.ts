import { isAuthError } from '@lanonasis/auth-client'
import { describe, expect, it } from 'vitest'
import { failure } from '../support/async.ts'
import {
  apiKey,
  authorizeQuery,
  clientWith,
  epoch,
  gateway,
  lifeMs,
  madeUpFlow,
  opaqueTokens,
  pair,
  redirectUri,
} from './clients.ts'
import { useWire, type WireAnswer } from './wire.ts'

const wire = useWire()
const route = `GET ${gateway}/oauth/authorize`

const parameters = (changes: Record<string, unknown> = {}) => ({ query: authorizeQuery(changes) })

const toLogin: WireAnswer = { status: 302, headers: { location: '/web/login?return_to=%2Foauth' } }

/** A sign-in that comes as far as the browser, which then declines. */
async function signInUntilBrowser(answer: WireAnswer, request = parameters()) {
  wire.expect(route, request, answer)
  const flow = madeUpFlow(({ state }) => `error=access_denied&state=${state}`)
  const error = await failure(clientWith({}, { login: flow }).login())
  return { error, opened: flow.opened[0] }
}

describe('GET /oauth/authorize: the request', () => {
  it('GET /oauth/authorize carries the seven parameters of Appendix B, and no credential of those held', async () => {
    wire.expect(route, parameters(), toLogin)
    const login = madeUpFlow(({ state }) => `error=access_denied&state=${state}`)
    const client = clientWith({ tokens: opaqueTokens, apiKey }, { login })
    expect(await failure(client.login())).toMatchObject({ code: 'access_denied' })
    // What was held is still there: a sign-in that fails takes nothing away.
    expect(await client.getSession()).toMatchObject({
      status: 'signed-in',
      expiresAt: epoch + lifeMs,
    })
  })

  it("GET /oauth/authorize asks for the sign-in's scope, else the client's, else the default, and always for one", async () => {
    for (const [options, login, scope] of [
      [{}, {}, 'memories:read memories:write'],
      [{ scope: 'memories:read' }, {}, 'memories:read'],
      [{ scope: 'memories:read' }, { scope: 'mcp:connect a:new:one' }, 'mcp:connect a:new:one'],
    ] as const) {
      wire.expect(route, parameters({ scope }), toLogin)
      const flow = madeUpFlow(({ state }) => `error=access_denied&state=${state}`)
      await failure(clientWith({}, { ...options, login: flow }).login(login))
    }
  })

  it("★11 GET /oauth/authorize names the flow's redirect letter by letter", async () => {
    for (const redirect of [
      'http://localhost:8888/callback',
      'http://127.0.0.1:3000/callback',
      'vscode://lanonasis.mcp-client/callback',
    ]) {
      wire.expect(route, parameters({ redirect_uri: redirect }), toLogin)
      const login = madeUpFlow(({ state }) => `error=access_denied&state=${state}`, { redirect })
      expect(await failure(clientWith({}, { login }).login())).toMatchObject({
        code: 'access_denied',
      })
    }
  })

  it('★3 GET /oauth/authorize goes to the staging gateway, with its port, when that is the environment', async () => {
    wire.expect('GET https://auth.lanonasis.com:3005/oauth/authorize', parameters(), toLogin)
    const login = madeUpFlow(({ state }) => `error=access_denied&state=${state}`)
    await failure(clientWith({}, { login, environment: 'staging' }).login())
    expect(login.opened[0]).toMatch(/^https:\/\/auth\.lanonasis\.com:3005\/oauth\/authorize\?/)
  })

  it('GET /oauth/authorize never repeats a state or a challenge', async () => {
    wire.expect(route, parameters(), toLogin)
    wire.expect(route, parameters(), toLogin)
    const login = madeUpFlow(({ state }) => `error=access_denied&state=${state}`)
    const client = clientWith({}, { login })
    await failure(client.login())
    await failure(client.login())
    const queries = wire.seen.map(({ query }) => query)
    expect(new Set(queries.map((query) => query?.state)).size).toBe(2)
    expect(new Set(queries.map((query) => query?.code_challenge)).size).toBe(2)
  })
})

describe('GET /oauth/authorize: what is opened', () => {
  it.each<[string, WireAnswer]>([
    ['302 to /web/login', toLogin],
    [
      '302 to /auth/cli-login',
      { status: 302, headers: { location: `${gateway}/auth/cli-login?return_to=%2Foauth` } },
    ],
    ['303 to a page of consent', { status: 303, headers: { location: '/consent/1' } }],
    ['200 with a page', { status: 200, body: '<!doctype html><title>Sign in</title>' }],
  ])(
    'GET /oauth/authorize answered with %s: the very address that was asked',
    async (_what, answer) => {
      const { opened, error } = await signInUntilBrowser(answer)
      expect(error).toMatchObject({ code: 'access_denied' })
      const url = new URL(opened ?? '')
      expect(url.origin + url.pathname).toBe(`${gateway}/oauth/authorize`)
      expect(Object.fromEntries(url.searchParams)).toStrictEqual(wire.seen[0]?.query)
    },
  )

  it.each<[string, unknown, string]>([
    ['login_required', { error: 'login_required' }, '/web/login'],
    [
      'AUTH_REQUIRED',
      { error: 'Authentication required', code: 'AUTH_REQUIRED', login_url: '/web/login?from=cli' },
      '/web/login?from=cli',
    ],
    [
      'AUTH_REQUIRED with an address',
      { error: 'x', code: 'AUTH_REQUIRED', login_url: `${gateway}/auth/cli-login` },
      '/auth/cli-login',
    ],
    [
      'AUTH_REQUIRED and the address of a stranger',
      { error: 'x', code: 'AUTH_REQUIRED', login_url: 'https://evil.example.com/web/login' },
      '/web/login',
    ],
    ['a page', '<html>Unauthorized</html>', '/web/login'],
    ['nothing', '', '/web/login'],
  ])(
    'GET /oauth/authorize answered 401 with %s: the sign-in page, which leads back to authorize',
    async (_what, body, page) => {
      const { opened, error } = await signInUntilBrowser({ status: 401, body })
      expect(error).toMatchObject({ code: 'access_denied' })
      const url = new URL(opened ?? '')
      const returnTo = url.searchParams.get('return_to') ?? ''
      url.searchParams.delete('return_to')
      expect(url.href).toBe(`${gateway}${page}`)
      const back = new URL(returnTo, gateway)
      expect(back.origin + back.pathname).toBe(`${gateway}/oauth/authorize`)
      expect(Object.fromEntries(back.searchParams)).toStrictEqual(wire.seen[0]?.query)
    },
  )

  it("GET /oauth/authorize answered 401 with a way back of its own: the server's way back", async () => {
    const login_url = '/web/login?return_to=%2Foauth%2Fauthorize%3Ffrom%3Dserver'
    const { opened } = await signInUntilBrowser({
      status: 401,
      body: { error: 'x', code: 'AUTH_REQUIRED', login_url },
    })
    expect(opened).toBe(`${gateway}${login_url}`)
  })
})

describe('★10 GET /oauth/authorize refused: a typed error before a browser is opened', () => {
  it.each<[string, WireAnswer, Record<string, unknown>]>([
    [
      'an unknown client',
      {
        status: 400,
        body: { error: 'invalid_client', error_description: 'Unknown client' },
        headers: { 'x-request-id': 'req-1' },
      },
      { code: 'config_invalid', requestId: 'req-1' },
    ],
    [
      'a redirect that is not registered',
      { status: 400, body: { error: 'invalid_request', error_description: 'Bad redirect_uri' } },
      { code: 'config_invalid' },
    ],
    [
      'an unknown scope',
      { status: 400, body: { error: 'invalid_scope' } },
      { code: 'insufficient_scope' },
    ],
    [
      'a client that may not',
      { status: 400, body: { error: 'unauthorized_client' } },
      { code: 'config_invalid' },
    ],
    ['a 400 without a code', { status: 400, body: '<html>Bad</html>' }, { code: 'config_invalid' }],
    [
      'a limit',
      { status: 429, body: { error: 'Too many', code: 'RATE_LIMITED', retryAfter: '15 minutes' } },
      { code: 'rate_limited', retryAfterMs: 900_000 },
    ],
    [
      'an origin that is not on its list',
      { status: 500, body: { error: 'Internal server error', code: 'INTERNAL' } },
      { code: 'server_error' },
    ],
    ["a proxy's page", { status: 502, body: '<html>' }, { code: 'service_unavailable' }],
    ['an empty 503', { status: 503 }, { code: 'service_unavailable' }],
    ['a 404', { status: 404, body: 'Cannot GET /oauth/authorize' }, { code: 'not_found' }],
  ])('★10 %s', async (_what, answer, expected) => {
    const { error, opened } = await signInUntilBrowser(answer)
    expect(isAuthError(error)).toBe(true)
    expect(error).toMatchObject({
      ...expected,
      status: answer.status,
      hint: expect.stringMatching(/\w/),
    })
    expect(opened).toBeUndefined()
  })

  it('★10 a redirect straight to our callback with an error is that error', async () => {
    const { error, opened } = await signInUntilBrowser({
      status: 302,
      headers: { location: `${redirectUri}?error=access_denied&state=x` },
    })
    expect(error).toMatchObject({ code: 'access_denied' })
    expect(opened).toBeUndefined()
  })

  it('★10 a gateway that cannot be reached', async () => {
    const lost = Object.assign(new Error('refused'), { code: 'ECONNREFUSED' })
    wire.expect(route, parameters(), lost)
    const login = madeUpFlow(() => '')
    expect(await failure(clientWith({}, { login }).login())).toMatchObject({
      code: 'network_error',
      retryable: true,
    })
    expect(login.opened).toEqual([])
  })
})

describe('the answer of GET /oauth/authorize in the callback', () => {
  /** Nothing is expected at /oauth/token: that a code was sent there would fail the test. */
  it.each<[string, (state: string) => string, string]>([
    ['no state', () => 'code=c', 'state_mismatch'],
    ['another state', () => 'code=c&state=other', 'state_mismatch'],
    ['two states', (state) => `code=c&state=${state}&state=${state}`, 'state_mismatch'],
    [
      'another issuer',
      (state) => `code=c&state=${state}&iss=https%3A%2F%2Fevil.example.com`,
      'issuer_mismatch',
    ],
    [
      'the staging issuer',
      (state) => `code=c&state=${state}&iss=https%3A%2F%2Fauth.lanonasis.com%3A3005`,
      'issuer_mismatch',
    ],
    ['a refusal', (state) => `error=access_denied&state=${state}`, 'access_denied'],
    ['no code', (state) => `state=${state}`, 'invalid_response'],
    ['two codes', (state) => `code=c&code=d&state=${state}`, 'invalid_response'],
  ])('with %s is refused, and no code is exchanged', async (_what, callback, code) => {
    wire.expect(route, parameters(), toLogin)
    const login = madeUpFlow(({ state }) => callback(state))
    expect(await failure(clientWith({}, { login }).login())).toMatchObject({ code })
  })

  it('that names the gateway as its issuer is taken', async () => {
    wire.expect(route, parameters(), toLogin)
    wire.expect(
      `POST ${gateway}/oauth/token`,
      { json: expect.objectContaining({ code: 'c' }) },
      { status: 200, body: pair },
    )
    const login = madeUpFlow(
      ({ state }) => `code=c&state=${state}&iss=${encodeURIComponent(gateway)}`,
    )
    expect(await clientWith({}, { login }).login()).toMatchObject({ status: 'signed-in' })
  })
})

import { describe, expect, it } from 'vitest'
import { renewTokens } from '../../src/oauth/renewal.ts'
import { Secret } from '../../src/secret/secret.ts'
import type { Platform } from '../../src/testing.ts'
import {
  type Answering,
  connectionError,
  fakeFetch,
  htmlPage,
  json,
  redirectTo,
} from '../support/fetches.ts'
import { contextFor, gateway, tokensOf } from '../support/oauth.ts'
import { epoch, platformAt } from '../support/setup.ts'

const opaque = tokensOf('access', 'refresh')
const jwt = tokensOf('eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln', 'eyJh.refresh.c2ln')

async function renewAt(answer: Answering, tokens = opaque) {
  const { fetch, sent } = fakeFetch(answer)
  return { outcome: await renewTokens(contextFor(fetch), tokens), sent }
}

async function issued(platform: Platform, family: 'opaque' | 'jwt') {
  const { accessToken, refreshToken } = await platform.issueTokens({ family })
  return tokensOf(accessToken, refreshToken)
}

describe('renewTokens', () => {
  it('★14 sends the refresh token with the client it is bound to, as JSON to the gateway', async () => {
    const { sent } = await renewAt(() => json(200, { access_token: 'new' }))
    expect(sent).toHaveLength(1)
    expect(sent[0]).toMatchObject({ method: 'POST', url: `${gateway}/oauth/token` })
    expect(sent[0]?.headers.get('content-type')).toBe('application/json')
    expect(JSON.parse(sent[0]?.body ?? '')).toEqual({
      grant_type: 'refresh_token',
      refresh_token: 'refresh',
      client_id: 'lanonasis-cli',
    })
  })

  it('★14 is refused for another client', async () => {
    const platform = platformAt()
    const tokens = await issued(platform, 'opaque')
    const context = contextFor(platform.fetch, { clientId: 'vscode-extension' })
    expect(await renewTokens(context, tokens)).toMatchObject({ type: 'refused' })
  })

  it('brings a new pair, counted from when the request was sent', async () => {
    const platform = platformAt()
    const tokens = await issued(platform, 'opaque')
    const outcome = await renewTokens(contextFor(platform.fetch), tokens)
    expect(outcome).toMatchObject({
      type: 'renewed',
      tokens: { kind: 'opaque', obtainedAt: epoch, expiresAt: epoch + 900_000 },
    })
  })

  it('★13 is refused when the same refresh token is sent again', async () => {
    const platform = platformAt()
    const tokens = await issued(platform, 'opaque')
    const context = contextFor(platform.fetch)
    expect((await renewTokens(context, tokens)).type).toBe('renewed')
    expect(await renewTokens(context, tokens)).toMatchObject({
      type: 'refused',
      error: { status: 400 },
    })
  })

  it('keeps the old refresh token and its end when a renewal brings none', async () => {
    const { outcome } = await renewAt(() => json(200, { access_token: 'new', expires_in: 60 }))
    expect(outcome).toMatchObject({
      type: 'renewed',
      tokens: {
        refreshExpiresAt: opaque.refreshExpiresAt,
        expiresAt: epoch + 60_000,
        scope: opaque.scope,
      },
    })
    expect(outcome.type === 'renewed' && outcome.tokens.refreshToken?.reveal()).toBe('refresh')
  })

  it('keeps the origins that the tokens were obtained for', async () => {
    const { fetch } = fakeFetch(() => json(200, { access_token: 'new' }))
    const origins = ['https://mcp.lanonasis.com']
    expect(await renewTokens(contextFor(fetch), { ...opaque, origins })).toMatchObject({
      tokens: { origins },
    })
  })

  it('★16 sends a JWT pair to its own route, and an opaque one to the token endpoint', async () => {
    const platform = platformAt()
    const context = contextFor(platform.fetch)
    for (const family of ['opaque', 'jwt'] as const) {
      expect(await renewTokens(context, await issued(platform, family))).toMatchObject({
        type: 'renewed',
        tokens: { kind: family },
      })
    }
    expect(platform.requests.map(({ path }) => path)).toEqual(['/oauth/token', '/v1/auth/refresh'])
    expect(platform.requests[1]?.body).toEqual({ refresh_token: expect.any(String) })
    expect(platform.requests[1]?.credential).toBe('none')
  })

  it('★16 never tries the route of the other family, whatever the right one says', async () => {
    for (const [tokens, route] of [
      [opaque, '/oauth/token'],
      [jwt, '/v1/auth/refresh'],
    ] as const) {
      for (const status of [400, 401, 404, 500]) {
        const { sent } = await renewAt(() => json(status, { error: 'invalid_grant' }), tokens)
        expect(sent.map(({ url }) => new URL(url).pathname)).toEqual([route])
      }
    }
  })

  it('★16 keeps a JWT session where its route is missing, as on older deployments', async () => {
    const platform = platformAt({ generation: 'roadmap' })
    const tokens = await issued(platform, 'jwt')
    const outcome = await renewTokens(contextFor(platform.fetch), tokens)
    expect(outcome).toMatchObject({ type: 'unavailable', error: { status: 404 } })
  })

  it('★16 uses the token endpoint of any other server, whose JWTs are only access tokens', async () => {
    const { fetch, sent } = fakeFetch(() => json(200, { access_token: 'new' }))
    const { server } = contextFor(fetch)
    const discovered = { ...server, discover: true, tokenRequestFormat: 'form' } as const
    await renewTokens(contextFor(fetch, { server: discovered }), jwt)
    expect(sent[0]?.url).toBe(`${gateway}/oauth/token`)
    expect(new URLSearchParams(sent[0]?.body).get('client_id')).toBe('lanonasis-cli')
  })

  it.each([
    ['invalid_grant', 400, opaque],
    ['invalid_grant', 401, opaque],
    ['INVALID_REFRESH_TOKEN', 401, jwt],
    ['REFRESH_TOKEN_EXPIRED', 401, jwt],
  ] as const)('is refused for good by %s (%i)', async (code, status, tokens) => {
    const { outcome } = await renewAt(() => json(status, { error: code, code }), tokens)
    expect(outcome.type).toBe('refused')
  })

  it.each([
    ['408', () => json(408, {}), 'timeout'],
    ['425', () => json(425, {}), 'service_unavailable'],
    [
      "the gateway's 429",
      () => json(429, { error: 'Too many', retryAfter: '15 minutes' }),
      'rate_limited',
    ],
    [
      'a 429 that calls itself invalid_grant',
      () => json(429, { error: 'invalid_grant' }),
      'rate_limited',
    ],
    ['500', () => json(500, { error: 'invalid_grant' }), 'server_error'],
    ['503', () => json(503, {}), 'service_unavailable'],
    ["a proxy's page", () => new Response('<html>', { status: 502 }), 'service_unavailable'],
    ['a 400 of another kind', () => json(400, { error: 'invalid_request' }), 'validation_failed'],
    ['a plain 401', () => json(401, {}), 'service_unavailable'],
    ['a 403', () => json(403, {}), 'forbidden'],
    ['a page of 403', () => htmlPage(403), 'service_unavailable'],
    ['a page that limits', () => htmlPage(429), 'rate_limited'],
    ['a redirect', () => redirectTo('https://evil.example.com/', 307), 'invalid_response'],
    ['a refused connection', () => lose('ECONNREFUSED'), 'network_error'],
    ['a name that is not known', () => lose('ENOTFOUND'), 'network_error'],
  ])('refuses nothing after %s', async (_what, answer, code) => {
    const { outcome, sent } = await renewAt(answer)
    expect(outcome).toMatchObject({ type: 'unavailable', error: { code } })
    expect(sent).toHaveLength(1)
  })

  it('knows how long a page asks to wait', async () => {
    const headers = { 'content-type': 'text/html', 'retry-after': '120' }
    const { outcome } = await renewAt(() => new Response('<html>', { status: 500, headers }))
    expect(outcome).toMatchObject({ type: 'unavailable', error: { retryAfterMs: 120_000 } })
  })

  it.each([
    ['a lost connection', () => lose('ECONNRESET'), 'network_error'],
    ['a success without a token', () => json(200, { ok: true }), 'invalid_response'],
    ['a success that is no JSON', () => new Response('<html>'), 'invalid_response'],
    ['a success that is a page', () => htmlPage(200), 'service_unavailable'],
  ])(
    'does not know what the server did after %s, and sends nothing again',
    async (_what, answer, code) => {
      const { outcome, sent } = await renewAt(answer)
      expect(outcome).toMatchObject({ type: 'ambiguous', error: { code, retryable: true } })
      expect(sent).toHaveLength(1)
    },
  )

  it('does not know what the server did after a timeout', async () => {
    const { fetch } = fakeFetch(() => new Promise<Response>(() => {}))
    const hanging = contextFor((input, init) =>
      Promise.race([
        fetch(input, init),
        new Promise<Response>((_, reject) => {
          init?.signal?.addEventListener('abort', () => reject(init.signal?.reason))
        }),
      ]),
    )
    const context = { ...hanging, transport: { ...hanging.transport, timeoutMs: 1 } }
    expect(await renewTokens(context, opaque)).toMatchObject({
      type: 'ambiguous',
      error: { code: 'timeout' },
    })
  })

  it('★7 does not carry the refresh token to where the token endpoint redirects', async () => {
    for (const tokens of [opaque, jwt]) {
      const { sent } = await renewAt(() => redirectTo('https://evil.example.com/', 307), tokens)
      expect(sent.map(({ redirect }) => redirect)).toEqual(['manual'])
    }
  })

  it('sends nothing without a refresh token', async () => {
    const { outcome, sent } = await renewAt(() => json(200, {}), {
      ...opaque,
      refreshToken: undefined,
    })
    expect(outcome).toMatchObject({ type: 'unavailable', error: { retryable: false } })
    expect(sent).toEqual([])
  })

  it('says nothing of the refresh token in its errors', async () => {
    const canary = { ...opaque, refreshToken: new Secret('canary'.repeat(10)) }
    const { outcome } = await renewAt(({ body }) => json(400, { error_description: body }), canary)
    expect(JSON.stringify(outcome)).not.toContain('canary')
  })
})

function lose(code: string): never {
  throw connectionError(code)
}

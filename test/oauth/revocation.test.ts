import { describe, expect, it } from 'vitest'
import { revokeTokens } from '../../src/oauth/revocation.ts'
import { failure } from '../support/async.ts'
import { fakeFetch, json } from '../support/fetches.ts'
import { contextFor, gateway, tokensOf } from '../support/oauth.ts'
import { platformAt } from '../support/setup.ts'

describe('revokeTokens', () => {
  it('★17 makes the cookie and the header that the gateway compares, anew for each request', async () => {
    const { fetch, sent } = fakeFetch(() => json(200, { revoked: true }))
    await revokeTokens(contextFor(fetch), tokensOf('access', 'refresh'))
    const pairs = sent.map(({ headers }) => [headers.get('cookie'), headers.get('x-csrf-token')])
    for (const [cookie, header] of pairs) expect(cookie).toBe(`csrf-token=${header}`)
    expect(new Set(pairs.map(([cookie]) => cookie)).size).toBe(sent.length)
    expect(sent[0]?.headers.get('x-csrf-token')?.length).toBeGreaterThan(20)
  })

  it('★17 ends both tokens at the gateway, the refresh token first', async () => {
    const platform = platformAt()
    const { accessToken, refreshToken } = await platform.issueTokens()
    await revokeTokens(contextFor(platform.fetch), tokensOf(accessToken, refreshToken))
    const requests = platform.requestsTo('POST /oauth/revoke')
    expect(requests.map(({ body }) => body)).toMatchObject([
      { token: refreshToken, token_type_hint: 'refresh_token' },
      { token: accessToken, token_type_hint: 'access_token' },
    ])
    expect(requests.map(({ status }) => status)).toEqual([200, 200])
    const refresh = await platform.fetch(`${gateway}/oauth/introspect`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ token: refreshToken }),
    })
    expect(await refresh.json()).toEqual({ active: false })
  })

  it('revokes the access token where there is no other', async () => {
    const { fetch, sent } = fakeFetch(() => json(200, {}))
    await revokeTokens(contextFor(fetch), tokensOf('access'))
    expect(sent.map(({ body }) => JSON.parse(body))).toMatchObject([{ token: 'access' }])
  })

  it('ends a JWT session by its own route', async () => {
    const platform = platformAt()
    const { accessToken, refreshToken } = await platform.issueTokens({ family: 'jwt' })
    await revokeTokens(contextFor(platform.fetch), tokensOf(accessToken, refreshToken))
    expect(platform.requests).toMatchObject([
      { path: '/v1/auth/logout', credential: 'bearer', status: 200 },
    ])
  })

  it('speaks plain RFC 7009 to any other server', async () => {
    const { fetch, sent } = fakeFetch(() => new Response(null))
    const { server } = contextFor(fetch)
    const discovered = { ...server, discover: true, tokenRequestFormat: 'form' } as const
    await revokeTokens(contextFor(fetch, { server: discovered }), tokensOf('access'))
    expect(sent[0]?.headers.has('cookie')).toBe(false)
    expect(Object.fromEntries(new URLSearchParams(sent[0]?.body))).toEqual({
      client_id: 'lanonasis-cli',
      token: 'access',
      token_type_hint: 'access_token',
    })
  })

  it.each([
    [403, 'forbidden'],
    [429, 'rate_limited'],
    [503, 'service_unavailable'],
  ])('fails when the server answers %i', async (status, code) => {
    const { fetch } = fakeFetch(() => json(status, {}))
    for (const tokens of [tokensOf('access', 'refresh'), tokensOf('a.b.c')]) {
      expect(await failure(revokeTokens(contextFor(fetch), tokens))).toMatchObject({ code })
    }
  })

  it('fails where there is no endpoint for it', async () => {
    const { fetch, sent } = fakeFetch(() => json(200, {}))
    const { server } = contextFor(fetch)
    const { revocation_endpoint: _, ...metadata } = server.metadata
    const context = contextFor(fetch, { server: { ...server, metadata } })
    expect(await failure(revokeTokens(context, tokensOf('access')))).toMatchObject({
      code: 'not_found',
    })
    expect(sent).toEqual([])
  })
})

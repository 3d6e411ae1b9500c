import { describe, expect, it } from 'vitest'
import { createPlatform, type Platform } from '../../src/testing.ts'
import { gateway, introspect, post, still } from './support.ts'

describe('the gateway', () => {
  it('describes itself, with a userinfo that is not there', async () => {
    const platform = createPlatform()
    const issuer = platform.endpoints.authGateway
    for (const name of ['oauth-authorization-server', 'openid-configuration']) {
      const metadata = await (await platform.fetch(`${issuer}/.well-known/${name}`)).json()
      expect(metadata).toMatchObject({ issuer, token_endpoint: `${issuer}/oauth/token` })
      if (name === 'openid-configuration') {
        expect((await platform.fetch(metadata.userinfo_endpoint)).status).toBe(404)
        const keys = await platform.fetch(metadata.jwks_uri)
        expect(await keys.json()).toEqual({ keys: [] })
      }
    }
  })

  it('calls itself by its address, whichever that is', async () => {
    const authGateway = 'https://auth.lanonasis.com:3005'
    const platform = createPlatform({ endpoints: { authGateway } })
    const response = await platform.fetch(`${authGateway}/.well-known/openid-configuration`)
    expect(await response.json()).toMatchObject({ issuer: authGateway })
    await expect(platform.fetch('https://auth.lanonasis.com/health')).rejects.toThrow(TypeError)
  })

  it('introspects a token in JSON and as a form', async () => {
    const platform = createPlatform()
    const { accessToken, expiresAt } = await platform.issueTokens()
    const response = await platform.fetch(gateway(platform, '/oauth/introspect'), {
      method: 'POST',
      body: new URLSearchParams({ token: accessToken }),
    })
    const described = await response.json()
    expect(described).toEqual(await introspect(platform, accessToken))
    expect(described).toMatchObject({
      active: true,
      client_id: 'lanonasis-cli',
      user_id: platform.users[0]?.id,
      exp: Math.floor(expiresAt / 1000),
    })
  })

  it('sees tokens expire and be revoked', async () => {
    const platform = createPlatform()
    const [first, second] = [await platform.issueTokens(), await platform.issueTokens()]
    const jwt = await platform.issueTokens({ family: 'jwt' })
    const active = async (token: string) => (await introspect(platform, token)).active
    platform.expireAccessTokens()
    expect([await active(first.accessToken), await active(jwt.accessToken)]).toEqual([false, false])
    expect(await active(first.refreshToken)).toBe(true)
    const other = await platform.issueTokens({ clientId: 'vscode-extension' })
    platform.revokeTokens('lanonasis-cli')
    expect([await active(second.refreshToken), await active(other.refreshToken)]).toEqual([
      false,
      true,
    ])
    platform.revokeTokens()
    expect(await active(other.refreshToken)).toBe(false)
  })

  it('ends an access token after 15 minutes, or when it is told', async () => {
    const platform = createPlatform({ accessTokenTtlMs: 5000, now: still })
    const { accessToken } = await platform.issueTokens()
    platform.clock.advance(4999)
    expect(await introspect(platform, accessToken)).toMatchObject({ active: true })
    platform.clock.advance(1)
    expect(await introspect(platform, accessToken)).toEqual({ active: false })
  })
})

describe('the legacy bridge', () => {
  const call = (platform: Platform, route: string, token: string) =>
    post(platform, gateway(platform, route), { body: { token } })

  it('is not deployed', async () => {
    const platform = createPlatform()
    const token = await platform.issueLegacyToken()
    expect((await call(platform, '/legacy/exchange', token)).status).toBe(404)
    expect((await call(platform, '/legacy/introspect', token)).status).toBe(404)
  })

  it('exchanges an old token for a pair where it is', async () => {
    const platform = createPlatform({ legacyBridge: true })
    const token = await platform.issueLegacyToken()
    const described = await (await call(platform, '/legacy/introspect', token)).json()
    expect(described).toMatchObject({ active: true, user: { email: 'ada@example.com' } })
    const pair = await (await call(platform, '/legacy/exchange', token)).json()
    expect(await introspect(platform, pair.access_token)).toMatchObject({ active: true })
    expect((await call(platform, '/legacy/exchange', 'x')).status).toBe(401)
  })
})

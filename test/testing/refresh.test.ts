import { describe, expect, it } from 'vitest'
import { createPlatform } from '../../src/testing.ts'
import { gateway, introspect, post, refresh } from './support.ts'

const free = { limits: false } as const

async function refreshJwt(platform: ReturnType<typeof createPlatform>, refreshToken: string) {
  return post(platform, gateway(platform, '/v1/auth/refresh'), {
    body: { refresh_token: refreshToken },
  })
}

describe('refreshing an opaque pair', () => {
  it('kills the old refresh and the old access token at once (trap 13)', async () => {
    const platform = createPlatform(free)
    const old = await platform.issueTokens()
    const renewed = await (await refresh(platform, old.refreshToken)).json()
    expect(await introspect(platform, old.accessToken)).toEqual({ active: false })
    expect(await introspect(platform, renewed.access_token)).toMatchObject({ active: true })
    const replay = await refresh(platform, old.refreshToken)
    expect(replay.status).toBe(400)
    expect(await replay.json()).toMatchObject({ error: 'invalid_grant' })
  })

  it('leaves the family alive after a replay', async () => {
    const platform = createPlatform(free)
    const old = await platform.issueTokens()
    const renewed = await (await refresh(platform, old.refreshToken)).json()
    await refresh(platform, old.refreshToken)
    expect((await refresh(platform, renewed.refresh_token)).status).toBe(200)
  })

  it('can kill the family after a replay, as other servers do', async () => {
    const platform = createPlatform({ ...free, rotation: 'kill-family' })
    const old = await platform.issueTokens()
    const renewed = await (await refresh(platform, old.refreshToken)).json()
    await refresh(platform, old.refreshToken)
    expect(await introspect(platform, renewed.access_token)).toEqual({ active: false })
    expect((await refresh(platform, renewed.refresh_token)).status).toBe(400)
  })

  it('lets one of eight parallel requests through', async () => {
    const platform = createPlatform(free)
    const { refreshToken } = await platform.issueTokens()
    const responses = await Promise.all(
      Array.from({ length: 8 }, () => refresh(platform, refreshToken)),
    )
    expect(responses.map(({ status }) => status).sort()).toEqual([200, ...Array(7).fill(400)])
  })

  it('is bound to the client, and a stranger does no harm (trap 14)', async () => {
    const platform = createPlatform(free)
    const { refreshToken } = await platform.issueTokens({ clientId: 'lanonasis-cli' })
    expect((await refresh(platform, refreshToken, 'vscode-extension')).status).toBe(400)
    expect((await refresh(platform, refreshToken)).status).toBe(200)
  })

  it('may narrow the scope and not widen it', async () => {
    const platform = createPlatform(free)
    const { refreshToken } = await platform.issueTokens({ scope: 'memories:read' })
    const request = (scope: string) =>
      post(platform, gateway(platform, '/oauth/token'), {
        body: {
          grant_type: 'refresh_token',
          refresh_token: refreshToken,
          client_id: 'lanonasis-cli',
          scope,
        },
      })
    const wider = await request('memories:write')
    expect(await wider.json()).toMatchObject({ error: 'invalid_scope' })
    expect((await request('memories:read')).status).toBe(200)
  })

  it('ends after 30 days', async () => {
    const platform = createPlatform(free)
    const { refreshToken } = await platform.issueTokens()
    platform.clock.advance(30 * 24 * 3_600_000)
    expect((await refresh(platform, refreshToken)).status).toBe(400)
  })
})

describe('the JWT family', () => {
  it('refreshes at its own endpoint, and rotates', async () => {
    const platform = createPlatform(free)
    const old = await platform.issueTokens({ family: 'jwt' })
    const response = await refreshJwt(platform, old.refreshToken)
    expect(response.status).toBe(200)
    const renewed = await response.json()
    expect(renewed.access_token.split('.')).toHaveLength(3)
    expect(await introspect(platform, old.accessToken)).toEqual({ active: false })
    expect((await refreshJwt(platform, old.refreshToken)).status).toBe(401)
  })

  it('looks dead at the endpoint of the other family, both ways (trap 16)', async () => {
    const platform = createPlatform(free)
    const jwt = await platform.issueTokens({ family: 'jwt' })
    const opaque = await platform.issueTokens()
    const wrong = await refresh(platform, jwt.refreshToken)
    expect([wrong.status, await wrong.json()]).toMatchObject([400, { error: 'invalid_grant' }])
    const other = await refreshJwt(platform, opaque.refreshToken)
    expect([other.status, await other.json()]).toMatchObject([
      401,
      { code: 'INVALID_REFRESH_TOKEN' },
    ])
    expect((await refreshJwt(platform, jwt.refreshToken)).status).toBe(200)
    expect((await refresh(platform, opaque.refreshToken)).status).toBe(200)
  })

  it('has no refresh endpoint on older deployments', async () => {
    const platform = createPlatform({ generation: 'roadmap' })
    const { refreshToken } = await platform.issueTokens({ family: 'jwt' })
    expect((await refreshJwt(platform, refreshToken)).status).toBe(404)
  })

  it('comes from the password sign-in too', async () => {
    const platform = createPlatform()
    const response = await post(platform, gateway(platform, '/v1/auth/login'), {
      body: { email: 'ada@example.com', password: 'correct horse' },
    })
    const { access_token } = await response.json()
    const claims = JSON.parse(atob(access_token.split('.')[1]))
    expect(claims).toMatchObject({ email: 'ada@example.com', sub: platform.users[0]?.id })
    const introspection = await introspect(platform, access_token)
    expect(introspection).toMatchObject({ active: true, email: 'ada@example.com' })
    expect(introspection).not.toHaveProperty('client_id')
  })
})

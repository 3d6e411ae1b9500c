import { describe, expect, it } from 'vitest'
import { createPlatform, type Platform } from '../../src/testing.ts'
import { gateway, introspect, post } from './support.ts'

const pair = { cookie: 'csrf-token=abc', 'x-csrf-token': 'abc' }
const revoke = (platform: Platform, body: object, headers: Record<string, string> = pair) =>
  post(platform, gateway(platform, '/oauth/revoke'), { body, headers })

describe('revoking', () => {
  it.each([
    ['neither half', {}],
    ['the cookie alone', { cookie: pair.cookie }],
    ['the header alone', { 'x-csrf-token': 'abc' }],
    ['two different halves', { ...pair, 'x-csrf-token': 'other' }],
  ])('needs a double submit: %s is not enough (trap 17)', async (_, headers) => {
    const platform = createPlatform()
    const { refreshToken: token, accessToken } = await platform.issueTokens()
    expect((await revoke(platform, { token }, headers)).status).toBe(403)
    expect(await introspect(platform, accessToken)).toMatchObject({ active: true })
  })

  it('a refresh token ends its access token too', async () => {
    const platform = createPlatform()
    const { refreshToken: token, accessToken } = await platform.issueTokens()
    const response = await revoke(platform, { token, token_type_hint: 'refresh_token' })
    expect(await response.json()).toEqual({ revoked: true })
    expect(await introspect(platform, accessToken)).toEqual({ active: false })
  })

  it('an access token leaves the refresh token alive', async () => {
    const platform = createPlatform()
    const { refreshToken, accessToken: token } = await platform.issueTokens()
    expect(await (await revoke(platform, { token })).json()).toEqual({ revoked: true })
    expect(await introspect(platform, token)).toEqual({ active: false })
    expect(await introspect(platform, refreshToken)).toMatchObject({ active: true })
  })

  it('finds nothing by a wrong hint, and no unknown token', async () => {
    const platform = createPlatform()
    const { refreshToken: token } = await platform.issueTokens()
    const wrong = await revoke(platform, { token, token_type_hint: 'access_token' })
    expect(await wrong.json()).toEqual({ revoked: false })
    expect(await (await revoke(platform, { token: 'x' })).json()).toEqual({ revoked: false })
  })
})

describe('logging out', () => {
  const logout = async (platform: Platform, token: string) =>
    (
      await post(platform, gateway(platform, '/v1/auth/logout'), {
        headers: { authorization: `Bearer ${token}` },
      })
    ).json()

  it('ends a session of the JWT family', async () => {
    const platform = createPlatform()
    const { accessToken } = await platform.issueTokens({ family: 'jwt' })
    expect(await logout(platform, accessToken)).toEqual({ success: true, revoked: true })
    expect(await introspect(platform, accessToken)).toEqual({ active: false })
  })

  it('does not revoke an opaque token', async () => {
    const platform = createPlatform()
    const { accessToken } = await platform.issueTokens()
    expect(await logout(platform, accessToken)).toEqual({ success: true, revoked: false })
    expect(await introspect(platform, accessToken)).toMatchObject({ active: true })
  })
})

import { describe, expect, it } from 'vitest'
import { createPlatform, type Platform } from '../../src/testing.ts'
import { gateway, post } from './support.ts'

const start = async (platform: Platform) => {
  const body = { client_id: 'lanonasis-cli', scope: 'memories:read' }
  return (await post(platform, gateway(platform, '/oauth/device'), { body })).json()
}

const poll = async (platform: Platform, deviceCode: string, clientId = 'lanonasis-cli') => {
  const response = await post(platform, gateway(platform, '/oauth/token'), {
    body: {
      grant_type: 'urn:ietf:params:oauth:grant-type:device_code',
      device_code: deviceCode,
      client_id: clientId,
    },
  })
  return { status: response.status, body: await response.json() }
}

describe('the device flow', () => {
  it('gives a device its codes', async () => {
    expect(await start(createPlatform())).toEqual({
      device_code: expect.stringMatching(/^[\w-]{43}$/),
      user_code: expect.stringMatching(/^[A-Z]{4}-\d{4}$/),
      verification_uri: 'https://auth.lanonasis.com/oauth/device',
      verification_uri_complete: expect.stringMatching(/\/oauth\/device\?code=[A-Z]{4}-\d{4}$/),
      expires_in: 900,
      interval: 5,
    })
  })

  it('ends in the JWT family, with a project scope for a scope (trap 18)', async () => {
    const platform = createPlatform()
    const { device_code, verification_uri_complete } = await start(platform)
    expect(await poll(platform, device_code)).toMatchObject({
      status: 400,
      body: { error: 'authorization_pending' },
    })
    expect(await platform.approveDevice(verification_uri_complete)).toContain('Device connected')
    const done = await poll(platform, device_code)
    expect(done).toMatchObject({ status: 200, body: { scope: 'lanonasis-maas' } })
    expect(done.body.access_token.split('.')).toHaveLength(3)
    expect(await poll(platform, device_code)).toMatchObject({ body: { error: 'expired_token' } })
  })

  it('takes a code that the person types, in any case', async () => {
    const platform = createPlatform()
    const { device_code, verification_uri, user_code } = await start(platform)
    await platform.approveDevice(verification_uri, { userCode: user_code.toLowerCase() })
    expect((await poll(platform, device_code)).status).toBe(200)
  })

  it('can be declined', async () => {
    const platform = createPlatform()
    const { device_code, verification_uri_complete } = await start(platform)
    await platform.approveDevice(verification_uri_complete, { decline: true })
    expect(await poll(platform, device_code)).toMatchObject({ body: { error: 'access_denied' } })
  })

  it('ends after 15 minutes', async () => {
    const platform = createPlatform()
    const { device_code, verification_uri_complete } = await start(platform)
    platform.clock.advance(900_000)
    expect(await poll(platform, device_code)).toMatchObject({ body: { error: 'expired_token' } })
    await expect(platform.approveDevice(verification_uri_complete)).rejects.toThrow('expired code')
  })

  it('belongs to the client that started it', async () => {
    const platform = createPlatform()
    const { device_code } = await start(platform)
    expect(await poll(platform, device_code, 'vscode-extension')).toMatchObject({
      body: { error: 'invalid_client' },
    })
  })

  it('says slow_down only when the limiter does', async () => {
    const platform = createPlatform({ limits: { devicePolls: { max: 2, windowMs: 60_000 } } })
    const { device_code } = await start(platform)
    await poll(platform, device_code)
    await poll(platform, device_code)
    expect(await poll(platform, device_code)).toMatchObject({
      status: 429,
      body: { error: 'slow_down' },
    })
  })
})

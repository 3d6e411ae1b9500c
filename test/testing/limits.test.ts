import { describe, expect, it } from 'vitest'
import { createPlatform } from '../../src/testing.ts'
import { gateway, post, refresh, still } from './support.ts'

/** Requests with a dead token count as much as any. */
const attempt = (platform: ReturnType<typeof createPlatform>) => refresh(platform, 'dead')

describe("the gateway's limits (trap 15)", () => {
  it('lets 5 token requests in 15 minutes through from one address, and says how long to wait', async () => {
    const platform = createPlatform({ limits: { tokenPerClient: false }, now: still })
    for (let count = 0; count < 5; count++) expect((await attempt(platform)).status).toBe(400)
    const limited = await attempt(platform)
    expect(limited.status).toBe(429)
    expect(limited.headers.get('retry-after')).toBe('900')
    expect(limited.headers.get('ratelimit-reset')).toBe('900')
    expect(await limited.json()).toMatchObject({
      code: 'AUTH_RATE_LIMITED',
      retryAfter: '15 minutes',
    })
    platform.clock.advance(15 * 60_000)
    expect((await attempt(platform)).status).toBe(400)
  })

  it('lets 5 a minute through for one client, and does not say how long to wait', async () => {
    const platform = createPlatform({ limits: { tokenPerAddress: false } })
    for (let count = 0; count < 5; count++) expect((await attempt(platform)).status).toBe(400)
    const limited = await attempt(platform)
    expect(limited.status).toBe(429)
    expect(limited.headers.has('retry-after')).toBe(false)
    expect(await limited.json()).toMatchObject({ error_description: 'Rate limit exceeded' })
    expect((await refresh(platform, 'dead', 'vscode-extension')).status).toBe(400)
    platform.clock.advance(60_000)
    expect((await attempt(platform)).status).toBe(400)
  })

  it('counts per address by X-Forwarded-For', async () => {
    const platform = createPlatform({ limits: { tokenPerClient: false } })
    const from = (address: string) =>
      post(platform, gateway(platform, '/oauth/token'), {
        body: { grant_type: 'refresh_token', refresh_token: 'dead', client_id: 'lanonasis-cli' },
        headers: { 'x-forwarded-for': address },
      })
    for (let count = 0; count < 5; count++) await from('192.0.2.1')
    expect((await from('192.0.2.1')).status).toBe(429)
    expect((await from('192.0.2.2')).status).toBe(400)
  })

  it('lets 20 introspections a minute through', async () => {
    const platform = createPlatform({ now: still })
    const ask = () =>
      post(platform, gateway(platform, '/oauth/introspect'), { body: { token: 'x' } })
    for (let count = 0; count < 20; count++) expect((await ask()).status).toBe(200)
    const limited = await ask()
    expect(limited.status).toBe(429)
    expect(limited.headers.get('x-ratelimit-reset')).toBe('60')
    expect(await limited.json()).toMatchObject({ retry_after: 60 })
  })

  it('can be switched off', async () => {
    const platform = createPlatform({ limits: false })
    for (let count = 0; count < 30; count++) expect((await attempt(platform)).status).toBe(400)
  })
})

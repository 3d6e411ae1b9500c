import { describe, expect, it } from 'vitest'
import { createPlatform } from '../../src/testing.ts'
import { gateway, mcp, post } from './support.ts'

const dashboard = 'https://dashboard.lanonasis.com'

describe('pages of other origins (trap 8)', () => {
  it('may call the gateway from the list, without X-API-Key', async () => {
    const platform = createPlatform()
    const preflight = await platform.fetch(gateway(platform, '/oauth/token'), {
      method: 'OPTIONS',
      headers: { origin: dashboard, 'access-control-request-headers': 'x-api-key' },
    })
    expect(preflight.status).toBe(204)
    expect(preflight.headers.get('access-control-allow-origin')).toBe(dashboard)
    expect(preflight.headers.get('access-control-allow-headers')).not.toMatch(/api-key/i)
  })

  it('get a 500 on /oauth/* when they are not on the list, and no CORS headers elsewhere', async () => {
    const platform = createPlatform()
    const headers = { origin: 'https://other.example' }
    const refused = await post(platform, gateway(platform, '/oauth/introspect'), {
      body: { token: 'x' },
      headers,
    })
    expect([refused.status, await refused.json()]).toMatchObject([500, { code: 'INTERNAL_ERROR' }])
    const other = await platform.fetch(gateway(platform, '/health'), { headers })
    expect([other.status, other.headers.has('access-control-allow-origin')]).toEqual([200, false])
  })

  it('may be other ones', async () => {
    const platform = createPlatform({ corsOrigins: ['http://localhost:5173'] })
    const headers = { origin: 'http://localhost:5173' }
    const response = await platform.fetch(gateway(platform, '/health'), { headers })
    expect(response.headers.get('access-control-allow-origin')).toBe('http://localhost:5173')
  })

  it('may come later, when their address is known', async () => {
    const platform = createPlatform({ corsOrigins: [] })
    const allowed = async () => {
      const headers = { origin: 'http://localhost:5173' }
      const response = await platform.fetch(gateway(platform, '/health'), { headers })
      return response.headers.get('access-control-allow-origin')
    }
    expect(await allowed()).toBeNull()
    platform.allowOrigin('http://localhost:5173')
    expect(await allowed()).toBe('http://localhost:5173')
  })

  it('may call MCP Core without X-Request-ID', async () => {
    const platform = createPlatform()
    const headers = { origin: dashboard }
    const preflight = await platform.fetch(mcp(platform, '/memory'), { method: 'OPTIONS', headers })
    const allowed = preflight.headers.get('access-control-allow-headers')
    expect(allowed).toMatch(/x-api-key/i)
    expect(allowed).not.toMatch(/request-id/i)
  })
})

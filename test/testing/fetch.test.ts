import { describe, expect, it } from 'vitest'
import { createPlatform } from '../../src/testing.ts'
import { gateway, mcp } from './support.ts'

const redirectTo = (location: string, status = 307) => ({ status, headers: { location } })

describe("the platform's fetch", () => {
  it('rejects as an unreachable network for any other origin, and logs the attempt', async () => {
    const platform = createPlatform()
    const headers = { 'x-api-key': 'secret' }
    const lost = platform.fetch('https://evil.example/x', { headers })
    await expect(lost).rejects.toThrow(new TypeError('fetch failed'))
    await expect(lost).rejects.toMatchObject({ cause: { code: 'ENOTFOUND' } })
    expect(platform.requests).toMatchObject([{ service: 'unknown', headers, acted: false }])
  })

  it('does not serve a path that is doubled or cut short (trap 2)', async () => {
    const platform = createPlatform()
    for (const url of [
      'https://mcp.lanonasis.com/api/v1/api/v1/memory',
      'https://mcp.lanonasis.com/memory',
      'https://mcp.lanonasis.com/api/v1//memory',
    ]) {
      expect((await platform.fetch(url)).status).toBe(404)
    }
  })

  it('gives a redirect itself in manual mode, and rejects in error mode', async () => {
    const platform = createPlatform()
    platform.order({ match: 'GET /memory', action: redirectTo('/elsewhere') })
    const manual = await platform.fetch(mcp(platform, '/memory'), { redirect: 'manual' })
    expect([manual.status, manual.headers.get('location')]).toEqual([307, '/elsewhere'])
    const error = platform.fetch(mcp(platform, '/memory'), { redirect: 'error' })
    await expect(error).rejects.toThrow(TypeError)
  })

  it('leaves Authorization behind at another origin and carries X-API-Key along (trap 7)', async () => {
    const platform = createPlatform()
    platform.order({ match: 'POST /memory', action: redirectTo('https://evil.example/') })
    const attempt = platform.fetch(mcp(platform, '/memory'), {
      method: 'POST',
      headers: {
        authorization: 'Bearer token',
        'x-api-key': 'key',
        'content-type': 'application/json',
      },
      body: '{"a":1}',
    })
    await expect(attempt).rejects.toThrow('fetch failed')
    expect(platform.requests.at(-1)).toMatchObject({
      url: 'https://evil.example/',
      method: 'POST',
      credential: 'api-key',
      body: { a: 1 },
    })
  })

  it('follows at the same origin, and turns a POST into a GET where fetch does', async () => {
    const platform = createPlatform()
    platform.order({ match: 'POST /memory', action: redirectTo(mcp(platform, '/health'), 303) })
    const response = await platform.fetch(mcp(platform, '/memory'), {
      method: 'POST',
      headers: { authorization: 'Bearer token' },
      body: 'x',
    })
    expect(response).toMatchObject({ status: 200, redirected: true, url: mcp(platform, '/health') })
    const last = platform.requests.at(-1)
    expect(last).toMatchObject({ method: 'GET', credential: 'bearer', contentType: undefined })
  })

  it('gives up after 20 redirects', async () => {
    const platform = createPlatform()
    platform.order({ match: '*', action: redirectTo('/api/v1/memory') })
    await expect(platform.fetch(mcp(platform, '/memory'))).rejects.toThrow('fetch failed')
    expect(platform.requests).toHaveLength(21)
  })

  it('rejects with the reason of an aborted signal, before and while waiting', async () => {
    const platform = createPlatform()
    const reason = new Error('enough')
    const before = platform.fetch(mcp(platform, '/health'), { signal: AbortSignal.abort(reason) })
    await expect(before).rejects.toBe(reason)
    expect(platform.requests).toHaveLength(0)

    platform.order({ match: '*', action: 'hang' })
    const controller = new AbortController()
    const waiting = platform.fetch(mcp(platform, '/health'), { signal: controller.signal })
    queueMicrotask(() => controller.abort(reason))
    await expect(waiting).rejects.toBe(reason)
  })

  it('takes a Request, with its body', async () => {
    const platform = createPlatform()
    const body = JSON.stringify({ token: 'x' })
    const headers = { 'content-type': 'application/json' }
    const url = gateway(platform, '/oauth/introspect')
    const response = await platform.fetch(new Request(url, { method: 'POST', headers, body }))
    expect(await response.json()).toEqual({ active: false })
  })

  it('echoes a request id, or gives one', async () => {
    const platform = createPlatform()
    const headers = { 'x-request-id': 'mine-1' }
    const echoed = await platform.fetch(gateway(platform, '/health'), { headers })
    expect(echoed.headers.get('x-request-id')).toBe('mine-1')
    const given = await platform.fetch(gateway(platform, '/health'))
    expect(given.headers.get('x-request-id')).toBe(platform.requests.at(-1)?.requestId)
  })
})

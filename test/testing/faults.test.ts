import { describe, expect, it } from 'vitest'
import { createPlatform, type FaultAction } from '../../src/testing.ts'
import { introspect, mcp, refresh } from './support.ts'

const match = 'POST /oauth/token'

async function setUp(action: FaultAction) {
  const platform = createPlatform({ limits: false })
  const tokens = await platform.issueTokens()
  platform.order({ match, times: 1, action })
  return { platform, tokens }
}

describe('an ordered fault', () => {
  it.each([
    ['refuse', 'ECONNREFUSED'],
    ['drop', 'UND_ERR_SOCKET'],
  ] as const)('%s: the server sees nothing', async (action, code) => {
    const { platform, tokens } = await setUp(action)
    await expect(refresh(platform, tokens.refreshToken)).rejects.toMatchObject({
      name: 'TypeError',
      cause: { code },
    })
    expect(platform.requestsTo(match)).toMatchObject([{ acted: false, status: 0 }])
    expect((await refresh(platform, tokens.refreshToken)).status).toBe(200)
  })

  it('lose-answer: the server acts', async () => {
    const { platform, tokens } = await setUp('lose-answer')
    await expect(refresh(platform, tokens.refreshToken)).rejects.toThrow('fetch failed')
    expect(platform.requestsTo(match)).toMatchObject([{ acted: true, status: 0 }])
    expect((await refresh(platform, tokens.refreshToken)).status).toBe(400)
  })

  it('cut-answer: the server acts and half of its answer arrives', async () => {
    const { platform, tokens } = await setUp('cut-answer')
    const response = await refresh(platform, tokens.refreshToken)
    expect(response.status).toBe(200)
    await expect(response.json()).rejects.toMatchObject({ cause: { code: 'UND_ERR_SOCKET' } })
    expect(await introspect(platform, tokens.accessToken)).toEqual({ active: false })
  })

  it('html: a proxy answers', async () => {
    const { platform, tokens } = await setUp('html')
    const response = await refresh(platform, tokens.refreshToken)
    expect([response.status, response.headers.get('content-type')]).toEqual([502, 'text/html'])
    expect(await response.text()).toContain('502 Bad Gateway')
  })

  it('a status of choice, with body and headers', async () => {
    const headers = { 'retry-after': '7' }
    const { platform, tokens } = await setUp({ status: 503, body: { error: 'busy' }, headers })
    const response = await refresh(platform, tokens.refreshToken)
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '7'])
    expect(await response.json()).toEqual({ error: 'busy' })
    expect(platform.requestsTo(match)).toMatchObject([{ acted: false, status: 503 }])
  })

  it('a delay passes as the test wants it, and adds to another fault', async () => {
    const waited: number[] = []
    const platform = createPlatform({ wait: async (ms) => void waited.push(ms) })
    platform.order({ match: '*', times: 1, action: { delayMs: 5000 } })
    platform.order({ match: '*', times: 1, action: { status: 500 } })
    expect((await platform.fetch(mcp(platform, '/health'))).status).toBe(500)
    expect(waited).toEqual([5000])
    expect((await platform.fetch(mcp(platform, '/health'))).status).toBe(200)
  })

  it('who gives up during a delay has sent the request all the same', async () => {
    const { platform, tokens } = await setUp({ delayMs: 60_000 })
    const controller = new AbortController()
    const { fetch } = platform
    const body = JSON.stringify({
      grant_type: 'refresh_token',
      refresh_token: tokens.refreshToken,
      client_id: 'lanonasis-cli',
    })
    const request = fetch(`${platform.endpoints.authGateway}/oauth/token`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
      signal: controller.signal,
    })
    await Promise.resolve()
    controller.abort()
    await expect(request).rejects.toMatchObject({ name: 'AbortError' })
    expect(await introspect(platform, tokens.accessToken)).toEqual({ active: false })
  })

  it('can be taken back', async () => {
    const platform = createPlatform()
    const cancel = platform.order({ match: '*', action: 'html' })
    expect((await platform.fetch(mcp(platform, '/health'))).status).toBe(502)
    cancel()
    expect((await platform.fetch(mcp(platform, '/health'))).status).toBe(200)
  })

  it.each([
    ['GET /health', true],
    ['get /health', true],
    ['/health', true],
    ['* /heal*', true],
    ['GET /api/v1/health', true],
    ['*', true],
    ['POST /health', false],
    ['/healt', false],
    ['/h.alth', false],
  ])('%s fits GET /health: %s', async (pattern, fits) => {
    const platform = createPlatform({ faults: [{ match: pattern, action: { status: 418 } }] })
    const response = await platform.fetch(mcp(platform, '/health'))
    expect(response.status).toBe(fits ? 418 : 200)
    expect(platform.requestsTo(pattern)).toHaveLength(fits ? 1 : 0)
  })

  it('may be for one service only', async () => {
    const platform = createPlatform()
    platform.order({ match: '/health', service: 'restApi', action: 'html' })
    expect((await platform.fetch(mcp(platform, '/health'))).status).toBe(200)
    expect((await platform.fetch(`${platform.endpoints.restApi}/health`)).status).toBe(502)
  })
})

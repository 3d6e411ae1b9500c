import { connect } from 'node:net'
import { describe, expect, it } from 'vitest'
import { createClient } from '../../../src/node.ts'
import { type ServePlatformOptions, servePlatform } from '../../../src/testing-node.ts'
import { authorizeUrl, gateway, introspect, mcp, refresh } from '../../testing/support.ts'
import { wholeRun } from '../../testing/whole-run.ts'

describe('the platform on sockets', () => {
  it.each(['roadmap', '2026'] as const)(
    'serves a whole life of a client (%s)',
    async (generation) => {
      await using platform = await servePlatform({ generation })
      await wholeRun(platform, generation)
    },
  )

  it('has an origin for each service, and says so by environment variables', async () => {
    await using platform = await servePlatform()
    const { authGateway, mcpHttp, mcpWs, mcpSse, restApi } = platform.endpoints
    expect(platform.env).toEqual({
      AUTH_GATEWAY_URL: authGateway,
      MCP_HTTP_URL: mcpHttp,
      MCP_WS_URL: mcpWs,
      MCP_SSE_URL: mcpSse,
      API_BASE_URL: restApi,
    })
    const hosts = [authGateway, mcpHttp, restApi].map((url) => new URL(url).host)
    expect(new Set(hosts).size).toBe(3)
    expect([new URL(mcpWs).host, new URL(mcpSse).host]).toEqual([hosts[1], hosts[1]])
    expect([mcpWs, mcpSse].map((url) => new URL(url).pathname)).toEqual(['/ws', '/api/v1/events'])
    for (const url of [authGateway, mcpHttp, restApi]) {
      expect((await fetch(`${url}/health`)).status).toBe(200)
    }
  })

  it('leads a client to its sockets, and to nothing within the process', async () => {
    await using platform = await servePlatform()
    expect(Object.keys(platform.clientOptions).sort()).toEqual([
      'clientId',
      'endpoints',
      'env',
      'now',
    ])
    await using client = createClient(await platform.signedIn())
    const { content } = await client.mcp.socket().callTool('list_memories')
    expect(content).toHaveLength(1)
    expect(platform.realtime.sockets).toHaveLength(1)
  })

  it('signs a person in over the network, in the generations without a redirect too', async () => {
    await using platform = await servePlatform({ authorize: 'login_required' })
    await expect(platform.signIn(authorizeUrl(platform))).rejects.toThrow(/401.*login_required/)
    const login = new URL(gateway(platform, '/web/login'))
    login.searchParams.set('return_to', authorizeUrl(platform).href)
    expect(await platform.signIn(login)).toContain('code=')
    expect(platform.requestsTo('POST /web/login')).toHaveLength(1)
  })

  it.each(['refuse', 'drop', 'lose-answer'] as const)('loses a connection (%s)', async (action) => {
    await using platform = await servePlatform({ limits: false })
    const tokens = await platform.issueTokens()
    platform.order({ match: 'POST /oauth/token', times: 1, action })
    await expect(refresh(platform, tokens.refreshToken)).rejects.toThrow('fetch failed')
    const acted = action === 'lose-answer'
    expect(platform.requestsTo('POST /oauth/token')).toMatchObject([{ acted, status: 0 }])
    expect((await introspect(platform, tokens.accessToken)).active).toBe(!acted)
  })

  it('cuts an answer', async () => {
    await using platform = await servePlatform({ limits: false })
    const { refreshToken } = await platform.issueTokens()
    platform.order({ match: 'POST /oauth/token', action: 'cut-answer' })
    const response = await refresh(platform, refreshToken)
    expect(response.status).toBe(200)
    await expect(response.text()).rejects.toThrow('terminated')
  })

  it('keeps a client waiting until it gives up, and can still be closed', async () => {
    const platform = await servePlatform()
    platform.order({ match: 'GET /health', action: 'hang' })
    const signal = AbortSignal.timeout(50)
    const waiting = fetch(mcp(platform, '/health'), { signal })
    await expect(waiting).rejects.toMatchObject({ name: 'TimeoutError' })
    const forever = fetch(mcp(platform, '/health'))
    const lost = expect(forever).rejects.toThrow('fetch failed')
    while (platform.requests.length < 2) await new Promise((resolve) => setTimeout(resolve, 5))
    await platform.close()
    await lost
    await expect(fetch(mcp(platform, '/health'))).rejects.toThrow('fetch failed')
  })

  it('does not take //memory for a host', async () => {
    await using platform = await servePlatform()
    const { port, host } = new URL(platform.endpoints.mcpHttp)
    const socket = connect(Number(port), '127.0.0.1')
    socket.end(`GET //memory HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`)
    const chunks: Buffer[] = []
    for await (const chunk of socket) chunks.push(chunk)
    expect(Buffer.concat(chunks).toString()).toMatch(/^HTTP\/1\.1 404 /)
    expect(platform.requests).toMatchObject([{ path: '//memory' }])
  })

  it('listens where it is told, and rejects where somebody else does', async () => {
    await using platform = await servePlatform()
    const port = Number(new URL(platform.endpoints.authGateway).port)
    const taken: ServePlatformOptions = { ports: { restApi: port } }
    await expect(servePlatform(taken)).rejects.toMatchObject({ code: 'EADDRINUSE' })
    await platform.close()
    await using other = await servePlatform({ ports: { authGateway: port } })
    expect(other.env.AUTH_GATEWAY_URL).toBe(`http://127.0.0.1:${port}`)
  })
})

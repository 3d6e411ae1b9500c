import { describe, expect, it } from 'vitest'
import { presets } from '../../src/endpoints/presets.ts'
import { lanonasisPolicy, resourcePolicy } from '../../src/http/policy.ts'

const node = lanonasisPolicy(presets.production, { browser: false })
const page = lanonasisPolicy(presets.production, { browser: true })
const use = (policy: typeof node, url: string) => policy(new URL(url))?.use

describe('lanonasisPolicy', () => {
  it.each([
    // Key management, wherever it lives.
    ['https://mcp.lanonasis.com/api/v1/auth/api-keys', 'bearer'],
    ['https://mcp.lanonasis.com/api/v1/auth/api-keys/1/rotate', 'bearer'],
    ['https://auth.lanonasis.com/api/v1/api-keys', 'bearer'],
    ['https://api.lanonasis.com/api/v1/api-keys/1', 'bearer'],
    // The gateway.
    ['https://auth.lanonasis.com/v1/auth/introspect', 'bearer'],
    ['https://auth.lanonasis.com/oauth/introspect', 'bearer'],
    // MCP Core over HTTP, WebSocket and SSE.
    ['https://mcp.lanonasis.com/api/v1/memory', 'key-first'],
    ['https://mcp.lanonasis.com/api/v1', 'key-first'],
    ['wss://mcp.lanonasis.com/ws', 'key-first'],
    ['https://mcp.lanonasis.com/ws', 'key-first'],
    ['https://mcp.lanonasis.com/api/v1/events', 'key-first'],
    ['https://mcp.lanonasis.com/api/v1/api-keys-guide', 'key-first'],
    // The REST API.
    ['https://api.lanonasis.com/api/v1/memory', 'key-first'],
    ['https://api.lanonasis.com/api/v1/memories/1', 'key-first'],
    ['https://api.lanonasis.com/api/v1/memorial', 'bearer'],
    ['https://api.lanonasis.com/api/v1/projects', 'bearer'],
  ])('★5 gives %s one credential: %s', (url, expected) => {
    expect(use(node, url)).toBe(expected)
  })

  it.each([
    'https://example.com/api/v1/memory',
    'https://mcp.lanonasis.com.example.com/api/v1/memory',
    'https://lanonasis.com/api-keys',
    'https://auth.lanonasis.com:3005/oauth/introspect',
    'http://auth.lanonasis.com/oauth/introspect',
    'http://mcp.lanonasis.com/api/v1/memory',
  ])('★5 has nothing for %s', (url) => {
    expect(use(node, url)).toBeUndefined()
  })

  it('★8 prefers the token on a page, where MCP Core is concerned', () => {
    for (const path of ['/api/v1/memory', '/ws', '/api/v1/events']) {
      expect(use(page, `https://mcp.lanonasis.com${path}`)).toBe('bearer-first')
    }
    expect(use(page, 'https://auth.lanonasis.com/v1/auth/introspect')).toBe('bearer')
    expect(use(page, 'https://mcp.lanonasis.com/api/v1/auth/api-keys')).toBe('bearer')
  })

  it('names the service whose base is the longest that fits', () => {
    const named = (url: string) => node(new URL(url))?.service
    expect(named('https://mcp.lanonasis.com/api/v1/events')).toBe('mcpSse')
    expect(named('https://mcp.lanonasis.com/api/v1/events-of-today')).toBe('mcpHttp')
    expect(named('wss://mcp.lanonasis.com/ws')).toBe('mcpWs')
    expect(named('https://auth.lanonasis.com/anything')).toBe('authGateway')
  })

  it('tells services apart that share one host', () => {
    const shared = lanonasisPolicy(
      {
        authGateway: 'https://one.example.com/auth',
        mcpHttp: 'https://one.example.com/api/v1',
        mcpWs: 'wss://one.example.com/ws',
        mcpSse: 'https://one.example.com/events',
        restApi: 'https://one.example.com/rest',
      },
      { browser: false },
    )
    expect(use(shared, 'https://one.example.com/auth/v1/auth/introspect')).toBe('bearer')
    expect(use(shared, 'https://one.example.com/api/v1/memory')).toBe('key-first')
    expect(use(shared, 'https://one.example.com/rest/projects')).toBe('bearer')
  })
})

describe('resourcePolicy', () => {
  it('gives tokens to the origins that are named, and to nobody else', () => {
    const policy = resourcePolicy(['https://id.example.com', 'wss://api.example.com/socket'])
    expect(use(policy, 'https://api.example.com/anything')).toBe('bearer')
    expect(use(policy, 'https://id.example.com/')).toBe('bearer')
    expect(use(policy, 'https://example.com/')).toBeUndefined()
    expect(use(policy, 'https://api.example.com:8443/')).toBeUndefined()
  })
})

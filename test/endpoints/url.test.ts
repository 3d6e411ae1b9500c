import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  httpOrigin,
  isLoopback,
  isSecureUrl,
  joinUrl,
  parseBaseUrl,
  pathSegment,
} from '../../src/endpoints/url.ts'
import { AuthError } from '../../src/errors/auth-error.ts'

function problem(text: string, scheme?: 'http' | 'ws'): AuthError {
  try {
    parseBaseUrl(text, 'MCP_HTTP_URL', scheme)
  } catch (error) {
    if (error instanceof AuthError) return error
  }
  throw new Error(`${text} was accepted.`)
}

describe('parseBaseUrl', () => {
  it.each([
    ['https://auth.lanonasis.com', 'https://auth.lanonasis.com'],
    ['https://auth.lanonasis.com/', 'https://auth.lanonasis.com'],
    ['https://mcp.lanonasis.com//api//v1/', 'https://mcp.lanonasis.com/api/v1'],
    ['HTTPS://Auth.Lanonasis.com:443', 'https://auth.lanonasis.com'],
    ['https://auth.lanonasis.com:3005', 'https://auth.lanonasis.com:3005'],
    [' https://auth.lanonasis.com\n', 'https://auth.lanonasis.com'],
  ])('writes %j as %s', (text, expected) => {
    expect(parseBaseUrl(text, 'MCP_HTTP_URL')).toBe(expected)
  })

  it.each([
    'http://127.0.0.1:4000',
    'http://127.9.9.9',
    'http://localhost:4000',
    'http://app.localhost',
    'http://[::1]:4000',
  ])('★4 takes %s, because it stays on this machine', (text) => {
    expect(parseBaseUrl(text, 'MCP_HTTP_URL')).toBe(text)
  })

  it.each([
    ['http://auth.lanonasis.com', 'not encrypted'],
    ['http://127.0.0.1.example.com', 'not encrypted'],
    ['http://localhost.example.com', 'not encrypted'],
    ['http://192.168.0.10', 'not encrypted'],
    ['http://0.0.0.0:4000', 'not encrypted'],
    ['https://user:canary@auth.lanonasis.com', 'user information'],
    ['https://canary@auth.lanonasis.com', 'user information'],
    ['https://auth.lanonasis.com?token=canary', 'a query or a fragment'],
    ['https://auth.lanonasis.com#canary', 'a query or a fragment'],
    ['https://auth.lanonasis.com/?', 'a query or a fragment'],
    ['wss://auth.lanonasis.com', 'has to start with https://'],
    ['ftp://canary.example.com', 'has to start with https://'],
    ['javascript:canary', 'has to start with https://'],
    ['htps:/canary', 'has to start with https://'],
    ['auth.lanonasis.com', 'is not a URL'],
    ['canary', 'is not a URL'],
    ['', 'is not a URL'],
  ])('★4 refuses %j and names the setting, not its value', (text, expected) => {
    const error = problem(text)
    expect(error).toMatchObject({ code: 'config_invalid' })
    expect(error.message).toMatch(/^MCP_HTTP_URL /)
    expect(error.message).toContain(expected)
    expect(`${error.message} ${error.hint}`).not.toContain('canary')
  })

  it('★4 wants wss for a socket, except on this machine', () => {
    expect(parseBaseUrl('wss://mcp.lanonasis.com/ws/', 'MCP_WS_URL', 'ws')).toBe(
      'wss://mcp.lanonasis.com/ws',
    )
    expect(parseBaseUrl('ws://localhost:3002/ws', 'MCP_WS_URL', 'ws')).toBe(
      'ws://localhost:3002/ws',
    )
    expect(problem('ws://mcp.lanonasis.com/ws', 'ws').message).toContain('not encrypted')
    expect(problem('https://mcp.lanonasis.com/ws', 'ws').message).toContain('wss://')
  })
})

describe('isSecureUrl', () => {
  it.each([
    ['https://example.com', true],
    ['wss://example.com', true],
    ['http://127.0.0.1', true],
    ['ws://[::1]', true],
    ['http://example.com', false],
    ['ws://example.com', false],
    ['file:///etc/passwd', false],
  ])('★4 judges %s: %s', (url, expected) => {
    expect(isSecureUrl(new URL(url))).toBe(expected)
  })

  it('★4 knows this machine by no other name', () => {
    expect(['example.com', 'localhost.com', '[::2]', '10.0.0.1'].some(isLoopback)).toBe(false)
  })
})

describe('joinUrl', () => {
  it.each([
    ['https://h/api/v1', 'memory', 'https://h/api/v1/memory'],
    ['https://h/api/v1', '/memory/', 'https://h/api/v1/memory'],
    ['https://h/api/v1/', '//memory', 'https://h/api/v1/memory'],
    ['https://h/api/v1', '/api/v1/memory', 'https://h/api/v1/memory'],
    ['https://h/proxy/api/v1', 'api/v1/memory', 'https://h/proxy/api/v1/memory'],
    ['https://h', '/api/v1/memory', 'https://h/api/v1/memory'],
    ['https://h/v1', '/v1/auth/refresh', 'https://h/v1/v1/auth/refresh'],
    ['https://h/api/v1', '/api/v2/memory', 'https://h/api/v1/api/v2/memory'],
    ['https://h/api/v1', 'memory?a=1&b=?', 'https://h/api/v1/memory?a=1&b=?'],
    ['https://h/api/v1', '', 'https://h/api/v1'],
    ['https://h', '', 'https://h/'],
  ])('★2 joins %s and %j to %s', (base, route, expected) => {
    expect(joinUrl(base, route).href).toBe(expected)
  })

  const segment = fc.stringMatching(/^[a-z0-9_-]{1,5}$/)
  const slashes = fc.constantFrom('', '/', '//')

  it('★2 neither drops nor doubles anything, and leaves no //', () => {
    fc.assert(
      fc.property(
        fc.array(segment, { maxLength: 4 }),
        fc.array(segment, { minLength: 1, maxLength: 4 }),
        slashes,
        slashes,
        (base, route, before, after) => {
          const joined = joinUrl(`https://h/${base.join('/')}`, before + route.join('/') + after)
          expect(joined.pathname).not.toContain('//')
          const found = joined.pathname.slice(1).split('/')
          expect(found.slice(0, base.length)).toEqual(base)
          expect(found.slice(-route.length)).toEqual(route)
          expect(found.length).toBeLessThanOrEqual(base.length + route.length)
        },
      ),
    )
  })

  it("★2 takes a route that repeats the end of the base's path for the same route", () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(segment, { minLength: 2, maxLength: 5 }),
        fc.array(segment, { minLength: 1, maxLength: 3 }),
        fc.integer({ min: 2, max: 5 }),
        (base, rest, repeated) => {
          const url = `https://h/${base.join('/')}`
          const full = [...base.slice(-repeated), ...rest].join('/')
          fc.pre(!base.includes(rest[0] ?? ''))
          expect(joinUrl(url, full).href).toBe(joinUrl(url, rest.join('/')).href)
        },
      ),
    )
  })
})

describe('pathSegment', () => {
  it('keeps an id in its place, whatever is in it', () => {
    expect(pathSegment('a/../b?c#d%2e', 'id')).toBe('a%2F..%2Fb%3Fc%23d%252e')
  })

  it.each(['', ' ', '.', '..', 'a\ud800'])('refuses %j, which leads elsewhere or nowhere', (id) => {
    expect(() => pathSegment(id, "key's id")).toThrow("The key's id is empty or not an id.")
  })
})

describe('httpOrigin', () => {
  it('is for a socket the origin of its handshake', () => {
    expect(httpOrigin('wss://mcp.lanonasis.com/ws')).toBe('https://mcp.lanonasis.com')
    expect(httpOrigin('ws://localhost:3002/ws')).toBe('http://localhost:3002')
    expect(httpOrigin(new URL('https://auth.lanonasis.com:3005/x'))).toBe(
      'https://auth.lanonasis.com:3005',
    )
  })
})

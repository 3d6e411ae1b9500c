import { describe, expect, it } from 'vitest'
import { proxyFor } from '../../../src/node/proxy/proxy-for.ts'

const both = {
  httpProxy: 'http://plain.example:3128/',
  httpsProxy: 'http://secure.example:3128/',
  noProxy: '',
}

function hostFor(url: string, settings: Partial<typeof both> = {}): string | undefined {
  return proxyFor(new URL(url), { ...both, ...settings })?.hostname
}

describe('the proxy of a socket', () => {
  it('is that of its scheme; where only one is named, that', () => {
    expect(hostFor('wss://mcp.example.com/ws')).toBe('secure.example')
    expect(hostFor('ws://mcp.example.com/ws')).toBe('plain.example')
    const one = { ...both, httpsProxy: undefined }
    expect(proxyFor(new URL('wss://mcp.example.com'), one)?.hostname).toBe('plain.example')
    const other = { ...both, httpProxy: undefined }
    expect(proxyFor(new URL('ws://mcp.example.com'), other)).toBeUndefined()
  })

  it('is none where none is named', () => {
    expect(proxyFor(new URL('wss://mcp.example.com'), undefined)).toBeUndefined()
  })

  it.each(['localhost', 'a.localhost', '127.0.0.1', '127.1.2.3', '[::1]'])(
    'is none for this machine: %s',
    (host) => {
      expect(hostFor(`wss://${host}/ws`)).toBeUndefined()
    },
  )

  it.each([
    'mcp.example.com',
    'MCP.Example.com',
    'example.com',
    '.example.com',
    '*.example.com',
    'a.test, example.com',
    'a.test example.com',
    'mcp.example.com:443',
    'example.com:443',
  ])('is none for an exception: %s', (noProxy) => {
    expect(hostFor('wss://mcp.example.com/ws', { noProxy })).toBeUndefined()
  })

  it.each(['le.com', 'example.org', 'mcp.example.com:8443', 'a.mcp.example.com', ',', ':443'])(
    'is asked for what is none: %s',
    (noProxy) => {
      expect(hostFor('wss://mcp.example.com/ws', { noProxy })).toBe('secure.example')
    },
  )

  it('goes by the port, where one is named', () => {
    const settings = { noProxy: 'mcp.example.com:8443' }
    expect(hostFor('wss://mcp.example.com:8443/ws', settings)).toBeUndefined()
  })
})

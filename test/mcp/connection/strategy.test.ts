import { describe, expect, it } from 'vitest'
import type { SocketStrategy } from '../../../src/mcp/connection/connection.ts'
import { Secret } from '../../../src/secret/secret.ts'
import { failure } from '../../support/async.ts'
import { fakeContext } from '../../support/web-sockets.ts'
import { opening } from './open.ts'

const credential = { type: 'api-key', secret: new Secret('pk_one.sk_two') } as const
const withKey = {
  credentialFor: async () => ({ credential, headers: { 'x-project-scope': 'one' } }),
}

describe('the credential of a socket', () => {
  it('goes in a header of the handshake, with the others that the service takes', async () => {
    const { socket } = await opening()
    const { request } = await socket()
    expect(request.headers).toEqual({ authorization: 'Bearer token-1', 'x-project-scope': 'one' })
    expect(request.protocols).toEqual([])
  })

  it('is X-API-Key for an API key', async () => {
    const { socket } = await opening(fakeContext(withKey))
    const { request } = await socket()
    expect(request.headers).toEqual({ 'x-api-key': 'pk_one.sk_two', 'x-project-scope': 'one' })
  })

  it('goes in the first message, and in no header', async () => {
    const { socket } = await opening(fakeContext({ takesHeaders: false }), {
      strategy: 'first-message',
      dialect: 'json-rpc',
    })
    const wire = await socket()
    expect(JSON.stringify(wire.request)).not.toContain('token-1')
    await wire.accept()
    expect(wire.sent).toEqual([{ type: 'auth', token: 'token-1' }])
  })

  it('goes in a subprotocol, beside those that were asked for', async () => {
    const { socket } = await opening(fakeContext({ takesHeaders: false }), {
      strategy: 'subprotocol',
      protocols: ['mcp'],
    })
    const { request } = await socket()
    expect(request.protocols).toEqual(['mcp', 'lanonasis.bearer.dG9rZW4tMQ'])
  })

  it.each<SocketStrategy>(['header', 'first-message', 'subprotocol'])(
    '★6 is never in the URL: %s',
    async (strategy) => {
      const { socket } = await opening(fakeContext(), { strategy })
      const { request } = await socket()
      expect(request.url.href).toBe('wss://mcp.example.com/ws')
    },
  )

  it.each([undefined, 'header'] as const)(
    'needs a strategy that is named where sockets take no headers, before anything is asked: %s',
    async (strategy) => {
      const fake = fakeContext({ takesHeaders: false })
      const { promise, sockets } = await opening(fake, { strategy })
      expect(await failure(promise)).toMatchObject({
        code: 'config_invalid',
        hint: expect.stringContaining('events()'),
      })
      expect(sockets).toEqual([])
    },
  )

  it('needs a WebSocket, and says where there is one', async () => {
    const { WebSocket } = globalThis
    Reflect.deleteProperty(globalThis, 'WebSocket')
    try {
      const { promise } = await opening(fakeContext({ webSockets: undefined }))
      expect(await failure(promise)).toMatchObject({
        code: 'config_invalid',
        hint: expect.stringContaining('/node'),
      })
    } finally {
      if (WebSocket !== undefined) Object.assign(globalThis, { WebSocket })
    }
  })

  it.each(['https://mcp.example.com/ws', 'wss://user:pw@mcp.example.com/ws', 'wss://a.example/#b'])(
    'goes to no address that is not one of a socket: %s',
    async (url) => {
      const { promise, sockets } = await opening(undefined, { url: new URL(url) })
      const error = await failure(promise)
      expect(error).toMatchObject({ code: 'config_invalid' })
      expect(JSON.stringify(error)).not.toContain('pw')
      expect(sockets).toEqual([])
    },
  )
})

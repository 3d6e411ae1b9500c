import { describe, expect, it, onTestFinished, vi } from 'vitest'
import type { JsonRpcMessage } from '../../../src/mcp.ts'
import { failure, settle } from '../../support/async.ts'
import { signedIn } from '../../support/setup.ts'
import { fakeSockets, request } from './fakes.ts'

async function setup() {
  const sockets = fakeSockets()
  const signed = await signedIn({ webSocket: sockets.webSocket })
  const transport = signed.client.mcp.transport('ws', { dialect: 'json-rpc' })
  // What waits to be sent would be looked at for ever, also by the tests that count timers.
  onTestFinished(() => transport.close())
  const heard = { onclose: vi.fn(), onerror: vi.fn(), onmessage: vi.fn() }
  Object.assign(transport, heard)
  /** The socket of that number, which has just opened. */
  const open = async (number: number) => {
    await vi.waitFor(() => expect(sockets.opened.length).toBe(number), 8_000)
    const socket = sockets.opened[number - 1] ?? expect.fail('There is no such socket.')
    socket.events.onOpen({ protocol: '' })
    return socket
  }
  const starting = transport.start()
  const socket = await open(1)
  await starting
  return { ...signed, ...heard, transport, socket, open, opened: sockets.opened }
}

const megabyte = 1_048_576

/** Eight of them are all that may wait in front of a socket. */
function large(id: number): JsonRpcMessage {
  const params = { text: 'x'.repeat(megabyte - 100) }
  return { jsonrpc: '2.0', id, method: 'tools/call', params }
}

const answer = JSON.stringify({ jsonrpc: '2.0', id: 1, result: {} })

describe('the transport over a WebSocket', () => {
  it('leads to MCP Core, with the credential in a header', async () => {
    const { socket, tokens } = await setup()
    expect(socket.request.url.href).toBe('wss://mcp.lanonasis.com/ws')
    expect(socket.request.protocols).toEqual([])
    expect(socket.request.headers).toMatchObject({ authorization: `Bearer ${tokens.accessToken}` })
  })

  it('sends a first request again where the credential was refused after the opening (★27)', async () => {
    const { platform, transport, socket, open, onmessage, onerror, onclose } = await setup()
    const sending = transport.send(request(1))
    platform.expireAccessTokens()
    socket.events.onClose({ code: 1008, reason: '' })
    const next = await open(2)
    await expect.poll(() => next.sent).toEqual(socket.sent)
    next.events.onMessage(answer)
    await sending
    expect(onmessage.mock.lastCall?.[0]).toEqual(JSON.parse(answer))
    expect(onerror).not.toHaveBeenCalled()
    expect(onclose).not.toHaveBeenCalled()
  })

  it('does so once', async () => {
    const { platform, transport, socket, open, opened, onclose } = await setup()
    const sending = failure(transport.send(request(1)))
    platform.expireAccessTokens()
    socket.events.onClose({ code: 1008, reason: '' })
    const next = await open(2)
    platform.expireAccessTokens()
    next.events.onClose({ code: 1008, reason: '' })
    expect(await sending).toMatchObject({ code: 'service_unavailable', status: 401 })
    expect(opened).toHaveLength(2)
    expect(onclose).toHaveBeenCalledOnce()
  })

  it('tells whoever sent the first request why it was refused', async () => {
    const { client, platform, transport, socket, opened, onclose } = await setup()
    const sending = failure(transport.send(request(1)))
    platform.revokeTokens()
    socket.events.onClose({ code: 1008, reason: '' })
    expect(await sending).toMatchObject({ code: 'session_expired' })
    expect(opened).toHaveLength(1)
    expect(onclose).toHaveBeenCalledOnce()
    expect(await client.getSession()).toMatchObject({ status: 'expired' })
  })

  it('is over for good once the server has spoken', async () => {
    const { platform, transport, socket, opened, onerror, onclose } = await setup()
    const sending = transport.send(request(1))
    socket.events.onMessage(answer)
    await sending
    platform.expireAccessTokens()
    socket.events.onClose({ code: 1008, reason: '' })
    await expect.poll(() => onclose).toHaveBeenCalledOnce()
    expect(onerror).toHaveBeenCalledWith(
      expect.objectContaining({ code: 'service_unavailable', retryable: true }),
    )
    expect(opened).toHaveLength(1)
  })

  it('tells at once of a first request that is too much for it', async () => {
    const { transport, socket, onerror, onclose } = await setup()
    socket.bufferedBytes = 2 * megabyte
    // They wait for room.
    for (let id = 1; id <= 8; id++) transport.send(large(id)).catch(() => {})
    const refused = await failure(transport.send(large(9)))
    expect(refused).toMatchObject({ code: 'network_error', message: 'Too much waits to be sent.' })
    expect([onerror, onclose].map(({ mock }) => mock.calls)).toEqual([[], []])
  })

  it('that is closed lets nobody wait', async () => {
    const { transport, onerror, onclose } = await setup()
    const sending = failure(transport.send(request(1)))
    await transport.close()
    expect(await sending).toMatchObject({ code: 'network_error' })
    await settle()
    expect(onerror).not.toHaveBeenCalled()
    expect(onclose).toHaveBeenCalledOnce()
  })
})

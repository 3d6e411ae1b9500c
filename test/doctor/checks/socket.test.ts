import { describe, expect, it } from 'vitest'
import type { WebSocketEnd, WebSocketHandle, WebSockets } from '../../../src/mcp/web-socket.ts'
import { connectionError } from '../../support/fetches.ts'
import { platformAt } from '../../support/setup.ts'
import { examine } from '../examine.ts'

const socket: WebSocketHandle = { bufferedBytes: 0, send() {}, close() {}, terminate() {} }

/** Sockets that end so, or not at all. */
function ending(end?: Partial<WebSocketEnd>, { takesHeaders = true } = {}) {
  const seen = { headers: [] as unknown[], terminated: 0 }
  const sockets: WebSockets = {
    takesHeaders,
    open(request, events) {
      seen.headers.push(request.headers)
      if (end !== undefined) {
        queueMicrotask(() => events.onClose({ code: 1006, reason: '', ...end }))
      }
      return {
        ...socket,
        terminate() {
          seen.terminated += 1
        },
      }
    },
  }
  return { sockets, seen }
}

describe('the handshake', () => {
  it('is well when a socket opens, which is closed again', async () => {
    const platform = platformAt()
    expect(await examine('socket', { platform })).toEqual([
      {
        status: 'ok',
        service: 'mcpWs',
        what: 'mcp.lanonasis.com opens a socket.',
        latencyMs: expect.any(Number),
      },
    ])
    expect(platform.requests).toMatchObject([{ service: 'mcpWs', credential: 'none' }])
  })

  it.each([400, 401, 403])(
    'is well when it is refused for want of a credential (%i)',
    async (status) => {
      const { sockets, seen } = ending({ refusal: new Response(null, { status }) })
      expect(await examine('socket', { client: { webSocket: sockets } })).toMatchObject([
        { status: 'ok', what: expect.stringContaining(`(${status})`) },
      ])
      expect(seen).toEqual({ headers: [{}], terminated: 1 })
    },
  )

  it.each([200, 404, 426, 502])('fails when the proxy does not pass it on (%i)', async (status) => {
    const { sockets } = ending({ refusal: new Response(null, { status }) })
    expect(await examine('socket', { client: { webSocket: sockets } })).toMatchObject([
      {
        status: 'failure',
        service: 'mcpWs',
        what: expect.stringContaining(String(status)),
        expected: '101, a socket',
        hint: expect.stringContaining('Upgrade'),
      },
    ])
  })

  it('fails when there is no connection', async () => {
    const { sockets } = ending({ error: connectionError('ECONNREFUSED') })
    expect(await examine('socket', { client: { webSocket: sockets } })).toMatchObject([
      { status: 'failure', what: expect.stringContaining('ECONNREFUSED') },
    ])
  })

  it('fails when nobody answers in time, and leaves no socket', async () => {
    const { sockets, seen } = ending()
    const options = { timeoutMs: 20 }
    expect(await examine('socket', { client: { webSocket: sockets }, options })).toMatchObject([
      { status: 'failure', what: expect.stringContaining('within 20 ms') },
    ])
    expect(seen.terminated).toBe(1)
  })

  it('is no more than a warning where the platform does not say why', async () => {
    const { sockets } = ending({}, { takesHeaders: false })
    expect(await examine('socket', { client: { webSocket: sockets } })).toMatchObject([
      { status: 'warning', hint: expect.stringContaining('from a program') },
    ])
  })
})

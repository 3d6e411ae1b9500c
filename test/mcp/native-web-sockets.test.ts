import { describe, expect, it, onTestFinished } from 'vitest'
import { nativeWebSockets } from '../../src/mcp/native-web-sockets.ts'
import type { WebSocketEnd, WebSocketRequest } from '../../src/mcp/web-socket.ts'
import { settle } from '../support/async.ts'

/** The platform's class, as a test has it. */
class PlatformSocket extends EventTarget {
  static readonly CLOSED = 3
  static made: PlatformSocket[] = []
  readonly protocol = 'chosen'
  readonly sent: string[] = []
  readonly closes: unknown[][] = []
  bufferedAmount = 7
  binaryType = 'blob'
  readyState = 1

  readonly protocols: readonly string[]

  constructor(_url: URL, protocols: readonly string[]) {
    super()
    this.protocols = protocols
    if (protocols.includes('bad')) throw new SyntaxError('Not a token.')
    PlatformSocket.made.push(this)
  }

  send(text: string): void {
    this.sent.push(text)
  }

  close(...given: unknown[]): void {
    this.closes.push(given)
  }
}

function open(request: Partial<WebSocketRequest> = {}) {
  const { WebSocket } = globalThis
  PlatformSocket.made = []
  Object.assign(globalThis, { WebSocket: PlatformSocket })
  onTestFinished(() => {
    if (WebSocket === undefined) Reflect.deleteProperty(globalThis, 'WebSocket')
    else Object.assign(globalThis, { WebSocket })
  })
  const told: unknown[] = []
  const ends: WebSocketEnd[] = []
  const webSockets = nativeWebSockets()
  const handle = webSockets.open(
    {
      url: new URL('wss://mcp.example.com/ws'),
      protocols: ['mcp'],
      headers: {},
      maxMessageBytes: 1_000,
      ...request,
    },
    {
      onOpen: (event) => told.push(event),
      onMessage: (text) => told.push(text),
      onSign: () => {},
      onClose: (end) => ends.push(end),
    },
  )
  return { webSockets, handle, told, ends, made: PlatformSocket.made }
}

describe("the platform's own sockets", () => {
  it('take no headers, and offer the subprotocols', () => {
    const { webSockets, made } = open()
    expect(webSockets.takesHeaders).toBe(false)
    expect(made[0]).toMatchObject({ protocols: ['mcp'], binaryType: 'arraybuffer' })
  })

  it('pass on what happens', () => {
    const { handle, told, ends, made } = open()
    const [native] = made
    native?.dispatchEvent(new Event('open'))
    native?.dispatchEvent(new MessageEvent('message', { data: 'text' }))
    const { buffer } = new TextEncoder().encode('bytes')
    native?.dispatchEvent(new MessageEvent('message', { data: buffer }))
    native?.dispatchEvent(Object.assign(new Event('error'), { error: 'why' }))
    Object.assign(native ?? {}, { readyState: PlatformSocket.CLOSED })
    native?.dispatchEvent(Object.assign(new Event('close'), { code: 1008, reason: 'No' }))
    expect(told).toEqual([{ protocol: 'chosen' }, 'text', 'bytes'])
    expect(ends).toEqual([{ code: 1008, reason: 'No', error: 'why' }])
    handle.send('out')
    handle.close(1000, 'enough')
    handle.terminate()
    expect([native?.sent, native?.closes, handle.bufferedBytes]).toEqual([
      ['out'],
      [[1000, 'enough'], []],
      7,
    ])
  })

  it('answer a close frame where the platform leaves that to its user', () => {
    const { ends, made } = open()
    const [native] = made
    Object.assign(native ?? {}, { readyState: 2 })
    native?.dispatchEvent(Object.assign(new Event('close'), { code: 1008, reason: 'No' }))
    expect(native?.closes).toEqual([[]])
    expect(ends).toMatchObject([{ code: 1008, reason: 'No' }])
  })

  it('tell later what the platform throws at once', async () => {
    const { handle, ends } = open({ protocols: ['bad'] })
    expect(ends).toEqual([])
    handle.terminate()
    await settle()
    expect(ends).toMatchObject([{ code: 1006, error: expect.any(SyntaxError) }])
  })
})

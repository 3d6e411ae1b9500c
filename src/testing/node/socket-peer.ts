import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import type { WebSocket } from 'ws'
import type { Answer } from '../http/exchange.ts'
import type { Ongoing, Peer } from '../realtime/peer.ts'

/** A connection that wants to become a WebSocket. */
interface Upgrade {
  readonly incoming: IncomingMessage
  readonly socket: Duplex
  readonly head: Buffer
}

/** Finishes the handshake and hands the socket to the service. */
export async function openSocketOn(
  { incoming, socket, head }: Upgrade,
  {
    answer,
    ongoing,
  }: {
    readonly answer: Answer
    readonly ongoing: Extract<Ongoing, { type: 'socket' }>
  },
): Promise<void> {
  const { WebSocketServer } = await import('ws')
  const server = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    // Or a silent service would answer pings all the same.
    autoPong: false,
    handleProtocols: () => ongoing.protocol ?? false,
  })
  server.on('headers', (headers) => {
    for (const [name, value] of answer.headers) headers.push(`${name}: ${value}`)
  })
  server.handleUpgrade(incoming, socket, head, (webSocket) => {
    const listener = ongoing.open(peerOf(webSocket, socket))
    webSocket.on('ping', (data) => webSocket.pong(data))
    webSocket.on('message', (data, isBinary) => {
      if (!isBinary) listener.onMessage(data.toString())
    })
    // A broken frame; `close` follows.
    webSocket.on('error', () => {})
    webSocket.on('close', (code, reason) => {
      listener.onGone({ code, reason: reason.toString() })
    })
  })
}

function peerOf(webSocket: WebSocket, socket: Duplex): Peer {
  return {
    send: (text) =>
      new Promise((resolve) => {
        if (webSocket.readyState === webSocket.OPEN) webSocket.send(text, () => resolve())
        else resolve()
      }),
    close: (code, reason) => webSocket.close(code, reason),
    cut(text = '') {
      if (text === '') socket.destroy()
      else socket.write(halfFrame(text), () => socket.destroy())
    },
    ping() {
      if (webSocket.readyState === webSocket.OPEN) webSocket.ping()
    },
    silence() {
      // What comes in is thrown away unread, and so is a close frame. That it ends is still noticed.
      socket.removeAllListeners('data')
      socket.resume()
    },
  }
}

/** The first half of a text frame that announces all of the text (RFC 6455 §5.2). */
function halfFrame(text: string): Buffer {
  const payload = Buffer.from(text)
  const { length } = payload
  return Buffer.concat([frameHead(length), payload.subarray(0, Math.floor(length / 2))])
}

/** The length in as few bytes as it takes: 7 bits, or a mark and 16 or 64 bits. */
function frameHead(length: number): Buffer {
  if (length < 126) return Buffer.from([0x81, length])
  const isShort = length <= 0xffff
  const head = Buffer.alloc(isShort ? 4 : 10)
  head.set([0x81, isShort ? 126 : 127])
  if (isShort) head.writeUInt16BE(length, 2)
  else head.writeBigUInt64BE(BigInt(length), 2)
  return head
}

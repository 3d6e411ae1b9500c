// Loaded with the first socket, with `ws`.
import type { Socket } from 'node:net'
import { type ClientOptions, WebSocket } from 'ws'
import type { WebSocketEnd, WebSocketHandle } from '../../mcp/web-socket.ts'
import { proxyFor } from '../proxy/proxy-for.ts'
import { readRefusal } from './refusal.ts'
import { tunnel } from './tunnel.ts'
import type { WsOpening } from './ws-sockets.ts'

/** How long the other side may take for its half of the closing handshake, ms. */
const closeTimeout = 1_000

/** @throws Error when there is no way through the proxy, or `signal` fires before there is a socket */
export async function openWs(
  { request, events, proxies }: WsOpening,
  signal: AbortSignal,
): Promise<Required<WebSocketHandle>> {
  const { url, protocols, headers, maxMessageBytes } = request
  const proxy = proxyFor(url, proxies)
  const way = proxy && (await tunnel(proxy, { target: url, signal }))
  // @types/ws does not know it yet.
  const options: ClientOptions & { readonly closeTimeout: number } = {
    headers: { ...headers },
    maxPayload: maxMessageBytes,
    // Its buffers cost more than they save on messages this small.
    perMessageDeflate: false,
    // ★7 A redirect would carry the credential elsewhere.
    followRedirects: false,
    closeTimeout,
    ...(way === undefined ? {} : { createConnection: () => way }),
  }
  return new WsSocket(new WebSocket(url, [...protocols], options), events)
}

class WsSocket implements Required<WebSocketHandle> {
  readonly #socket: WebSocket
  #connection: Socket | undefined
  #end: Partial<WebSocketEnd> = {}

  constructor(socket: WebSocket, events: WsOpening['events']) {
    this.#socket = socket
    socket.on('upgrade', (response) => {
      this.#connection = response.socket
    })
    socket.on('open', () => events.onOpen({ protocol: socket.protocol }))
    // Without an array of fragments or an ArrayBuffer, as `binaryType` is not changed.
    socket.on('message', (data: Buffer) => events.onMessage(data.toString()))
    socket.on('ping', () => events.onSign())
    socket.on('pong', () => events.onSign())
    socket.on('error', (error) => {
      this.#end = { error, ...this.#end }
    })
    socket.on('close', (code, reason) => {
      events.onClose({ code, reason: reason.toString(), ...this.#end })
    })
    socket.on('unexpected-response', async (_request, response) => {
      // Nobody else ends a handshake that is listened to.
      this.#end = { refusal: await readRefusal(response) }
      socket.terminate()
    })
  }

  get bufferedBytes(): number {
    return this.#socket.bufferedAmount
  }

  send(text: string): void {
    this.#socket.send(text)
  }

  close(code: number, reason: string): void {
    this.#socket.close(code, reason)
  }

  terminate(): void {
    this.#socket.terminate()
  }

  ping(): void {
    // One that is closing has nobody to ask.
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.ping()
  }

  keepAlive(alive: boolean): void {
    if (alive) this.#connection?.ref()
    else this.#connection?.unref()
  }
}

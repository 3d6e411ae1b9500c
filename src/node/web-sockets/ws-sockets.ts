import { once } from '../../async/once.ts'
import { loadPart } from '../../errors/load-part.ts'
import type {
  WebSocketEvents,
  WebSocketHandle,
  WebSocketRequest,
  WebSockets,
} from '../../mcp/web-socket.ts'
import type { ProxySettings } from '../proxy/settings.ts'

type OpenWs = typeof import('./ws-socket.ts').openWs

/**
 * Sockets of `ws`, which is loaded with the first one: with headers on the handshake, through the
 * proxies of the environment, and with the answer to a handshake that was refused.
 */
export function wsSockets(proxies: ProxySettings | undefined): WebSockets {
  const load = once(async () => (await loadPart(import('./ws-socket.ts'))).openWs)
  return {
    takesHeaders: true,
    open: (request, events) => new LoadingSocket(load, { request, events, proxies }),
  }
}

/** What a socket is made of. */
export interface WsOpening {
  readonly request: WebSocketRequest
  readonly events: WebSocketEvents
  readonly proxies: ProxySettings | undefined
}

/** A socket whose code, or whose way through a proxy, may not be there yet: until then it can be given up. */
class LoadingSocket implements WebSocketHandle {
  readonly #givenUp = new AbortController()
  #socket: Required<WebSocketHandle> | undefined

  constructor(load: () => Promise<OpenWs>, opening: WsOpening) {
    this.#open(load, opening).catch((error) =>
      opening.events.onClose({ code: 1006, reason: '', error }),
    )
  }

  async #open(load: () => Promise<OpenWs>, opening: WsOpening): Promise<void> {
    const { signal } = this.#givenUp
    const open = await load()
    signal.throwIfAborted()
    this.#socket = await open(opening, signal)
  }

  get bufferedBytes(): number {
    return this.#socket?.bufferedBytes ?? 0
  }

  send(text: string): void {
    this.#socket?.send(text)
  }

  close(code: number, reason: string): void {
    this.#givenUp.abort()
    this.#socket?.close(code, reason)
  }

  terminate(): void {
    this.#givenUp.abort()
    this.#socket?.terminate()
  }

  ping(): void {
    this.#socket?.ping()
  }

  keepAlive(alive: boolean): void {
    this.#socket?.keepAlive(alive)
  }
}

// Loaded with the first use of realtime, with `ws`.
import type { WebSocketHandle, WebSockets } from '../../mcp/web-socket.ts'
import type { ProxySettings } from '../proxy/settings.ts'
import { openWs, type WsOpening } from './ws-socket.ts'

/**
 * Sockets of `ws`: with headers on the handshake, through the proxies of the environment, and with the
 * answer to a handshake that was refused.
 *
 * @param readProxies may throw an AuthError, which is then what opening a socket fails with
 */
export function wsSockets(readProxies: () => ProxySettings | undefined): WebSockets {
  return {
    takesHeaders: true,
    open: (request, events) => new ComingSocket({ request, events, readProxies }),
  }
}

/** A socket whose way through a proxy may not be there yet: until then it can only be given up. */
class ComingSocket implements WebSocketHandle {
  readonly #givenUp = new AbortController()
  #socket: Required<WebSocketHandle> | undefined

  constructor(opening: WsOpening) {
    this.#open(opening).catch((error) => opening.events.onClose({ code: 1006, reason: '', error }))
  }

  async #open(opening: WsOpening): Promise<void> {
    const { signal } = this.#givenUp
    const socket = await openWs(opening, signal)
    this.#socket = socket
    if (signal.aborted) socket.terminate()
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

import { AuthError } from '../errors/auth-error.ts'
import type {
  WebSocketEvents,
  WebSocketHandle,
  WebSocketRequest,
  WebSockets,
} from './web-socket.ts'

/**
 * The platform's own sockets, as browsers, workers at the edge and Deno have them: without headers, and
 * without a word on why a handshake failed (WHATWG WebSockets).
 *
 * @throws AuthError `config_invalid` where there are none
 */
export function nativeWebSockets(): WebSockets {
  const { WebSocket: Native }: { readonly WebSocket?: typeof WebSocket } = globalThis
  if (Native === undefined) {
    throw new AuthError('config_invalid', 'This platform has no WebSocket.', {
      hint: 'On Node.js use createClient of @lanonasis/auth-client/node, which has one; elsewhere pass webSocket.',
    })
  }
  return {
    takesHeaders: false,
    open: (request, events) => new NativeSocket(Native, request, events),
  }
}

class NativeSocket implements WebSocketHandle {
  #socket: WebSocket | undefined
  #error: unknown

  constructor(
    Native: typeof WebSocket,
    { url, protocols }: WebSocketRequest,
    events: WebSocketEvents,
  ) {
    try {
      this.#socket = new Native(url, [...protocols])
    } catch (error) {
      // A page's security policy, or a protocol that is none.
      queueMicrotask(() => events.onClose({ code: 1006, reason: '', error }))
      return
    }
    const socket = this.#socket
    socket.binaryType = 'arraybuffer'
    socket.addEventListener('open', () => events.onOpen({ protocol: socket.protocol }))
    socket.addEventListener('message', ({ data }) => events.onMessage(textOf(data)))
    socket.addEventListener('error', (event) => {
      // Runtimes that are no browsers say more than a browser may.
      if ('error' in event) this.#error = event.error
    })
    socket.addEventListener('close', ({ code, reason }) => {
      // Cloudflare Workers with a compatibility date before 2026-04-07 leave the answer to a close frame to
      // their user; without it the other side keeps the connection until its patience is at an end.
      if (socket.readyState !== Native.CLOSED) socket.close()
      events.onClose({ code, reason, error: this.#error })
    })
  }

  get bufferedBytes(): number {
    return this.#socket?.bufferedAmount ?? 0
  }

  send(text: string): void {
    this.#socket?.send(text)
  }

  close(code: number, reason: string): void {
    this.#socket?.close(code, reason)
  }

  /** There is no harder way; the platform ends it when the other side does not answer. */
  terminate(): void {
    this.#socket?.close()
  }
}

function textOf(data: unknown): string {
  if (typeof data === 'string') return data
  return data instanceof ArrayBuffer ? new TextDecoder().decode(data) : ''
}

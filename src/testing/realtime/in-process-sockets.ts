import type {
  WebSocketEvents,
  WebSocketHandle,
  WebSocketRequest,
  WebSockets,
} from '../../mcp/web-socket.ts'
import type { Dispatch } from '../platform/dispatch.ts'
import { lostError } from '../platform/lost.ts'
import { toResponse } from '../platform/response.ts'
import type { ConnectionEnd, Peer, PeerListener } from './peer.ts'

/** WebSockets that reach the platform and nothing else, without leaving the process. */
export function inProcessSockets(dispatch: Dispatch): WebSockets {
  return {
    takesHeaders: true,
    open(request, events) {
      const socket = new InProcessSocket(request, events)
      void socket.connect(dispatch)
      return socket
    },
  }
}

const encoder = /* @__PURE__ */ new TextEncoder()
const lost: ConnectionEnd = { code: 1006, reason: '' }

// Fake timers are no matter of a connection.
const { setInterval, clearInterval } = globalThis
/** Of a timer that does nothing, as a connection to which nothing comes. */
const longMs = 2 ** 31 - 1

/** Both ends of one socket. What one side does, the other hears in a microtask of its own, in order. */
class InProcessSocket implements WebSocketHandle {
  readonly #request: WebSocketRequest
  readonly #events: WebSocketEvents
  readonly #gone = new AbortController()
  #server: PeerListener | undefined
  #closing = false
  #deaf = false
  #bufferedBytes = 0
  #alive: ReturnType<typeof setInterval> | undefined

  constructor(request: WebSocketRequest, events: WebSocketEvents) {
    this.#request = request
    this.#events = events
    this.keepAlive(true)
  }

  get bufferedBytes(): number {
    return this.#bufferedBytes
  }

  async connect(dispatch: Dispatch): Promise<void> {
    const { url, protocols, headers: given } = this.#request
    const headers = new Headers({ ...given, connection: 'Upgrade', upgrade: 'websocket' })
    if (protocols.length > 0) headers.set('sec-websocket-protocol', protocols.join(', '))
    const { signal } = this.#gone
    const request = { method: 'GET', url, headers, text: '', address: '127.0.0.1' }
    const outcome = await dispatch(request, signal)
    if (signal.aborted || outcome.type === 'hang') return
    if (outcome.type === 'lost') return this.#end({ ...lost, error: lostError(outcome.reason) })
    const { answer } = outcome
    const { ongoing } = answer
    if (ongoing?.type !== 'socket') {
      const refusal = toResponse(answer, { url, redirected: false, cut: false, signal })
      return this.#end({ ...lost, refusal })
    }
    this.#server = ongoing.open(this.#peer())
    // The server has it open at once; whatever it says comes after this.
    this.#events.onOpen({ protocol: ongoing.protocol ?? '' })
  }

  send(text: string): void {
    if (this.#server === undefined) throw new Error('The socket is not open yet.')
    if (this.#closing) return
    const { length } = encoder.encode(text)
    this.#bufferedBytes += length
    this.#soon(() => {
      this.#bufferedBytes -= length
      if (!this.#deaf) this.#server?.onMessage(text)
    })
  }

  close(code: number, reason: string): void {
    if (this.#closing) return
    this.#closing = true
    this.#soon(() => {
      if (this.#server === undefined) this.#finish(lost)
      else if (!this.#deaf) this.#finish({ code, reason })
    })
  }

  terminate(): void {
    this.#closing = true
    this.#soon(() => this.#finish(lost))
  }

  ping(): void {
    this.#soon(() => {
      if (!this.#deaf) this.#events.onSign()
    })
  }

  /** As a connection of the system does: the client's own timers keep no process alive. */
  keepAlive(alive: boolean): void {
    clearInterval(this.#alive)
    this.#alive = undefined
    if (alive && !this.#gone.signal.aborted) this.#alive = setInterval(() => {}, longMs)
  }

  #peer(): Peer {
    return {
      send: (text) =>
        new Promise((resolve) => {
          this.#soon(() => this.#take(text))
          queueMicrotask(resolve)
        }),
      close: (code, reason) => this.#soon(() => this.#finish({ code, reason })),
      // Of half a message a client never hears.
      cut: () => this.#soon(() => this.#finish(lost)),
      ping: () => this.#soon(() => this.#events.onSign()),
      silence: () => {
        this.#deaf = true
      },
    }
  }

  #take(text: string): void {
    if (encoder.encode(text).length > this.#request.maxMessageBytes) {
      this.#finish({ code: 1009, reason: '' })
    } else if (!this.#closing) this.#events.onMessage(text)
  }

  #finish(end: ConnectionEnd): void {
    if (this.#gone.signal.aborted) return
    this.#server?.onGone(end)
    this.#end(end)
  }

  #end(end: Parameters<WebSocketEvents['onClose']>[0]): void {
    if (this.#gone.signal.aborted) return
    this.#gone.abort()
    this.keepAlive(false)
    this.#closing = true
    this.#events.onClose(end)
  }

  /** Unless it is over by then. */
  #soon(work: () => void): void {
    queueMicrotask(() => {
      if (!this.#gone.signal.aborted) work()
    })
  }
}

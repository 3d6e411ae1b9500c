import { abortedError, onAbort, unref } from '../../async/abort.ts'
import { AuthError } from '../../errors/auth-error.ts'
import type { WebSocketHandle } from '../web-socket.ts'

/** No platform tells when a socket has room again, so it is looked at this often, ms. */
const lookMs = 10

/** How many times `maxBufferedBytes` may wait in front of the socket. */
const depth = 8

interface Waiting {
  readonly text: string
  readonly resolve: () => void
  readonly reject: (error: AuthError) => void
  readonly forget: (() => void) | undefined
}

const sent = Promise.resolve()

/**
 * Holds messages back while the other side takes them more slowly than they come, in their order, and
 * refuses them when it would have to hold too many: memory does not grow with a slow other side.
 */
export class Outbox {
  readonly #socket: Pick<WebSocketHandle, 'bufferedBytes' | 'send'>
  readonly #maxBufferedBytes: number
  readonly #waiting = new Set<Waiting>()
  /** Counted in UTF-16 units, which is near enough. */
  #waitingLength = 0
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(socket: Pick<WebSocketHandle, 'bufferedBytes' | 'send'>, maxBufferedBytes: number) {
    this.#socket = socket
    this.#maxBufferedBytes = maxBufferedBytes
  }

  send(text: string, signal: AbortSignal | undefined): Promise<void> {
    if (signal?.aborted) return Promise.reject(abortedError(signal))
    if (this.#waiting.size === 0 && this.#hasRoom()) {
      this.#socket.send(text)
      return sent
    }
    if (this.#waitingLength + text.length > depth * this.#maxBufferedBytes) {
      return Promise.reject(
        new AuthError('network_error', 'Too much waits to be sent.', {
          hint: 'Wait for answers before more is sent; the other side takes messages slowly.',
        }),
      )
    }
    return new Promise((resolve, reject) => {
      const stop =
        signal &&
        onAbort(signal, () => {
          this.#remove(waiting)
          reject(abortedError(signal))
        })
      const waiting: Waiting = { text, resolve, reject, forget: stop }
      this.#waiting.add(waiting)
      this.#waitingLength += text.length
      this.#lookLater()
    })
  }

  /** Refuses what waits. */
  fail(error: AuthError): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    for (const waiting of [...this.#waiting]) {
      this.#remove(waiting)
      waiting.reject(error)
    }
  }

  #hasRoom(): boolean {
    return this.#socket.bufferedBytes < this.#maxBufferedBytes
  }

  #remove(waiting: Waiting): void {
    if (this.#waiting.delete(waiting)) this.#waitingLength -= waiting.text.length
    waiting.forget?.()
  }

  #lookLater(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined
      for (const waiting of this.#waiting) {
        if (!this.#hasRoom()) break
        this.#remove(waiting)
        this.#socket.send(waiting.text)
        waiting.resolve()
      }
      if (this.#waiting.size > 0) this.#lookLater()
    }, lookMs)
    // The socket beneath keeps the process alive while somebody waits.
    unref(this.#timer)
  }
}

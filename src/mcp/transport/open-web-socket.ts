import { AuthError, isAuthError } from '../../errors/auth-error.ts'
import type { Connection, ConnectionOptions } from '../connection/connection.ts'
import { openConnection } from '../connection/open-connection.ts'
import type { ConnectionContext } from '../context.ts'
import type { JsonRpcMessage } from '../json-rpc.ts'
import type { OpenTransport, TransportEvents } from './lazy-transport.ts'
import type { Opening } from './opening.ts'
import type { WebSocketTransportOptions } from './options.ts'

/** Signed in, and ready for the first message. */
export async function openWebSocket(
  context: ConnectionContext,
  { url, options, events, signal }: Opening<WebSocketTransportOptions>,
): Promise<OpenTransport> {
  const { strategy, protocols, dialect } = options
  const transport = new SocketTransport(context, { url, strategy, protocols, dialect }, events)
  await transport.open(signal)
  return transport
}

/** A request that was sent before the server said anything. */
interface FirstRequest {
  readonly message: JsonRpcMessage
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
}

/**
 * One WebSocket for the whole life of the transport: another one would be another session at the server.
 *
 * Some servers open the socket and only then refuse the credential (★27). So until the server has said
 * something, a request counts as sent when it is answered: a refusal reaches its caller as the error it is,
 * and where there is a better credential by then, the requests go out again, on another socket, once.
 */
class SocketTransport implements OpenTransport {
  readonly #context: ConnectionContext
  readonly #options: ConnectionOptions
  readonly #events: TransportEvents
  readonly #closing = new AbortController()
  readonly #first = new Set<FirstRequest>()
  #connection: Connection | undefined
  #isHeard = false
  #mayOpenAgain = true

  constructor(context: ConnectionContext, options: ConnectionOptions, events: TransportEvents) {
    this.#context = context
    this.#options = options
    this.#events = events
  }

  async open(signal: AbortSignal): Promise<void> {
    this.#connection = await openConnection(
      this.#context,
      { ...this.#options, signal },
      {
        onMessage: (message) => {
          this.#heard()
          this.#events.onMessage(message)
        },
        onError: this.#events.onError,
        onClose: (error) => this.#ended(error),
      },
    )
  }

  send(message: JsonRpcMessage): Promise<void> {
    const isRequest = 'method' in message && 'id' in message
    if (!this.#isHeard && isRequest) {
      return new Promise((resolve, reject) => {
        const request = { message, resolve, reject }
        this.#first.add(request)
        this.#sendFirst(request)
      })
    }
    return this.#connection?.send(message) ?? Promise.reject(notConnected())
  }

  async close(): Promise<void> {
    this.#closing.abort()
    await this.#connection?.close()
    this.#over(undefined)
  }

  #sendFirst(request: FirstRequest): void {
    const connection = this.#connection
    // Undefined while another one is being opened, on which it goes out.
    connection?.send(request.message).catch((error) => {
      // A socket on its way to its end says more there. An open one refuses what is too much for it.
      if (isAuthError(error, 'network_error') && !connection.isOpen) return
      this.#first.delete(request)
      request.reject(error)
    })
  }

  #heard(): void {
    this.#isHeard = true
    for (const { resolve } of this.#first) resolve()
    this.#first.clear()
  }

  #ended(error: AuthError | undefined): void {
    const isRefusal = error?.status === 401 && error.retryable
    if (!isRefusal || this.#isHeard || !this.#mayOpenAgain) {
      this.#over(error)
      return
    }
    this.#mayOpenAgain = false
    this.#connection = undefined
    this.open(this.#closing.signal).then(
      () => {
        for (const request of this.#first) this.#sendFirst(request)
      },
      (failure) => this.#over(failure),
    )
  }

  #over(error: AuthError | undefined): void {
    const reason = error ?? notConnected()
    for (const { reject } of this.#first) reject(reason)
    this.#first.clear()
    if (error !== undefined) this.#events.onError(error)
    this.#events.onClose()
  }
}

function notConnected(): AuthError {
  return new AuthError('network_error', 'The connection is over.', { retryable: false })
}

import { abortedError, onAbort, raceSignal, throwIfAborted } from '../../async/abort.ts'
import { AuthError } from '../../errors/auth-error.ts'
import { tell } from '../../errors/tell.ts'
import type { ConnectionContext } from '../context.ts'
import type { JsonRpcMessage } from '../json-rpc.ts'
import type { McpTransport } from './mcp-transport.ts'

/** A connection as it was made, beneath a {@link LazyTransport}. */
export interface OpenTransport {
  readonly sessionId?: string | undefined
  readonly hasPerRequestStream?: boolean
  send(message: JsonRpcMessage, options?: object): Promise<void>
  setProtocolVersion?(version: string): void
  close(): Promise<void>
}

/** What a connection tells. */
export interface TransportEvents {
  readonly onMessage: (message: JsonRpcMessage, extra?: object) => void
  readonly onError: (error: Error) => void
  readonly onClose: () => void
}

/** Connects; gives up when the signal fires. */
export type OpenFunction = (
  context: ConnectionContext,
  events: TransportEvents,
  signal: AbortSignal,
) => Promise<OpenTransport>

/** How a {@link LazyTransport} comes to be. */
export interface LazyTransportOptions {
  readonly context: () => Promise<ConnectionContext>
  readonly open: OpenFunction
  /** The session that is resumed: the MCP client asks for it before it connects. */
  readonly sessionId?: string | undefined
}

/** A transport that is there at once, and loads what it is made of when it is started. */
export class LazyTransport implements McpTransport {
  onclose?: (() => void) | undefined
  onerror?: ((error: Error) => void) | undefined
  onmessage?: ((message: JsonRpcMessage, extra?: object) => void) | undefined
  readonly #options: LazyTransportOptions
  readonly #closing = new AbortController()
  #state: 'new' | 'started' | 'over' = 'new'
  #opened: OpenTransport | undefined
  #stopListening: (() => void) | undefined

  constructor(options: LazyTransportOptions) {
    this.#options = options
  }

  get sessionId(): string | undefined {
    return this.#opened === undefined ? this.#options.sessionId : this.#opened.sessionId
  }

  get hasPerRequestStream(): boolean {
    return this.#opened?.hasPerRequestStream === true
  }

  async start(): Promise<void> {
    if (this.#state !== 'new') {
      throw new AuthError('config_invalid', 'This transport was started before.', {
        hint: 'Make a new transport for each connection; the MCP client starts it by itself.',
      })
    }
    this.#state = 'started'
    try {
      this.#opened = await this.#open()
    } catch (error) {
      // Told like every other end: the MCP client of version 1 takes no other transport before.
      this.#end()
      throw error
    }
  }

  async send(message: JsonRpcMessage, options?: object): Promise<void> {
    if (this.#opened === undefined || this.#state === 'over') {
      throw new AuthError('network_error', 'The transport is not connected.', {
        retryable: false,
        hint: 'Connect the MCP client to a new transport.',
      })
    }
    await this.#opened.send(message, options)
  }

  setProtocolVersion(version: string): void {
    this.#opened?.setProtocolVersion?.(version)
  }

  async close(): Promise<void> {
    if (this.#closing.signal.aborted) return
    this.#closing.abort()
    try {
      await this.#opened?.close()
    } finally {
      this.#end()
    }
  }

  async #open(): Promise<OpenTransport> {
    const { signal } = this.#closing
    const context = await raceSignal(this.#options.context(), signal)
    throwIfAborted(context.closing)
    this.#stopListening = onAbort(context.closing, () => {
      this.close().catch(() => {})
    })
    const opened = await this.#options.open(context, this.#events(), signal)
    if (!signal.aborted && this.#state === 'started') return opened
    await opened.close()
    throw signal.aborted
      ? abortedError(signal)
      : new AuthError('network_error', 'The server ended the connection at once.')
  }

  #events(): TransportEvents {
    return {
      onMessage: (message, extra) => this.onmessage?.(message, extra),
      onError: (error) => {
        // What breaks because it is being closed is no news.
        const { onerror } = this
        if (onerror !== undefined && !this.#closing.signal.aborted) tell(onerror, error)
      },
      onClose: () => this.#end(),
    }
  }

  #end(): void {
    if (this.#state === 'over') return
    this.#state = 'over'
    this.#stopListening?.()
    this.onclose?.()
  }
}

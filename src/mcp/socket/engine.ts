// Loaded with the first use of a socket.
import { abortedError, onAbort } from '../../async/abort.ts'
import { AuthError } from '../../errors/auth-error.ts'
import type { Connection } from '../connection/connection.ts'
import { openConnection } from '../connection/open-connection.ts'
import type { McpContext } from '../context.ts'
import type { JsonRpcMessage } from '../json-rpc.ts'
import { type Call, Calls, cancellation, interrupted, type Place, tooMany } from './calls.ts'
import { assertMaxWaiting, assertTimeout, parseUrl } from './checks.ts'
import { Handlers } from './handlers.ts'
import { Introduction } from './introduction.ts'
import { Link } from './link.ts'
import { Listeners } from './listeners.ts'
import { rpcError } from './rpc-error.ts'
import { callTool, introduce, listTools, type ToolCall } from './tools.ts'
import type {
  McpInitializeRequest,
  McpNotification,
  McpParams,
  McpRequestHandler,
  McpRequestOptions,
  McpServerInfo,
  McpSocketOptions,
  McpSocketStatus,
  McpTool,
  McpToolResult,
} from './types.ts'

const defaultMaxWaiting = 1_000

/** The socket behind {@link McpSocket}: calls over a link that is kept up. */
export class Engine {
  readonly #options: McpSocketOptions
  readonly #onStatus: (status: McpSocketStatus) => void
  readonly #listeners = new Listeners()
  readonly #handlers = new Handlers()
  readonly #host: string
  readonly #timeoutMs: number
  readonly #maxWaiting: number
  readonly #calls: Calls
  readonly #introduction: Introduction
  readonly #link: Link
  readonly #stops: readonly ((() => void) | undefined)[]
  #lastId = 0
  #closed: AuthError | undefined
  #gone: Promise<void> | undefined

  /** @throws AuthError `config_invalid`, naming the option */
  constructor(
    context: McpContext,
    options: McpSocketOptions,
    onStatus: (status: McpSocketStatus) => void,
  ) {
    const {
      url: address,
      timeoutMs = context.timeoutMs,
      maxWaiting = defaultMaxWaiting,
      ...limits
    } = options
    const url = parseUrl(address ?? context.endpoints.mcpWs)
    this.#options = options
    this.#onStatus = onStatus
    this.#host = url.host
    this.#timeoutMs = timeoutMs
    assertTimeout(timeoutMs)
    this.#maxWaiting = maxWaiting
    assertMaxWaiting(maxWaiting)
    this.#calls = new Calls((call, place) => this.#due(call, place))
    this.#introduction = new Introduction({
      calls: this.#calls,
      nextId: () => this.#nextId(),
      timeoutMs,
    })
    this.#link = new Link({
      open: (events, signal) => openConnection(context, { ...limits, url, signal }, events),
      random: context.random,
      now: context.now,
      prepare: (connection) => this.#introduction.repeat(connection),
      onUp: (connection) => this.#flush(connection),
      onDown: (error) => this.#down(error),
      onFailed: (error) => this.#calls.failAll(error),
      onMessage: (message, connection) => this.#receive(message, connection),
      onError: (error) => options.onError?.(error),
      onStatus,
    })
    const close = () => void this.close()
    this.#stops = [
      onAbort(context.closing, close),
      options.signal && onAbort(options.signal, close),
    ]
    this.#updateKeepAlive()
  }

  async connect({ signal }: Pick<McpRequestOptions, 'signal'> = {}): Promise<void> {
    this.#link.hurry()
    await this.#call(undefined, { signal })
  }

  request(
    method: string,
    params: McpParams | undefined,
    options: McpRequestOptions = {},
  ): Promise<unknown> {
    const id = this.#nextId()
    return this.#call({ jsonrpc: '2.0', id, method, ...(params && { params }) }, options)
  }

  async notify(
    method: string,
    params: McpParams | undefined,
    options: Omit<McpRequestOptions, 'idempotent'> = {},
  ): Promise<void> {
    await this.#call({ jsonrpc: '2.0', method, ...(params && { params }) }, options)
  }

  /** Asks, and from then on asks first on each new connection. */
  async initialize(params: McpParams, options: McpRequestOptions): Promise<unknown> {
    const result = await this.request('initialize', params, { ...options, idempotent: true })
    this.#introduction.remember(params)
    await this.notify('notifications/initialized', undefined, options)
    return result
  }

  introduce(request: McpInitializeRequest, options: McpRequestOptions): Promise<McpServerInfo> {
    return introduce(this, request, options)
  }

  listTools(options: McpRequestOptions): Promise<readonly McpTool[]> {
    return listTools(this, options)
  }

  callTool(call: ToolCall, options: McpRequestOptions): Promise<McpToolResult> {
    return callTool(this, call, options)
  }

  listen(method: string, listener: (notification: McpNotification) => void): () => void {
    const stop = this.#listeners.add(method, listener)
    // Whoever listens has used it.
    this.#link.ensure()
    this.#updateKeepAlive()
    return () => {
      stop()
      this.#updateKeepAlive()
    }
  }

  handle(method: string, handler: McpRequestHandler): () => void {
    return this.#handlers.add(method, handler)
  }

  /** Resolves when the connection is gone, for everybody who asks. */
  close(): Promise<void> {
    this.#gone ??= this.#end()
    return this.#gone
  }

  #end(): Promise<void> {
    this.#closed = new AuthError('aborted', 'The socket was closed.')
    for (const stop of this.#stops) stop?.()
    this.#listeners.clear()
    this.#handlers.clear()
    const gone = this.#link.close()
    this.#calls.failAll(this.#closed)
    this.#onStatus({ state: 'closed' })
    return gone
  }

  #nextId(): number {
    this.#lastId += 1
    return this.#lastId
  }

  #call(
    message: Call['message'],
    { signal, timeoutMs = this.#timeoutMs, idempotent = false }: McpRequestOptions,
  ): Promise<unknown> {
    return new Promise((resolve, reject) => {
      if (this.#closed !== undefined) throw this.#closed
      if (signal?.aborted) throw abortedError(signal)
      if (timeoutMs !== this.#timeoutMs) assertTimeout(timeoutMs)
      const call: Call = {
        message,
        isIdempotent: idempotent,
        signal,
        dueAt: performance.now() + timeoutMs,
        resolve,
        reject,
        release: undefined,
      }
      if (signal !== undefined) {
        call.release = onAbort(signal, () => this.#giveUp(call, abortedError(signal)))
      }
      const { connection } = this.#link
      if (connection === undefined) this.#wait(call)
      else this.#send(call, connection)
      this.#updateKeepAlive()
    })
  }

  #wait(call: Call): void {
    const maxWaiting = this.#maxWaiting
    if (this.#calls.waitingCount >= maxWaiting) {
      call.release?.()
      call.reject(tooMany(maxWaiting))
      return
    }
    this.#calls.wait(call)
    this.#link.ensure()
  }

  #send(call: Call, connection: Connection): void {
    const { message } = call
    if (message === undefined) {
      call.release?.()
      call.resolve(undefined)
      return
    }
    this.#calls.sent(call)
    const refused = (error: AuthError) => {
      // It never went out.
      if (!connection.isOpen) this.#calls.waitAgain(call)
      else if (this.#calls.remove(call) !== undefined) call.reject(error)
      this.#updateKeepAlive()
    }
    const sending = connection.send(message, call.signal)
    if ('id' in message) {
      sending.catch(refused)
      return
    }
    sending.then(() => {
      if (this.#calls.remove(call) !== undefined) call.resolve(undefined)
      this.#updateKeepAlive()
    }, refused)
  }

  #flush(connection: Connection): void {
    for (const call of this.#calls.takeWaiting()) this.#send(call, connection)
    this.#updateKeepAlive()
  }

  /** The connection is gone: nobody knows what became of the requests that went out. */
  #down(error: AuthError): void {
    for (const call of this.#calls.unanswered) {
      if (call.isIdempotent) this.#calls.waitAgain(call)
      else {
        this.#calls.remove(call)
        call.reject(interrupted(this.#host, error))
      }
    }
    this.#updateKeepAlive()
  }

  #receive(message: JsonRpcMessage, connection: Connection): void {
    if ('method' in message) {
      if ('id' in message) void this.#handlers.serve(message, connection)
      else this.#listeners.tell(message.method, message.params ?? {})
      return
    }
    const { id } = message
    const call = id === undefined ? undefined : this.#calls.answered(id)
    if (call === undefined) {
      // The answer to one that was given up is no news; a failure of nobody's is.
      if ('error' in message && id === undefined)
        this.#options.onError?.(rpcError(message, this.#host))
      return
    }
    if ('error' in message) call.reject(rpcError(message, this.#host))
    else call.resolve(message.result)
    this.#updateKeepAlive()
  }

  /** ★25 The other side may never answer. */
  #due(call: Call, place: Place): void {
    // Whoever waited for a connection wants to know why there was none.
    const lastError = place === 'waiting' ? this.#link.lastError : undefined
    this.#cancel(call, 'timeout')
    call.reject(lastError ?? new AuthError('timeout', `${this.#host} did not answer in time.`))
    this.#updateKeepAlive()
  }

  #giveUp(call: Call, error: AuthError): void {
    if (this.#calls.remove(call) === 'sent') this.#cancel(call, 'cancelled')
    call.reject(error)
    this.#updateKeepAlive()
  }

  #cancel({ message }: Call, reason: 'timeout' | 'cancelled'): void {
    const said = cancellation(message, reason)
    if (said !== undefined) this.#link.connection?.send(said).catch(() => {})
  }

  /** As long as somebody waits or listens, and no longer: a program that forgets `close()` ends. */
  #updateKeepAlive(): void {
    this.#link.keepAlive(this.#calls.size > 0 || this.#listeners.size > 0)
  }
}

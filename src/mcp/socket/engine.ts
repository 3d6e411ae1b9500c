// Loaded with the first use of a socket.
import { abortedError, onAbort } from '../../async/abort.ts'
import { AuthError, isAuthError } from '../../errors/auth-error.ts'
import type { Connection } from '../connection/connection.ts'
import { openConnection } from '../connection/open-connection.ts'
import type { McpContext } from '../context.ts'
import type { JsonRpcMessage, JsonRpcNotification, JsonRpcRequest } from '../json-rpc.ts'
import { type Call, Calls } from './calls.ts'
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
const internalError = { error: { code: -32_603, message: 'Internal error' } }

/** The socket behind {@link McpSocket}: calls over a link that is kept up. */
export class Engine {
  readonly #options: McpSocketOptions
  readonly #onStatus: (status: McpSocketStatus) => void
  readonly #listeners = new Listeners()
  readonly #handlers = new Map<string, McpRequestHandler>()
  readonly #host: string
  readonly #timeoutMs: number
  readonly #calls: Calls
  readonly #link: Link
  readonly #stops: readonly ((() => void) | undefined)[]
  #lastId = 0
  /** What comes first on each connection, once it has been asked for. */
  #initialize: McpParams | undefined
  #closed: AuthError | undefined
  #gone: Promise<void> | undefined

  /** @throws AuthError `config_invalid`, naming the option */
  constructor(
    context: McpContext,
    options: McpSocketOptions,
    onStatus: (status: McpSocketStatus) => void,
  ) {
    const { url: address, timeoutMs = context.timeoutMs, ...limits } = options
    const url = parseUrl(address ?? context.endpoints.mcpWs)
    this.#options = options
    this.#onStatus = onStatus
    this.#host = url.host
    this.#timeoutMs = timeoutMs
    assertTimeout(timeoutMs)
    this.#calls = new Calls((call) => this.#due(call))
    this.#link = new Link({
      open: (events, signal) => openConnection(context, { ...limits, url, signal }, events),
      random: context.random,
      now: context.now,
      prepare: (connection) => this.#introduce(connection),
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
    this.#lastId += 1
    const id = this.#lastId
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
    this.#initialize = params
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
    this.#handlers.set(method, handler)
    return () => {
      if (this.#handlers.get(method) === handler) this.#handlers.delete(method)
    }
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
    const { maxWaiting = defaultMaxWaiting } = this.#options
    if (this.#calls.waitingCount >= maxWaiting) {
      call.release?.()
      call.reject(
        new AuthError('network_error', `${maxWaiting} calls wait for a connection already.`, {
          hint: 'Wait until there is a connection before more is asked for.',
        }),
      )
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
      if ('id' in message) void this.#serve(message, connection)
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

  async #serve({ id, method, params = {} }: JsonRpcRequest, connection: Connection): Promise<void> {
    const answer = await this.#answer(method, params)
    const send = (said: typeof answer) => connection.send({ jsonrpc: '2.0', id, ...said })
    // What is no JSON, or too large, is a mistake of the handler, too.
    const failed = (error: unknown) =>
      isAuthError(error, 'validation_failed') ? send(internalError) : undefined
    // Nobody waits for it any more when the connection is gone.
    await send(answer)
      .catch(failed)
      .catch(() => {})
  }

  async #answer(method: string, params: McpParams) {
    const handler = this.#handlers.get(method)
    if (handler === undefined) {
      return method === 'ping'
        ? { result: {} }
        : { error: { code: -32_601, message: 'Method not found' } }
    }
    try {
      return { result: (await handler(params)) ?? {} }
    } catch {
      // What went wrong here may hold what the other side must not see.
      return internalError
    }
  }

  /** Introduces us again on a new connection. */
  #introduce(connection: Connection): Promise<void> | undefined {
    const params = this.#initialize
    if (params === undefined) return undefined
    return new Promise<unknown>((resolve, reject) => {
      this.#lastId += 1
      const message = { jsonrpc: '2.0', id: this.#lastId, method: 'initialize', params } as const
      const dueAt = performance.now() + this.#timeoutMs
      const call: Call = {
        message,
        isIdempotent: false,
        signal: undefined,
        dueAt,
        resolve,
        reject,
        release: undefined,
      }
      this.#calls.sent(call)
      connection.send(message).catch((error) => {
        this.#calls.remove(call)
        reject(error)
      })
    }).then(() => connection.send({ jsonrpc: '2.0', method: 'notifications/initialized' }))
  }

  /** ★25 The other side may never answer. */
  #due(call: Call): void {
    const { lastError } = this.#link
    this.#cancel(call, 'timeout')
    call.reject(
      // Whoever waited for a connection wants to know why there was none.
      lastError ?? new AuthError('timeout', `${this.#host} did not answer in time.`),
    )
    this.#updateKeepAlive()
  }

  #giveUp(call: Call, error: AuthError): void {
    if (this.#calls.remove(call) === 'sent') this.#cancel(call, 'cancelled')
    call.reject(error)
    this.#updateKeepAlive()
  }

  /** Tells the other side that nobody waits for an answer any more. */
  #cancel({ message }: Call, reason: string): void {
    const { connection } = this.#link
    // MCP does not let `initialize` be cancelled.
    if (connection === undefined || message === undefined || !('id' in message)) return
    if (message.method === 'initialize') return
    const cancelled: JsonRpcNotification = {
      jsonrpc: '2.0',
      method: 'notifications/cancelled',
      params: { requestId: message.id, reason },
    }
    connection.send(cancelled).catch(() => {})
  }

  /** As long as somebody waits or listens, and no longer: a program that forgets `close()` ends. */
  #updateKeepAlive(): void {
    this.#link.keepAlive(this.#calls.size > 0 || this.#listeners.size > 0)
  }
}

function interrupted(host: string, cause: AuthError): AuthError {
  const { status, requestId, retryAfterMs } = cause
  return new AuthError('network_error', `The connection to ${host} broke before the answer.`, {
    cause,
    status,
    requestId,
    retryAfterMs,
    hint: 'The request may have been carried out. What can be repeated without harm can be marked as idempotent.',
  })
}

function parseUrl(address: string | URL): URL {
  if (URL.canParse(address)) return new URL(address)
  throw new AuthError('config_invalid', 'The url of the socket is not an absolute URL.')
}

function assertTimeout(timeoutMs: number): void {
  if (Number.isFinite(timeoutMs) && timeoutMs > 0) return
  throw new AuthError('config_invalid', 'timeoutMs is not a positive number.')
}

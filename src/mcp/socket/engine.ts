// Loaded with the first use of a socket.
import { abortedError, onAbort } from '../../async/abort.ts'
import { AuthError } from '../../errors/auth-error.ts'
import type { Connection } from '../connection/connection.ts'
import { openConnection } from '../connection/open-connection.ts'
import type { McpContext } from '../context.ts'
import type { JsonRpcMessage, JsonRpcNotification, JsonRpcRequest } from '../json-rpc.ts'
import type { Board } from './board.ts'
import { type Call, Calls } from './calls.ts'
import { Link } from './link.ts'
import { rpcError } from './rpc-error.ts'
import type { McpParams, McpRequestOptions, McpSocketOptions } from './types.ts'

const defaultMaxWaiting = 1_000

/** The socket behind {@link McpSocket}: calls over a link that is kept up. */
export class Engine {
  readonly #options: McpSocketOptions
  readonly #board: Board
  readonly #host: string
  readonly #timeoutMs: number
  readonly #calls: Calls
  readonly #link: Link
  readonly #stop: () => void
  #lastId = 0
  /** What comes first on each connection, once it has been asked for. */
  #initialize: McpParams | undefined
  #closed: AuthError | undefined

  /** @throws AuthError `config_invalid`, naming the option */
  constructor(
    context: McpContext,
    { board, options }: { readonly board: Board; readonly options: McpSocketOptions },
  ) {
    const { url: address, timeoutMs = context.timeoutMs, ...limits } = options
    const url = parseUrl(address ?? context.endpoints.mcpWs)
    this.#options = options
    this.#board = board
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
      onStatus: (status) => {
        board.status = status
      },
    })
    this.#stop = onAbort(context.closing, () => void this.close())
    board.onInterest = () => {
      if (board.isListenedTo) this.#link.ensure()
      this.#updateKeepAlive()
    }
    board.onInterest()
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

  async close(): Promise<void> {
    if (this.#closed === undefined) {
      this.#closed = new AuthError('aborted', 'The socket was closed.')
      this.#stop()
      this.#board.onInterest = () => {}
      const gone = this.#link.close()
      this.#calls.failAll(this.#closed)
      this.#board.status = { state: 'closed' }
      await gone
    }
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
    const isRequest = 'id' in message
    if (isRequest) this.#calls.sent(message.id, call)
    const sending = connection.send(message)
    const refused = (error: AuthError) => {
      // It never went out.
      if (isRequest && this.#calls.remove(call) === undefined) return
      if (connection.isOpen) call.reject(error)
      else this.#wait(call)
    }
    if (isRequest) {
      sending.catch(refused)
    } else {
      call.release?.()
      sending.then(call.resolve, refused)
    }
  }

  #flush(connection: Connection): void {
    for (const call of this.#calls.takeWaiting()) this.#send(call, connection)
    this.#updateKeepAlive()
  }

  /** The connection is gone: nobody knows what became of the requests that went out. */
  #down(error: AuthError): void {
    for (const call of this.#calls.unanswered) {
      this.#calls.remove(call)
      if (call.isIdempotent) this.#calls.wait(call)
      else call.reject(interrupted(this.#host, error))
    }
    this.#updateKeepAlive()
  }

  #receive(message: JsonRpcMessage, connection: Connection): void {
    if ('method' in message) {
      if ('id' in message) void this.#serve(message, connection)
      else this.#board.tell(message.method, message.params ?? {})
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
    // Nobody waits for it any more when the connection is gone.
    await connection.send({ jsonrpc: '2.0', id, ...answer }).catch(() => {})
  }

  async #answer(method: string, params: McpParams) {
    const handler = this.#board.handlers.get(method)
    if (handler === undefined) {
      return method === 'ping'
        ? { result: {} }
        : { error: { code: -32_601, message: 'Method not found' } }
    }
    try {
      return { result: (await handler(params)) ?? {} }
    } catch {
      // What went wrong here may hold what the other side must not see.
      return { error: { code: -32_603, message: 'Internal error' } }
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
      const call = { message, isIdempotent: false, dueAt, resolve, reject, release: undefined }
      this.#calls.sent(message.id, call)
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
    this.#link.keepAlive(this.#calls.size > 0 || this.#board.isListenedTo)
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

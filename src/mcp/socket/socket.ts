import { once } from '../../async/once.ts'
import { AuthError, isAuthError } from '../../errors/auth-error.ts'
import { loadPart } from '../../errors/load-part.ts'
import { tell } from '../../errors/tell.ts'
import type { CallOptions } from '../../http/call-options.ts'
import type { McpContext } from '../context.ts'
import type { Engine } from './engine.ts'
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

/**
 * JSON-RPC over a WebSocket that signs itself in and stays up: `client.mcp.socket()`.
 *
 * It connects on first use and again when the connection breaks, each time with a fresh credential. A
 * healthy connection is not cut when a token is renewed.
 *
 * | what happens | what becomes of a request |
 * |---|---|
 * | there is no connection yet | it waits, within its time limit |
 * | the connection breaks before the answer | `network_error`, retryable; an idempotent one is sent again |
 * | no answer comes (★25) | `timeout` |
 * | the credential is no good any more, or the person signs out (★27) | the error that says so, such as `login_required`; the next request tries again |
 * | the other side answers with an error | an error with `rpcCode`: `validation_failed`, `not_found`, else `server_error` |
 *
 * On Node.js it keeps the process alive while a request is under way or somebody listens, and not longer.
 *
 * @example
 * ```ts
 * import { createClient } from '@lanonasis/auth-client/node'
 *
 * const client = createClient()
 * const socket = client.mcp.socket()
 * for (const { name } of await socket.listTools()) console.log(name)
 * const { content } = await socket.callTool('search_memories', { query: 'birthday' })
 * console.log(content)
 * ```
 */
export class McpSocket {
  readonly #load: () => Promise<Engine>
  readonly #subscribers = new Set<() => void>()
  #engine: Engine | undefined
  #status: McpSocketStatus = { state: 'idle' }
  #isClosed = false

  /** @internal */
  constructor(context: () => Promise<McpContext>, options: McpSocketOptions) {
    this.#load = once(async () => {
      try {
        const [{ Engine }, known] = await Promise.all([loadPart(import('./engine.ts')), context()])
        if (this.#isClosed || options.signal?.aborted) throw closed()
        this.#engine = new Engine(known, options, (status) => this.#tell(status))
        return this.#engine
      } catch (error) {
        // The caller's signal closes it, whether or not it was in use by then.
        if (options.signal?.aborted) void this.close()
        else if (isAuthError(error) && !this.#isClosed) this.#tell({ state: 'failed', error })
        throw error
      }
    })
  }

  /**
   * Connects now, for those who want to know that it works. Everything else does so by itself.
   *
   * While it waits to try again, this tries at once.
   *
   * @throws AuthError what keeps it from connecting within the time limit
   */
  async connect(options: CallOptions = {}): Promise<void> {
    await (await this.#ready()).connect(options)
  }

  /**
   * Calls a method of the other side.
   *
   * @returns the `result` of the answer, as it came
   * @throws AuthError with `rpcCode` when the answer is an error; `timeout`, `network_error`,
   * `login_required`, `aborted`, …
   * @example
   * ```ts
   * import type { LanonasisClient } from '@lanonasis/auth-client'
   *
   * async function resources(client: LanonasisClient, signal: AbortSignal) {
   *   const socket = client.mcp.socket()
   *   return socket.request('resources/list', {}, { signal, timeoutMs: 5_000, idempotent: true })
   * }
   * ```
   */
  request(method: string, params?: McpParams, options?: McpRequestOptions): Promise<unknown> {
    // Not `async`, whose frame would be a part of what each call costs.
    return this.#engine === undefined || this.#isClosed
      ? this.#ready().then((engine) => engine.request(method, params, options))
      : this.#engine.request(method, params, options)
  }

  /**
   * Tells the other side something, and wants no answer. Resolves when it is on its way.
   *
   * @throws AuthError `network_error`, `login_required`, `aborted`, …
   */
  async notify(
    method: string,
    params?: McpParams,
    options?: Omit<McpRequestOptions, 'idempotent'>,
  ): Promise<void> {
    await (await this.#ready()).notify(method, params, options)
  }

  /**
   * Calls `listener` with each notification of one kind, or with all of them: `'*'`. Connects, and keeps
   * a process alive until it is stopped. What is said while there is no connection is not heard.
   *
   * A listener is not told that there is nothing more to come. When waiting is of no use any more, because the
   * person has signed out for example, {@link McpSocket.getSnapshot} says `failed` and why, and nothing keeps the
   * process alive. A program that only listens has to look, and goes on with {@link McpSocket.connect}.
   *
   * @returns how to stop
   * @example
   * ```ts
   * import type { LanonasisClient } from '@lanonasis/auth-client'
   *
   * function watch(client: LanonasisClient, onProblem: (message: string) => void) {
   *   const socket = client.mcp.socket()
   *   socket.subscribe(() => {
   *     const status = socket.getSnapshot()
   *     if (status.state === 'failed') onProblem(`${status.error.message} ${status.error.hint}`)
   *   })
   *   socket.on('*', ({ method }) => console.log(method))
   *   return socket
   * }
   * ```
   */
  on(method: string, listener: (notification: McpNotification) => void): () => void {
    return this.#later((engine) => engine.listen(method, listener))
  }

  /**
   * Answers requests of the other side, such as `roots/list`. `ping` is answered without that; all others
   * are told that there is no such method.
   *
   * @returns how to stop
   */
  handle(method: string, handler: McpRequestHandler): () => void {
    return this.#later((engine) => engine.handle(method, handler))
  }

  /**
   * Introduces us, as MCP asks for; from then on each new connection begins with it.
   *
   * @throws AuthError `invalid_response`, and those of {@link McpSocket.request}
   */
  async initialize(
    request: McpInitializeRequest = {},
    options: McpRequestOptions = {},
  ): Promise<McpServerInfo> {
    return (await this.#ready()).introduce(request, options)
  }

  /**
   * Lists all tools, however many pages they are.
   *
   * @throws AuthError `invalid_response`, and those of {@link McpSocket.request}
   */
  async listTools(options: McpRequestOptions = {}): Promise<readonly McpTool[]> {
    return (await this.#ready()).listTools(options)
  }

  /**
   * Calls a tool. That it failed is a result with `isError`; that there is no such tool is an error.
   *
   * @throws AuthError `invalid_response`, and those of {@link McpSocket.request}
   */
  async callTool(
    name: string,
    args: McpParams = {},
    options: McpRequestOptions = {},
  ): Promise<McpToolResult> {
    return (await this.#ready()).callTool({ name, args }, options)
  }

  /** Calls `listener` whenever {@link McpSocket.getSnapshot} changes. For `useSyncExternalStore`. */
  readonly subscribe = (listener: () => void): (() => void) => {
    // One function may subscribe twice.
    const own = () => listener()
    this.#subscribers.add(own)
    return () => {
      this.#subscribers.delete(own)
    }
  }

  /** How the socket is: the same object while nothing changes. */
  readonly getSnapshot = (): McpSocketStatus => this.#status

  /** Ends it for good: what is under way fails with `aborted`, and no timer and no connection is left. */
  async close(): Promise<void> {
    this.#isClosed = true
    if (this.#engine !== undefined) await this.#engine.close()
    else if (this.#status.state !== 'closed') this.#tell({ state: 'closed' })
    this.#subscribers.clear()
  }

  /** For `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #ready(): Promise<Engine> {
    if (this.#isClosed) throw closed()
    return this.#load()
  }

  /** What can be undone, although it may not have begun by then. */
  #later(begin: (engine: Engine) => () => void): () => void {
    let undo: (() => void) | undefined
    let isOver = false
    const start = (engine: Engine) => {
      if (!isOver) undo = begin(engine)
    }
    if (this.#engine === undefined) this.#ready().then(start, () => {})
    else start(this.#engine)
    return () => {
      isOver = true
      undo?.()
    }
  }

  #tell(status: McpSocketStatus): void {
    this.#status = status
    for (const subscriber of [...this.#subscribers]) tell(subscriber)
  }
}

function closed(): AuthError {
  return new AuthError('aborted', 'The socket was closed.')
}

import { isAuthError } from '../../errors/auth-error.ts'
import type { Connection } from '../connection/connection.ts'
import type { JsonRpcRequest } from '../json-rpc.ts'
import type { McpParams, McpRequestHandler } from './types.ts'

const internalError = { error: { code: -32_603, message: 'Internal error' } }

/** What answers the requests of the other side. */
export class Handlers {
  readonly #handlers = new Map<string, McpRequestHandler>()

  /** @returns what takes it away, unless another has taken its place */
  add(method: string, handler: McpRequestHandler): () => void {
    this.#handlers.set(method, handler)
    return () => {
      if (this.#handlers.get(method) === handler) this.#handlers.delete(method)
    }
  }

  clear(): void {
    this.#handlers.clear()
  }

  async serve({ id, method, params = {} }: JsonRpcRequest, connection: Connection): Promise<void> {
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
}

import type { Connection } from '../connection/connection.ts'
import type { JsonRpcId } from '../json-rpc.ts'
import type { Calls } from './calls.ts'
import type { McpParams } from './types.ts'

/** What an introduction is made with. */
export interface Introducer {
  readonly calls: Calls
  readonly nextId: () => JsonRpcId
  readonly timeoutMs: number
}

/** What comes first on each connection, once it has been asked for: a server knows nothing of the one before. */
export class Introduction {
  readonly #introducer: Introducer
  #params: McpParams | undefined

  constructor(introducer: Introducer) {
    this.#introducer = introducer
  }

  /** They were answered; from now on they come first. */
  remember(params: McpParams): void {
    this.#params = params
  }

  /** Introduces us on a new connection. It cannot wait for one: there is none that is ready before. */
  repeat(connection: Connection): Promise<void> | undefined {
    const params = this.#params
    return params && this.#initialize(connection, params)
  }

  async #initialize(connection: Connection, params: McpParams): Promise<void> {
    const { calls, nextId, timeoutMs } = this.#introducer
    await new Promise<unknown>((resolve, reject) => {
      const message = { jsonrpc: '2.0', id: nextId(), method: 'initialize', params } as const
      const call = {
        message,
        isIdempotent: false,
        signal: undefined,
        dueAt: performance.now() + timeoutMs,
        resolve,
        reject,
        release: undefined,
      }
      calls.sent(call)
      connection.send(message).catch((error) => {
        calls.remove(call)
        reject(error)
      })
    })
    await connection.send({ jsonrpc: '2.0', method: 'notifications/initialized' })
  }
}

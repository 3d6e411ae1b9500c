import type { McpContext } from './context.ts'
import { McpSocket } from './socket/socket.ts'
import type { McpSocketOptions } from './socket/types.ts'

/** `client.mcp`: MCP Core in real time, over the client's credentials. */
export class McpApi {
  readonly #context: () => Promise<McpContext>

  /** @internal */
  constructor(context: () => Promise<McpContext>) {
    this.#context = context
  }
  /**
   * JSON-RPC over a WebSocket that signs itself in and stays up. It connects on first use; close it when
   * it is needed no more.
   *
   * A browser's sockets take no headers: there `strategy` has to be said, as far as the service takes one
   * of the others.
   */
  socket(options: McpSocketOptions = {}): McpSocket {
    return new McpSocket(this.#context, options)
  }
}

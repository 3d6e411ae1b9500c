import type { McpContext } from './context.ts'

/** `client.mcp`: MCP Core in real time, over the client's credentials. */
export class McpApi {
  readonly #context: () => Promise<McpContext>

  /** @internal */
  constructor(context: () => Promise<McpContext>) {
    this.#context = context
  }
}

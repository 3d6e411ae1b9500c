import { joinUrl } from '../endpoints/url.ts'
import type { McpContext } from './context.ts'
import { createTransport } from './transport/create-transport.ts'
import type { McpTransport } from './transport/mcp-transport.ts'
import type { McpTransportKind, McpTransportOptions } from './transport/options.ts'

/** `client.mcp`: MCP Core in real time, over the client's credentials. */
export class McpApi {
  readonly #context: () => Promise<McpContext>

  /** @internal */
  constructor(context: () => Promise<McpContext>) {
    this.#context = context
  }

  /**
   * A transport for the official MCP `Client`, of `@modelcontextprotocol/client` (v2) or of
   * `@modelcontextprotocol/sdk` (v1), whose requests carry this client's credential.
   *
   * | kind | what it is | default address |
   * |---|---|---|
   * | `http` | the official Streamable HTTP transport, with all revisions that the installed version knows | `{mcpHttp}/mcp` |
   * | `sse` | the official transport over HTTP+SSE, for servers that have nothing newer | `mcpSse` |
   * | `ws` | a WebSocket with one JSON-RPC message in each of its messages | `mcpWs` |
   *
   * `http` and `sse` need one of the two packages, which is loaded when the transport is started. The
   * session is renewed where that is needed, and a request that was refused is repeated once with a new
   * token: the MCP client gets no `authProvider`. What it cannot go on with is an `AuthError`, which
   * version 2 wraps while it negotiates the revision of the protocol: look at the `cause` as well.
   *
   * Closing the transport ends the session at the server. One transport serves one connection.
   *
   * @throws AuthError `config_invalid` for an unknown kind, or a `url` that is none of its kind
   * @example
   * ```ts
   * import { createClient } from '@lanonasis/auth-client/node'
   * import { Client } from '@modelcontextprotocol/client'
   *
   * const lanonasis = createClient()
   * const mcp = new Client({ name: 'my-app', version: '1.0.0' })
   * await mcp.connect(lanonasis.mcp.transport('http'))
   * const { tools } = await mcp.listTools()
   * console.log(tools.map(({ name }) => name))
   * ```
   * @see https://modelcontextprotocol.io/specification/2025-11-25/basic/transports
   */
  transport<Kind extends McpTransportKind>(
    kind: Kind,
    options?: McpTransportOptions[Kind],
  ): McpTransport {
    return createTransport(kind, options ?? {}, {
      context: this.#context,
      defaultUrl: async () => {
        const { mcpHttp, mcpSse, mcpWs } = (await this.#context()).endpoints
        return { http: joinUrl(mcpHttp, 'mcp'), sse: new URL(mcpSse), ws: new URL(mcpWs) }[kind]
      },
    })
  }
}

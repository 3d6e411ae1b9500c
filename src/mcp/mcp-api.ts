import { joinUrl } from '../endpoints/url.ts'
import type { McpContext } from './context.ts'
import { lazyEvents } from './events/lazy-events.ts'
import type { EventsOptions, McpEvent, NamedEvent } from './events/types.ts'
import { McpSocket } from './socket/socket.ts'
import type { McpSocketOptions } from './socket/types.ts'
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
   * JSON-RPC over a WebSocket that signs itself in and stays up. It connects on first use; close it when
   * it is needed no more.
   *
   * A browser's sockets take no headers: there `strategy` has to be said, as far as the service takes one
   * of the others.
   *
   * What keeps it from connecting is told by the first request, or by `connect()`.
   *
   * @see RFC 6455, https://www.jsonrpc.org/specification
   * @example
   * ```ts
   * import { createClient } from '@lanonasis/auth-client/node'
   *
   * const lanonasis = createClient()
   * const socket = lanonasis.mcp.socket()
   * for (const { name } of await socket.listTools()) console.log(name)
   * ```
   */
  socket(options: McpSocketOptions = {}): McpSocket {
    return new McpSocket(this.#context, options)
  }

  /**
   * What happens at MCP Core, as it happens (server-sent events). It returns at once; each `for await`
   * over it opens a stream of its own, with its first event.
   *
   * A stream that ends, breaks or falls silent is replaced, with a credential as of then; what happened
   * in between is not delivered later, because no service keeps it. Greetings and heartbeats are not
   * shown. Leaving the loop cuts the request. A consumer that takes its time holds back the service,
   * and no more is kept here than one piece of the stream.
   *
   * `event.type` is the name of the server-sent event; `message`, where it has none, is a notification
   * of JSON-RPC. The names that this version knows narrow `event`; name others that you wait for in
   * the type argument. `event.data` is the parsed JSON.
   *
   * @throws AuthError from the loop: `login_required`, `session_expired`, `api_key_expired`, …: nobody is
   * signed in any more; `forbidden`, `not_found`, `invalid_response`: this service has no events for this
   * account; `validation_failed`; `aborted`. Failures that pass are waited for: see `onState`, `maxRetries`
   *
   * @example
   * ```ts
   * import { createClient } from '@lanonasis/auth-client/node'
   *
   * const lanonasis = createClient()
   * for await (const event of lanonasis.mcp.events<'team.joined'>()) {
   *   switch (event.type) {
   *     case 'memory.created':
   *       console.log('A new memory', event.data.id)
   *       break
   *     case 'message':
   *       console.log('A notification', event.data.method)
   *       break
   *     case 'team.joined':
   *       console.log('Not known to this version', event.data)
   *   }
   * }
   * ```
   */
  events<Name extends string = never>(
    options: EventsOptions = {},
  ): AsyncIterable<McpEvent | NamedEvent<Name>> {
    return lazyEvents(this.#context, options)
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

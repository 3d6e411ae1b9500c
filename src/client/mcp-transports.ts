import { once } from '../async/once.ts'
import { createTransport } from '../mcp/transport/create-transport.ts'
import type { McpTransport } from '../mcp/transport/mcp-transport.ts'
import type {
  HttpTransportOptions,
  McpTransportKind,
  McpTransportOptions,
  SseTransportOptions,
  WebSocketTransportOptions,
} from '../mcp/transport/options.ts'
import { type AuthClient, coreOf } from './auth-client.ts'

/** Where an MCP server is, which has no default here. */
export interface McpServerAddress {
  /** At a service that the client's tokens are for; no credential stands in it. */
  readonly url: string | URL
}

/**
 * A transport for the official MCP `Client` to any MCP server over Streamable HTTP, signed in by a client.
 *
 * The server has to be one that the client's tokens are for: its origin stands among the `resources`
 * of an {@link AuthClient} for another authorization server, or among the Lanonasis services.
 *
 * @throws AuthError `config_invalid` when `url` is not an HTTP address. What comes later is thrown by `connect`.
 * @example
 * ```ts
 * import { AuthClient } from '@lanonasis/auth-client'
 * import { httpTransport } from '@lanonasis/auth-client/mcp'
 * import { Client } from '@modelcontextprotocol/client'
 *
 * const auth = new AuthClient({
 *   clientId: 'my-app',
 *   issuer: 'https://id.example.com',
 *   resources: ['https://mcp.example.com'],
 * })
 * const mcp = new Client({ name: 'my-app', version: '1.0.0' })
 * await mcp.connect(httpTransport(auth, { url: 'https://mcp.example.com/mcp' }))
 * ```
 * @see https://modelcontextprotocol.io/specification/2025-11-25/basic/transports
 */
export function httpTransport(
  client: AuthClient,
  options: HttpTransportOptions & McpServerAddress,
): McpTransport {
  return transportOf(client, 'http', options)
}

/**
 * The same over HTTP+SSE, for servers that have nothing newer.
 *
 * @throws AuthError `config_invalid` when `url` is not an HTTP address
 * @example
 * ```ts
 * import { AuthClient } from '@lanonasis/auth-client'
 * import { sseTransport } from '@lanonasis/auth-client/mcp'
 * import { Client } from '@modelcontextprotocol/client'
 *
 * const auth = new AuthClient({
 *   clientId: 'my-app',
 *   issuer: 'https://id.example.com',
 *   resources: ['https://mcp.example.com'],
 * })
 * const mcp = new Client({ name: 'my-app', version: '1.0.0' })
 * await mcp.connect(sseTransport(auth, { url: 'https://mcp.example.com/sse' }))
 * ```
 */
export function sseTransport(
  client: AuthClient,
  options: SseTransportOptions & McpServerAddress,
): McpTransport {
  return transportOf(client, 'sse', options)
}

/**
 * The same over a WebSocket, with one JSON-RPC message in each of its messages. When the socket ends, so
 * does the transport: the server's session was that of the socket.
 *
 * @throws AuthError `config_invalid` when `url` is not the address of a WebSocket
 * @example
 * ```ts
 * import { AuthClient } from '@lanonasis/auth-client'
 * import { webSocketTransport } from '@lanonasis/auth-client/mcp'
 * import { nodeWebSockets } from '@lanonasis/auth-client/node'
 * import { Client } from '@modelcontextprotocol/client'
 *
 * const auth = new AuthClient({
 *   clientId: 'my-app',
 *   issuer: 'https://id.example.com',
 *   resources: ['https://mcp.example.com'],
 *   webSocket: nodeWebSockets(),
 * })
 * const mcp = new Client({ name: 'my-app', version: '1.0.0' })
 * await mcp.connect(webSocketTransport(auth, { url: 'wss://mcp.example.com/ws' }))
 * ```
 */
export function webSocketTransport(
  client: AuthClient,
  options: WebSocketTransportOptions & McpServerAddress,
): McpTransport {
  return transportOf(client, 'ws', { protocols: ['mcp'], ...options })
}

function transportOf<Kind extends McpTransportKind>(
  client: AuthClient,
  kind: Kind,
  options: McpTransportOptions[Kind] & McpServerAddress,
): McpTransport {
  const core = coreOf(client)
  return createTransport(kind, options, {
    context: once(async () => {
      const { connectionContext } = await import('./realtime.ts')
      return connectionContext(core)
    }),
  })
}

/**
 * Any MCP server: transports that plug into the official MCP `Client`, of `@modelcontextprotocol/client`
 * (v2) or of `@modelcontextprotocol/sdk` (v1), and sign its requests in.
 *
 * For MCP Core itself there is `client.mcp` of a `LanonasisClient`.
 *
 * @module
 */
export {
  httpTransport,
  type McpServerAddress,
  sseTransport,
  webSocketTransport,
} from './client/mcp-transports.ts'
export type { SocketDialect, SocketStrategy } from './mcp/connection/connection.ts'
export type {
  JsonRpcFailure,
  JsonRpcId,
  JsonRpcMessage,
  JsonRpcNotification,
  JsonRpcRequest,
  JsonRpcResult,
} from './mcp/json-rpc.ts'
export type { McpTransport } from './mcp/transport/mcp-transport.ts'
export type {
  McpSdk,
  OfficialTransport,
  OfficialTransportClass,
  OfficialTransportOptions,
  ReconnectionOptions,
} from './mcp/transport/official.ts'
export type {
  HttpTransportOptions,
  McpSdkChoice,
  SseTransportOptions,
  WebSocketTransportOptions,
} from './mcp/transport/options.ts'

import type { JsonRpcMessage } from '../json-rpc.ts'

/**
 * A transport that the official MCP `Client` takes: that of `@modelcontextprotocol/client` (v2) and that of
 * `@modelcontextprotocol/sdk` (v1).
 *
 * It is described here by its shape, so that neither package is needed for types. One transport serves one
 * `client.connect(transport)`; make another one to connect again.
 */
export interface McpTransport {
  /**
   * Connects. The MCP client calls it.
   *
   * @throws AuthError `login_required`, `session_expired`, `origin_not_allowed`, `network_error`,
   * `config_invalid` when the peer package is missing, …
   */
  start(): Promise<void>
  /** Sends one message. The MCP client calls it; `options` are its own. */
  send(message: JsonRpcMessage, options?: object): Promise<void>
  /** Ends the connection, and the server's session where there is one. The MCP client calls it. */
  close(): Promise<void>
  /** Called once, when the connection is over for any reason. */
  onclose?: (() => void) | undefined
  /** Called with what goes wrong beside the calls. Not all of it ends the connection. */
  onerror?: ((error: Error) => void) | undefined
  /** Called with each message. */
  onmessage?: ((message: JsonRpcMessage, extra?: object) => void) | undefined
  /** The session at the server, where the transport has one. */
  readonly sessionId?: string | undefined
  /** Called by the MCP client when the revision of the protocol is agreed upon. */
  setProtocolVersion?(version: string): void
  /** Whether each request has a stream of its own, which ends with it (revision 2026-07-28). */
  readonly hasPerRequestStream?: boolean
}

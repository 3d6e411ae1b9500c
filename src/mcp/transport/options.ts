import type { SocketDialect, SocketStrategy } from '../connection/connection.ts'
import type { McpSdk, ReconnectionOptions } from './official.ts'

/** Which version of the official SDK makes the transport: by name, or the module itself. */
export type McpSdkChoice = 'v1' | 'v2' | McpSdk

/** What every transport can be told. */
interface CommonOptions {
  /**
   * The address of the server: at a service of the client, else the connection fails with
   * `origin_not_allowed`. A credential never stands in it.
   */
  readonly url?: string | URL | undefined
}

/** What the transports that wrap an official one can be told. */
interface OfficialOptions extends CommonOptions {
  /**
   * Default: `@modelcontextprotocol/client` (v2) where it is installed, else `@modelcontextprotocol/sdk`
   * (v1). The transports of v2 serve the `Client` of v1 as well. Pass the module where there is nothing
   * to look it up in, as in a bundle.
   */
  readonly sdk?: McpSdkChoice | undefined
  /** Headers besides the credential, which they cannot replace. */
  readonly headers?: Readonly<Record<string, string>> | undefined
}

/** Options of the transport over Streamable HTTP. */
export interface HttpTransportOptions extends OfficialOptions {
  /** How a stream that broke off is opened again; default: that of the official SDK, two attempts. */
  readonly reconnection?: Readonly<ReconnectionOptions> | undefined
  /** Resumes a session of the server, with the `protocolVersion` that was agreed upon for it. */
  readonly sessionId?: string | undefined
  /** The revision of the protocol of a session that is resumed. */
  readonly protocolVersion?: string | undefined
  /** Leaves the server's session as it is at the end, to be resumed; default `false`: it is ended. */
  readonly keepSession?: boolean | undefined
}

/** Options of the transport over HTTP+SSE, the older one (revision 2024-11-05). */
export interface SseTransportOptions extends OfficialOptions {}

/** Options of the transport over a WebSocket. */
export interface WebSocketTransportOptions extends CommonOptions {
  /** How the credential gets there; default `header` where the platform's sockets have headers. */
  readonly strategy?: SocketStrategy | undefined
  /**
   * Subprotocols to offer: the server has to choose one of them. Default: none at MCP Core, which knows
   * none, and `mcp` at other servers.
   */
  readonly protocols?: readonly string[] | undefined
  /** What the server says first; default `auto`: found out. */
  readonly dialect?: SocketDialect | undefined
}

/** The kinds of transports, and what each can be told. */
export interface McpTransportOptions {
  /** Streamable HTTP, the transport of the specification. */
  readonly http: HttpTransportOptions
  /** HTTP+SSE, which it replaced. */
  readonly sse: SseTransportOptions
  /** A WebSocket, which the specification leaves to those who agree on it. */
  readonly ws: WebSocketTransportOptions
}

/** A kind of transport. */
export type McpTransportKind = keyof McpTransportOptions

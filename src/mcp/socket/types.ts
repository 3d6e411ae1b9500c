import type { AuthError } from '../../errors/auth-error.ts'
import type { CallOptions } from '../../http/call-options.ts'
import type { ConnectionOptions } from '../connection/connection.ts'

/** Options of `client.mcp.socket`. */
export interface McpSocketOptions extends Omit<ConnectionOptions, 'url' | 'signal'> {
  /** Default: `endpoints.mcpWs`. A credential goes to the client's own services only. */
  readonly url?: string | URL | undefined
  /** Time limit of a request, ms; default: the client's. The other side may never answer (★25). */
  readonly timeoutMs?: number | undefined
  /** How many calls may wait for the connection; more fail at once with `network_error`. Default 1,000. */
  readonly maxWaiting?: number | undefined
  /** Closes the socket. */
  readonly signal?: AbortSignal | undefined
  /**
   * Told of messages that cannot be understood or belong to no request; the socket goes on. That it does not go
   * on is told by its status.
   */
  readonly onError?: ((error: AuthError) => void) | undefined
}

/** What a request of a socket can be told. */
export interface McpRequestOptions extends CallOptions {
  /** Time limit of this request, with all that it waits for, ms. */
  readonly timeoutMs?: number | undefined
  /**
   * Whether doing it twice does no harm: then it is sent again when the connection breaks before the
   * answer. Otherwise it fails, because the other side may have acted. Default `false`.
   */
  readonly idempotent?: boolean | undefined
}

/** How a socket is: for a line in a user interface. */
export type McpSocketStatus =
  /** Nothing has asked for it yet. */
  | { readonly state: 'idle' }
  | { readonly state: 'connecting' }
  | { readonly state: 'connected' }
  /** The connection broke, or could not be made. It is tried again at `retryAt` (epoch ms), or right now without it. */
  | { readonly state: 'reconnecting'; readonly error: AuthError; readonly retryAt?: number }
  /** Waiting is of no use: somebody has to act, such as sign in. The next request tries again. */
  | { readonly state: 'failed'; readonly error: AuthError }
  | { readonly state: 'closed' }

/** Parameters of a request or notification: an object, as MCP has no others. */
export type McpParams = Readonly<Record<string, unknown>>

/** A notification of the other side. */
export interface McpNotification {
  /** What it tells of, for example `notifications/tools/list_changed`. */
  readonly method: string
  /** Empty where it came without. */
  readonly params: McpParams
}

/** Answers a request of the other side; what it throws is told to it as an internal error, without details. */
export type McpRequestHandler = (params: McpParams) => unknown

/** What a client says of itself in `initialize`. */
export interface McpInitializeRequest {
  /** Default `2025-11-25`. The other side answers with the one that it will speak. */
  readonly protocolVersion?: string | undefined
  /** What the client can do; default: nothing beyond the basics. */
  readonly capabilities?: McpParams | undefined
  /** The name and the version of the application; default: those of this package, in general terms. */
  readonly clientInfo?: { readonly name: string; readonly version: string } | undefined
}

/** What the other side says of itself. */
export interface McpServerInfo {
  /** The revision of MCP that it will speak, for example `2025-11-25`. */
  readonly protocolVersion: string
  /** Its name, where it says one. */
  readonly name: string | undefined
  /** Its version, where it says one. */
  readonly version: string | undefined
  /** What it can do, as MCP names it: `tools`, `resources`, … */
  readonly capabilities: McpParams
  /** What a model should know of it. */
  readonly instructions: string | undefined
}

/** A tool that can be called. */
export interface McpTool {
  /** By which it is called. */
  readonly name: string
  /** For people. */
  readonly title: string | undefined
  /** What it does, for models and people. */
  readonly description: string | undefined
  /** JSON Schema of the arguments. */
  readonly inputSchema: McpParams
  /** As it came, with what is not named here. */
  readonly raw: McpParams
}

/** What a tool gave. */
export interface McpToolResult {
  /** Whether the tool says that it failed: that is a result, and not an error of the request. */
  readonly isError: boolean
  /** Parts of a `type` each: `{ type: 'text', text }`, images, resources, … */
  readonly content: readonly (McpParams & { readonly type: string })[]
  /** The result as an object, where the tool has an output schema. */
  readonly structuredContent: McpParams | undefined
}

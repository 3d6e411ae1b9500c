import type { Fetch } from '../../http/transport.ts'
import type { JsonRpcMessage } from '../json-rpc.ts'

/**
 * A version of the official SDK, as far as it is used here: the module `@modelcontextprotocol/client`, or an
 * object with the classes from `@modelcontextprotocol/sdk/client/streamableHttp.js` and `…/sse.js`.
 */
export interface McpSdk {
  /** What speaks Streamable HTTP. */
  readonly StreamableHTTPClientTransport?: OfficialTransportClass | undefined
  /** What speaks the HTTP+SSE of 2024-11-05. */
  readonly SSEClientTransport?: OfficialTransportClass | undefined
}

/** A class of transports of the official SDK. */
export type OfficialTransportClass = new (
  url: URL,
  options: OfficialTransportOptions,
) => OfficialTransport

/** The options of the official transports that are used here. There is no `authProvider` among them: the fetch signs in. */
export interface OfficialTransportOptions {
  /** Sends every request. */
  fetch: Fetch
  /** Goes along with every request. */
  requestInit: { headers: Record<string, string> }
  /** Resumes a session. */
  sessionId?: string
  /** How a stream that broke off is opened again. */
  reconnectionOptions?: ReconnectionOptions
}

/** How a stream of Streamable HTTP that broke off is opened again: the official SDK's own terms. */
export interface ReconnectionOptions {
  /** The wait before the first attempt, ms. */
  initialReconnectionDelay: number
  /** The longest wait, ms. */
  maxReconnectionDelay: number
  /** By how much the wait grows from one attempt to the next. */
  reconnectionDelayGrowFactor: number
  /** After how many attempts that failed it gives up. */
  maxRetries: number
}

/** A transport of the official SDK. */
export interface OfficialTransport {
  /** See the official SDK. */
  start(): Promise<void>
  /** See the official SDK. */
  send(message: JsonRpcMessage | JsonRpcMessage[], options?: object): Promise<void>
  /** See the official SDK. */
  close(): Promise<void>
  /** See the official SDK. */
  onclose?(): void
  /** See the official SDK. */
  onerror?(error: Error): void
  /** See the official SDK. */
  onmessage?(message: JsonRpcMessage, extra?: object): void
  /** See the official SDK. */
  readonly sessionId?: string | undefined
  /** See the official SDK. */
  setProtocolVersion?(version: string): void
  /** See the official SDK. */
  readonly hasPerRequestStream?: boolean
}

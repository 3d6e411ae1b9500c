import type { AuthError } from '../../errors/auth-error.ts'
import type { JsonRpcMessage } from '../json-rpc.ts'

/** How the credential gets to the other side; never in the URL (★6). */
export type SocketStrategy = 'header' | 'first-message' | 'subprotocol'

/** How one connection is made. */
export interface ConnectionOptions {
  /** Default: the service's own address. */
  readonly url: URL
  /** Default `header` where the platform's sockets take headers; elsewhere it has to be said. */
  readonly strategy?: SocketStrategy | undefined
  /** Offered besides: `mcp` for servers that speak the official protocol. */
  readonly protocols?: readonly string[] | undefined
  /** `auto` waits a moment for an ack (★26), and goes on without one. */
  readonly dialect?: 'auto' | 'ack' | 'json-rpc' | undefined
  readonly maxMessageBytes?: number | undefined
  /** What may wait to go out, in bytes; more than that waits in {@link Connection.send}. */
  readonly maxBufferedBytes?: number | undefined
  /** How long nothing may be heard before the connection counts as dead, ms. */
  readonly livenessMs?: number | undefined
  readonly signal?: AbortSignal | undefined
}

/** What a connection tells its owner. Nothing comes after `onClose`. */
export interface ConnectionEvents {
  /** In JSON-RPC 2.0, whichever dialect the other side speaks. */
  readonly onMessage: (message: JsonRpcMessage) => void
  /** Something that could not be understood; the connection goes on. */
  readonly onError: (error: AuthError) => void
  /**
   * It is over. `error` is `undefined` when we closed it. An auth close (★27) comes as the right error,
   * or as a retryable one where another try with a fresh credential helps.
   */
  readonly onClose: (error: AuthError | undefined) => void
}

/** One WebSocket connection, signed in. It does not reconnect. */
export interface Connection {
  /**
   * Resolves when the message is on its way, with what waits in front of it below the limit.
   *
   * @throws AuthError `network_error` when the connection is gone, `validation_failed` when it is too large, `aborted`
   */
  send(message: JsonRpcMessage, signal?: AbortSignal): Promise<void>
  /** Ends it; no timer and no socket is left. */
  close(): void
}

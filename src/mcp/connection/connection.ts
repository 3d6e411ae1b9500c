import type { AuthError } from '../../errors/auth-error.ts'
import type { JsonRpcMessage } from '../json-rpc.ts'

/**
 * How the credential gets to the other side; never in the URL (★6).
 *
 * | strategy | what carries it |
 * |---|---|
 * | `header` | `X-API-Key` or `Authorization` of the handshake; a browser's sockets have none |
 * | `first-message` | `{"type":"auth","token":…}`, before everything else |
 * | `subprotocol` | `lanonasis.bearer.<base64url>`, offered as a subprotocol |
 */
export type SocketStrategy = 'header' | 'first-message' | 'subprotocol'

/**
 * What the other side says first. `ack`: it sends `connection_ack`, and what comes before that is lost
 * (★26). `json-rpc`: nothing. `auto`: found out once, and remembered.
 */
export type SocketDialect = 'auto' | 'ack' | 'json-rpc'

/** How one connection is made. */
export interface ConnectionOptions {
  /** `wss:`, or `ws:` to this machine. A credential goes to the client's own services only. */
  readonly url: URL
  /** Default `header` where the platform's sockets take headers; elsewhere it has to be said. */
  readonly strategy?: SocketStrategy | undefined
  /** Offered besides: `mcp` for servers that speak the official protocol. */
  readonly protocols?: readonly string[] | undefined
  /** Default `auto`. */
  readonly dialect?: SocketDialect | undefined
  /** The largest message in either direction, bytes; default 16 MiB. */
  readonly maxMessageBytes?: number | undefined
  /** What may wait in the socket, bytes; more than that waits in {@link Connection.send}. Default 1 MiB. */
  readonly maxBufferedBytes?: number | undefined
  /** How long nothing may be heard before the other side is asked for a sign of life, ms; default 75,000. */
  readonly livenessMs?: number | undefined
  /** Gives up the opening. An open connection is ended by {@link Connection.close}. */
  readonly signal?: AbortSignal | undefined
}

/** What a connection tells its owner. Nothing comes after `onClose`. */
export interface ConnectionEvents {
  /** In JSON-RPC 2.0, whichever dialect the other side speaks. It may come before the opening resolves. */
  readonly onMessage: (message: JsonRpcMessage, connection: Connection) => void
  /** Something that could not be understood; the connection goes on. */
  readonly onError: (error: AuthError) => void
  /**
   * An open connection is over. `error` is `undefined` when we closed it. An auth close (★27) comes as
   * the right error: retryable, with the status 401, where another try with a fresh credential helps.
   */
  readonly onClose: (error: AuthError | undefined) => void
}

/** One WebSocket connection, signed in. It does not reconnect. */
export interface Connection {
  /** Whether messages can be sent: not any more while its end is still looked into. */
  readonly isOpen: boolean
  /** The subprotocol that the other side chose; empty when it chose none. */
  readonly protocol: string
  /**
   * Resolves when the message is on its way: at once, while little waits in front of it.
   *
   * @throws AuthError `network_error` when the connection is gone or far too much waits,
   * `validation_failed` when the message is too large, `aborted`
   */
  send(message: JsonRpcMessage, signal?: AbortSignal): Promise<void>
  /** Ends it, and resolves when the socket is gone. No timer is left. */
  close(): Promise<void>
  /** Whether it keeps the process alive, where the platform lets one choose; at first it does. */
  keepAlive(alive: boolean): void
}

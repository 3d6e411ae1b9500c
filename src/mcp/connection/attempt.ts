import type { ConnectionContext, HandshakeCredential } from '../context.ts'
import type { WebSockets } from '../web-socket.ts'
import type { ConnectionEvents, SocketDialect } from './connection.ts'
import type { Handshake } from './strategy.ts'

/** One attempt to connect, with everything decided. */
export interface Attempt {
  readonly context: ConnectionContext
  readonly webSockets: WebSockets
  readonly url: URL
  readonly credential: HandshakeCredential['credential']
  readonly handshake: Handshake
  readonly dialect: SocketDialect
  readonly maxMessageBytes: number
  readonly maxBufferedBytes: number
  readonly livenessMs: number
  readonly events: ConnectionEvents
  /** For the event of the handshake. */
  readonly number: number
}

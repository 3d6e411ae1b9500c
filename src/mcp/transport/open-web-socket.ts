import type { ConnectionContext } from '../context.ts'
import type { OpenTransport } from './lazy-transport.ts'
import type { Opening } from './opening.ts'
import type { WebSocketTransportOptions } from './options.ts'

export declare function openWebSocket(
  context: ConnectionContext,
  opening: Opening<WebSocketTransportOptions>,
): Promise<OpenTransport>

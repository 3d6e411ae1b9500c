import { openConnection } from '../connection/open-connection.ts'
import type { ConnectionContext } from '../context.ts'
import type { OpenTransport } from './lazy-transport.ts'
import type { Opening } from './opening.ts'
import type { WebSocketTransportOptions } from './options.ts'

/** One WebSocket for the whole life of the transport: a new one would be a new session at the server. */
export async function openWebSocket(
  context: ConnectionContext,
  { url, options, events, signal }: Opening<WebSocketTransportOptions>,
): Promise<OpenTransport> {
  const { strategy, protocols, dialect } = options
  const connection = await openConnection(
    context,
    { url, strategy, protocols, dialect, signal },
    {
      onMessage: events.onMessage,
      onError: events.onError,
      onClose: (error) => {
        if (error !== undefined) events.onError(error)
        events.onClose()
      },
    },
  )
  return {
    send: (message) => connection.send(message),
    close: () => connection.close(),
  }
}

import { raceSignal, startDeadline } from '../../async/abort.ts'
import { discard } from '../../http/credentialed-fetch.ts'
import type { ConnectionContext } from '../context.ts'
import type { OpenTransport } from './lazy-transport.ts'
import { loadTransportClass } from './load-sdk.ts'
import type { Opening } from './opening.ts'
import type { HttpTransportOptions } from './options.ts'
import { throwRefusals } from './refusals.ts'
import { endAtSignOut } from './sign-out.ts'

/** For how long the end of a session is waited for, ms: the server ends it by itself some day. */
const endSessionMs = 3_000

/**
 * The official Streamable HTTP transport, whose requests carry our credential. It gets no `authProvider`:
 * what a 401 means, and what helps against it, is settled beneath it.
 */
export async function openHttp(
  context: ConnectionContext,
  { url, options, events, signal }: Opening<HttpTransportOptions>,
): Promise<OpenTransport> {
  const { protocolVersion, sessionId, reconnection } = options
  // Nobody signed in, or not for this address: said before anything is sent, and as it is.
  const { credential } = await context.credentialFor(url, signal)
  const Transport = await loadTransportClass('StreamableHTTPClientTransport', options.sdk)
  // A tool may work for minutes before its answer begins; the MCP client limits each request.
  const signedIn = endAtSignOut(context.patientFetch, context, credential)
  const inner = new Transport(url, {
    fetch: throwRefusals(signedIn.fetch, context),
    requestInit: { headers: { ...options.headers } },
    ...(sessionId === undefined ? {} : { sessionId }),
    ...(reconnection === undefined ? {} : { reconnectionOptions: { ...reconnection } }),
  })
  inner.onmessage = events.onMessage
  inner.onerror = events.onError
  inner.onclose = events.onClose
  let version = protocolVersion
  if (protocolVersion !== undefined) inner.setProtocolVersion?.(protocolVersion)
  await inner.start()

  return {
    get sessionId() {
      return inner.sessionId
    },
    hasPerRequestStream: inner.hasPerRequestStream === true,
    send: (message, sendOptions) => inner.send(message, sendOptions),
    setProtocolVersion(agreed) {
      version = agreed
      inner.setProtocolVersion?.(agreed)
    },
    async close() {
      signedIn.stop()
      const ended = inner.sessionId
      // First: a stream that the server ends is opened again.
      await inner.close()
      if (ended !== undefined && options.keepSession !== true) {
        await endSession(context, url, {
          ...options.headers,
          'mcp-session-id': ended,
          ...(version === undefined ? {} : { 'mcp-protocol-version': version }),
        })
      }
    },
  }
}

/** @see https://modelcontextprotocol.io/specification/2025-11-25/basic/transports#session-management */
async function endSession(
  { fetch }: ConnectionContext,
  url: URL,
  headers: Record<string, string>,
): Promise<void> {
  const deadline = startDeadline(endSessionMs)
  const { signal } = deadline
  try {
    const response = await raceSignal(fetch(url, { method: 'DELETE', headers, signal }), signal)
    discard(response)
  } catch {
    // The connection is over in any case, and a session that nobody uses ends by itself.
  } finally {
    deadline.dispose()
  }
}

import { abortedError, raceSignal, startDeadline } from '../../async/abort.ts'
import { AuthError, isAuthError } from '../../errors/auth-error.ts'
import type { Fetch } from '../../http/transport.ts'
import type { ConnectionContext } from '../context.ts'
import type { OpenTransport } from './lazy-transport.ts'
import { loadTransportClass } from './load-sdk.ts'
import type { OfficialTransport } from './official.ts'
import type { Opening } from './opening.ts'
import type { SseTransportOptions } from './options.ts'
import { throwRefusals } from './refusals.ts'
import { endAtSignOut } from './sign-out.ts'

/**
 * The official transport over HTTP+SSE, whose stream and whose messages carry our credential.
 *
 * Its event source repeats every request that failed, for ever, and reports no more than a text. So what
 * happens to the stream is watched from beneath: an error of ours is told as it is, and one that trying
 * again does not mend ends the transport.
 */
export async function openSse(
  context: ConnectionContext,
  { url, options, events, signal }: Opening<SseTransportOptions>,
): Promise<OpenTransport> {
  const { credential } = await context.credentialFor(url, signal)
  const Transport = await loadTransportClass('SSEClientTransport', options.sdk)
  const signedIn = endAtSignOut(context.fetch, context, credential)
  const stream = watchStream(throwRefusals(signedIn.fetch, context))
  const inner = new Transport(url, {
    fetch: stream.fetch,
    requestInit: { headers: { ...options.headers } },
  })
  inner.onmessage = events.onMessage
  inner.onclose = () => {
    signedIn.stop()
    events.onClose()
  }
  await start(inner, { stream, signal, url, timeoutMs: context.timeoutMs })
  inner.onerror = (error) => {
    events.onError(stream.takeFailure() ?? error)
    if (stream.isOver()) inner.close().catch(() => {})
  }
  return {
    send: (message) => inner.send(message),
    setProtocolVersion: (version) => inner.setProtocolVersion?.(version),
    close: () => inner.close(),
  }
}

/** What is known of the stream beneath the event source. */
interface WatchedStream {
  readonly fetch: Fetch
  /** Our error for its last request that failed, once. */
  readonly takeFailure: () => AuthError | undefined
  /** Whether there will be no stream any more. */
  readonly isOver: () => boolean
}

function watchStream(fetch: Fetch): WatchedStream {
  let failure: AuthError | undefined
  let over = false
  return {
    fetch: async (input, init) => {
      if ((init?.method ?? 'GET') !== 'GET') return fetch(input, init)
      try {
        const response = await fetch(input, init)
        // An event source gives up then (HTML Standard, §9.2.3).
        over = response.status !== 200
        return response
      } catch (error) {
        if (isAuthError(error)) {
          failure = error
          over = !error.retryable
        }
        throw error
      }
    },
    takeFailure: () => {
      const taken = failure
      failure = undefined
      return taken
    },
    isOver: () => over,
  }
}

/** Waits for the server to say where messages go. */
async function start(
  inner: OfficialTransport,
  {
    stream,
    signal,
    url,
    timeoutMs,
  }: {
    readonly stream: WatchedStream
    readonly signal: AbortSignal
    readonly url: URL
    readonly timeoutMs: number
  },
): Promise<void> {
  const deadline = startDeadline(timeoutMs, signal)
  try {
    await raceSignal(inner.start(), deadline.signal)
  } catch (error) {
    // It would go on trying.
    await inner.close()
    if (signal.aborted) throw abortedError(signal)
    if (deadline.timedOut()) {
      throw new AuthError('timeout', `${url.origin} named no endpoint within ${timeoutMs} ms.`)
    }
    throw stream.takeFailure() ?? error
  } finally {
    deadline.dispose()
  }
}

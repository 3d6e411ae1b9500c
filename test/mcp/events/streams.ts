import { onTestFinished } from 'vitest'
import { abortedError } from '../../../src/async/abort.ts'
import { AuthError } from '../../../src/errors/auth-error.ts'
import type { Fetch } from '../../../src/http/transport.ts'
import type { McpContext } from '../../../src/mcp/context.ts'
// What is loaded on first use is there: how long loading takes is no part of these tests.
import '../../../src/mcp/events/event-stream.ts'
import { lazyEvents } from '../../../src/mcp/events/lazy-events.ts'
import type { EventsOptions, EventsState, McpEvent } from '../../../src/mcp/events/types.ts'
import { Secret } from '../../../src/secret/secret.ts'

const encoder = new TextEncoder()

/** A stream that a test writes, piece by piece. */
export function writtenStream() {
  let controller: ReadableStreamDefaultController<Uint8Array> | undefined
  const state = { cancelled: false }
  const body = new ReadableStream<Uint8Array>({
    start: (given) => {
      controller = given
    },
    cancel: () => {
      state.cancelled = true
    },
  })
  return {
    body,
    state,
    write: (piece: string | Uint8Array) =>
      controller?.enqueue(typeof piece === 'string' ? encoder.encode(piece) : piece),
    end: () => controller?.close(),
    fail: (error: unknown) => controller?.error(error),
  }
}

/** What a server answers with a stream. */
export function eventStream(body: ReadableStream<Uint8Array> | string | null): Response {
  return new Response(body, { headers: { 'content-type': 'text/event-stream; charset=utf-8' } })
}

/** A stream of whole chunks that ends; it counts how many were taken. */
export function chunkStream(chunks: Iterable<string | Uint8Array>) {
  const iterator = chunks[Symbol.iterator]()
  const state = { taken: 0, cancelled: false }
  const body = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        const { done, value } = iterator.next()
        if (done) return controller.close()
        state.taken += 1
        controller.enqueue(typeof value === 'string' ? encoder.encode(value) : value)
      },
      cancel() {
        state.cancelled = true
      },
    },
    { highWaterMark: 0 },
  )
  return { body, state }
}

/** One event as it is written. */
export function written(name: string, data: unknown): string {
  return `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`
}

interface Opening {
  readonly headers: Headers
  readonly signal: AbortSignal | null | undefined
  readonly cache: RequestCache | undefined
  readonly url: string
}

/** Events over a fetch that answers as told, one answer after the other; the last one stands. */
export function eventsOver(
  answers: readonly (() => Response | Promise<Response>)[],
  { context, ...options }: EventsOptions & { readonly context?: Partial<McpContext> } = {},
) {
  const openings: Opening[] = []
  const states: EventsState[] = []
  const closing = new AbortController()
  const fetch: Fetch = async (input, init) => {
    const { signal } = init ?? {}
    if (signal?.aborted) throw abortedError(signal)
    const headers = new Headers(init?.headers)
    openings.push({ headers, signal, cache: init?.cache, url: String(input) })
    const answer = answers[Math.min(openings.length, answers.length) - 1]
    if (answer === undefined) throw new AuthError('network_error', 'There is no answer.')
    return answer()
  }
  const known: McpContext = {
    endpoints: {
      authGateway: 'https://auth.example.com',
      mcpHttp: 'https://mcp.example.com/api/v1',
      mcpWs: 'wss://mcp.example.com/ws',
      mcpSse: 'https://mcp.example.com/api/v1/events',
      restApi: 'https://api.example.com/api/v1',
    },
    fetch,
    patientFetch: fetch,
    webSockets: undefined,
    browser: false,
    timeoutMs: 10_000,
    now: Date.now,
    random: () => 0.5,
    credentialFor: async () => ({
      credential: { type: 'bearer', secret: new Secret('token') },
      headers: {},
    }),
    judge: () => Promise.reject(new Error('Only fetch is refused here.')),
    onSignOut: () => () => {},
    report: () => {},
    closing: closing.signal,
    ...context,
  }
  const events = lazyEvents(async () => known, {
    onState: (state) => states.push(state),
    ...options,
  })
  return { events, known, openings, states, close: () => closing.abort(), closing: closing.signal }
}

/** Asks for events until there are none, and keeps what came of it. */
export function collect(events: AsyncIterable<McpEvent>) {
  const iterator = events[Symbol.asyncIterator]()
  const collected: { events: McpEvent[]; ended: boolean; failure: unknown } = {
    events: [],
    ended: false,
    failure: undefined,
  }
  const run = async () => {
    for (;;) {
      const { done, value } = await iterator.next()
      if (done) break
      collected.events.push(value)
    }
  }
  run()
    .catch((error: unknown) => {
      collected.failure = error
    })
    .finally(() => {
      collected.ended = true
    })
  onTestFinished(async () => {
    await iterator.return?.()
  })
  return collected
}

/** The first so many events; then the loop is left. */
export async function take(events: AsyncIterable<McpEvent>, count: number): Promise<McpEvent[]> {
  const taken: McpEvent[] = []
  for await (const event of events) {
    taken.push(event)
    if (taken.length === count) break
  }
  return taken
}

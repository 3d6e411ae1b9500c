import { AuthError } from '../../errors/auth-error.ts'
import { type Credential, discard, notesOn } from '../../http/credentialed-fetch.ts'
import { requestIdOf } from '../../http/request-id.ts'
import { errorFromResponse } from '../../http/response-error.ts'
import { wholeFetch } from '../../http/whole-fetch.ts'
import type { McpContext } from '../context.ts'

const service = 'MCP Core'

/** What a header takes, and no service needs more for an id. */
const sendableId = /^[\x20-\x7e]{1,1024}$/

/** A stream to read. */
export interface OpenedStream {
  readonly body: ReadableStream<Uint8Array>
  /** What it was opened with. */
  readonly credential: Credential | undefined
}

/**
 * Asks for the stream, with a credential as of now.
 *
 * @returns `undefined` when the service says that there will be no more (204)
 * @throws AuthError of the credential, of transport, or for what the service answered
 */
export async function openStream(
  context: McpContext,
  request: { readonly signal: AbortSignal; readonly lastEventId: string | undefined },
): Promise<OpenedStream | undefined> {
  const { signal, lastEventId = '' } = request
  const { browser } = context
  const headers = new Headers({ accept: 'text/event-stream' })
  // ★28 In a browser it is one header more than the services' CORS lists allow.
  if (!browser && sendableId.test(lastEventId)) headers.set('last-event-id', lastEventId)
  const response = await context.fetch(context.endpoints.mcpSse, {
    headers,
    signal,
    // As EventSource does; elsewhere nobody keeps answers, and some runtimes refuse the option.
    ...(browser ? { cache: 'no-store' } : {}),
  })
  if (!response.ok) throw await refusal(response, { context, signal })
  if (response.status !== 204 && response.body !== null && isEventStream(response)) {
    return { body: response.body, credential: notesOn(response)?.credential }
  }
  discard(response)
  if (response.status === 204) return undefined
  throw new AuthError(
    'invalid_response',
    `${service} sent something else than a stream of events.`,
    {
      status: response.status,
      requestId: requestIdOf(response),
      hint: 'Check the address of the events: endpoints.mcpSse, or MCP_SSE_URL.',
    },
  )
}

function isEventStream({ headers }: Response): boolean {
  return /^\s*text\/event-stream\s*(?:;|$)/i.test(headers.get('content-type') ?? '')
}

async function refusal(
  response: Response,
  { context, signal }: { readonly context: McpContext; readonly signal: AbortSignal },
): Promise<AuthError> {
  const { timeoutMs, endpoints, now } = context
  const whole = await wholeFetch(async () => response, timeoutMs)(endpoints.mcpSse, { signal })
  const known = notesOn(whole)
  if (known?.error !== undefined) return known.error
  return errorFromResponse(whole, {
    service,
    credential: known?.credential.type ?? 'bearer',
    now: now(),
  })
}

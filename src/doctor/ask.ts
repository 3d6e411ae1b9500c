import type { ServiceName } from '../endpoints/presets.ts'
import { type AuthError, isAuthError } from '../errors/auth-error.ts'
import { type Failure, readFailure } from '../http/response-error.ts'
import { fetchWhole, type TransportOptions } from '../http/transport.ts'
import { type Fields, parseFields } from '../json/fields.ts'

/** One request of a check. */
export interface Question {
  readonly service: ServiceName
  readonly url: URL
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

/** A service has answered, whatever it said. */
export interface Answered {
  readonly type: 'answered'
  readonly url: URL
  readonly status: number
  readonly headers: Headers
  /** The body as a JSON object; empty when it is something else. */
  readonly fields: Fields
  readonly isPage: boolean
  readonly failure: Failure
  /** By the client's clock, epoch ms. */
  readonly sentAt: number
  readonly receivedAt: number
  readonly latencyMs: number
}

/** No answer came. */
interface Unanswered {
  readonly type: 'unanswered'
  readonly url: URL
  readonly error: AuthError
}

export type Answer = Answered | Unanswered

/**
 * Sends one request and reads the answer, for a stream its head only.
 * @throws AuthError `aborted`
 */
export async function ask(
  { url, method = 'GET', headers, body }: Question,
  { transport, now }: { readonly transport: TransportOptions; readonly now: () => number },
): Promise<Answer> {
  const init = {
    method,
    headers: { accept: 'application/json', ...headers },
    ...(body === undefined ? {} : { body }),
  }
  const sentAt = now()
  const startedAt = performance.now()
  try {
    const response = await fetchWhole(url, init, { ...transport, fetch: headOfStreams(transport) })
    const latencyMs = Math.round(performance.now() - startedAt)
    const receivedAt = now()
    const text = await response.clone().text()
    const failure = await readFailure(response, receivedAt)
    return {
      type: 'answered',
      url,
      status: response.status,
      headers: response.headers,
      fields: parseFields(text),
      isPage: /\bhtml\b/i.test(response.headers.get('content-type') ?? '') || /^\s*</.test(text),
      failure: { ...failure, code: printable(failure.code) },
      sentAt,
      receivedAt,
      latencyMs,
    }
  } catch (error) {
    if (!isAuthError(error) || error.code === 'aborted') throw error
    return { type: 'unanswered', url, error }
  }
}

/** A stream has no end to wait for. */
function headOfStreams({ fetch }: TransportOptions): TransportOptions['fetch'] {
  return async (input, init) => {
    const response = await fetch(input, init)
    if (!/\bevent-stream\b/i.test(response.headers.get('content-type') ?? '')) return response
    // One that cannot be stopped is of no use either.
    response.body?.cancel().catch(() => {})
    const { status, headers } = response
    return new Response(null, { status, headers })
  }
}

/** What a service calls an error is shown to people: only where it is a name, and not a sentence or worse. */
function printable(code: string | undefined): string | undefined {
  return code !== undefined && /^[\w.-]{1,40}$/.test(code) ? code : undefined
}

/** An answer in a few words: `400 invalid_grant`. */
export function inShort({ status, failure: { code } }: Answered): string {
  return code === undefined ? String(status) : `${status} ${code}`
}

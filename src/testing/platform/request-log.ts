import type { ServiceName } from '../../endpoints/presets.ts'
import type { ParsedBody, ServiceRequest } from '../http/exchange.ts'
import { hasQueryCredential } from '../http/query-credential.ts'
import { matchesRoute } from './route-match.ts'

/** A request that somebody sent to the platform, or tried to: those too that open a WebSocket or a stream. */
export interface PlatformRequest {
  /** Counts up from 1. */
  readonly id: number
  /** When it arrived, by the platform's clock. */
  readonly at: number
  /** `unknown` is any other origin, and any path outside the services' bases. */
  readonly service: ServiceName | 'unknown'
  /** In capitals. */
  readonly method: string
  /** The whole address. */
  readonly url: string
  /** The path after the service's base, such as `/oauth/token`. */
  readonly path: string
  /** The parameters of the address; of one that was given twice, the last. */
  readonly query: Readonly<Record<string, string>>
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string>>
  /** The members of a JSON or form body. */
  readonly body: Readonly<Record<string, unknown>> | undefined
  /** The `Content-Type` header. */
  readonly contentType: string | undefined
  /** Which credential headers it carried; `both` is a mistake (★5), and so is one in the `query` (★6). */
  readonly credential: 'none' | 'bearer' | 'api-key' | 'both' | 'query'
  /** The request's own `X-Request-ID`, or the one it was given. */
  readonly requestId: string
  /** What the platform answered; 0 while it has not, or when it never did. 101 for an open WebSocket. */
  readonly status: number
  /** Whether the service acted on it, or a fault was in the way. */
  readonly acted: boolean
}

/** What becomes known of a request after it was logged. */
interface Progress {
  status: number
  acted: boolean
}

export interface RequestLog {
  readonly entries: PlatformRequest[]
  open(arrival: {
    readonly request: ServiceRequest
    readonly body: ParsedBody
    readonly service: ServiceName | 'unknown'
    readonly path: string
    readonly requestId: string
  }): Progress
  /** The requests that a pattern such as `POST /oauth/token` fits. */
  matching(pattern: string): PlatformRequest[]
}

export function createRequestLog(now: () => number): RequestLog {
  const entries: PlatformRequest[] = []
  let count = 0
  return {
    entries,
    open({ request, body, service, path, requestId }) {
      count += 1
      const { method, url, headers } = request
      const progress: Progress = { status: 0, acted: false }
      entries.push({
        id: count,
        at: now(),
        service,
        method,
        url: url.href,
        path,
        query: Object.fromEntries(url.searchParams),
        headers: Object.fromEntries(headers),
        body: body.kind === 'json' || body.kind === 'form' ? body.fields : undefined,
        contentType: headers.get('content-type') ?? undefined,
        credential: hasQueryCredential(url) ? 'query' : credentialOf(headers),
        requestId,
        get status() {
          return progress.status
        },
        get acted() {
          return progress.acted
        },
      })
      return progress
    },
    matching: (pattern) =>
      entries.filter((entry) =>
        matchesRoute(pattern, { ...entry, fullPath: new URL(entry.url).pathname }),
      ),
  }
}

function credentialOf(headers: Headers): PlatformRequest['credential'] {
  const bearer = headers.has('authorization')
  const apiKey = headers.has('x-api-key')
  if (bearer && apiKey) return 'both'
  if (bearer) return 'bearer'
  return apiKey ? 'api-key' : 'none'
}

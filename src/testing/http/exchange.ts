import type { FaultAction } from '../platform/faults.ts'
import type { Ongoing } from '../realtime/peer.ts'

/** A request as a service sees it: plain, so that a cookie can be carried where `Request` forbids it. */
export interface ServiceRequest {
  readonly method: string
  readonly url: URL
  readonly headers: Headers
  readonly text: string
  /** The caller's network address, for the limits that count per address. */
  readonly address: string
}

/** What a service answers; `Set-Cookie` may appear more than once. */
export interface Answer {
  readonly status: number
  readonly headers: ReadonlyArray<readonly [name: string, value: string]>
  readonly body: string
  /** What comes after the head in place of the body: a socket, or a stream. */
  readonly ongoing?: Ongoing
}

/** A body as Express would hand it to a route. */
export interface ParsedBody {
  readonly kind: 'empty' | 'json' | 'form' | 'malformed' | 'other'
  /** The object in the body; empty when there is none. */
  readonly fields: Readonly<Record<string, unknown>>
}

/** A request that has found its route. */
export interface Call {
  readonly request: ServiceRequest
  /** The path after the service's base, such as `/oauth/token`. */
  readonly path: string
  readonly params: Readonly<Record<string, string>>
  readonly query: URLSearchParams
  readonly body: ParsedBody
  readonly requestId: string
  /** What was ordered to go wrong, for what goes on after the answer's head. */
  readonly fault: FaultAction | undefined
}

export type Handler = (call: Call) => Answer | Promise<Answer>

/** `path` may hold parameters (`/memory/:id`). */
export interface Route {
  readonly method: string
  readonly path: string
  readonly handler: Handler
}

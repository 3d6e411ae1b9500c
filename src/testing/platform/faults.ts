import type { ServiceName } from '../../endpoints/presets.ts'
import { matchesRoute, type RouteTarget } from './route-match.ts'

/**
 * What goes wrong.
 *
 * | action | the server | the client |
 * |---|---|---|
 * | `'refuse'` | sees nothing | connection refused |
 * | `'drop'` | sees nothing | connection lost after sending |
 * | `'lose-answer'` | acts | connection lost |
 * | `'cut-answer'` | acts | half of the body, then the connection is lost |
 * | `'hang'` | sees nothing | waits until it gives up |
 * | `'html'` | sees nothing | 502 and a proxy's HTML page |
 * | `'edge-401'` | sees nothing | the edge's plain 401, although the credential may be good (★23) |
 * | `{ delayMs }` | acts later | waits so long |
 * | `{ status, body, headers }` | sees nothing | this answer; a body that is not a text is sent as JSON |
 *
 * On sockets a single request cannot be refused: there `'refuse'` is a `'drop'`.
 *
 * All of these hold for the request that opens a WebSocket or an event stream. `'cut-answer'` opens it
 * and cuts it in the middle of a message. What can go wrong later, and is nothing to other requests:
 *
 * | action | the WebSocket or event stream |
 * |---|---|
 * | `'silence'` | is open, and nothing is heard of it any more: no ping, no data, no answer to a close |
 * | `'lose-ack'` | never gets its ack, and loses all that is sent (★26) |
 * | `'garbage'` | says something that is not JSON |
 * | `{ ackDelayMs }` | gets its ack later |
 * | `{ closeCode, reason, afterMs }` | is closed, at once or later; a stream ends |
 * | `{ cutAfterMs }` | loses its connection, at once or later |
 * | `{ oversizeBytes }` | says something that is longer than that |
 *
 * A message on a WebSocket is matched as `MESSAGE tools/call`. `'hang'` leaves it without an answer,
 * `'lose-answer'` acts and cuts the connection, a `status` becomes an error in the socket's dialect.
 */
export type FaultAction =
  | 'refuse'
  | 'drop'
  | 'lose-answer'
  | 'cut-answer'
  | 'hang'
  | 'html'
  | 'edge-401'
  | 'silence'
  | 'lose-ack'
  | 'garbage'
  | { readonly delayMs: number }
  | { readonly ackDelayMs: number }
  | { readonly closeCode: number; readonly reason?: string; readonly afterMs?: number }
  | { readonly cutAfterMs: number }
  | { readonly oversizeBytes: number }
  | {
      readonly status: number
      readonly body?: unknown
      readonly headers?: Readonly<Record<string, string>>
    }

/** A fault to order: what goes wrong, where, and how often. */
export interface Fault {
  /**
   * `POST /oauth/token`, `GET /memory*`, `/memory`, `*`: the path after the service's base, or the
   * whole path; `MESSAGE tools/call` for what is said on a WebSocket.
   */
  readonly match: string
  /** Only this service. */
  readonly service?: ServiceName
  /** How often it happens; without end when it is left out. */
  readonly times?: number
  /** What goes wrong. */
  readonly action: FaultAction
}

export interface FaultBook {
  /** Orders a fault; the function that is returned takes it back. */
  order(fault: Fault): () => void
  /** The faults for a request, in the order they were given: any delays, then at most one other. */
  take(target: RouteTarget): readonly FaultAction[]
}

export function createFaultBook(faults: readonly Fault[] = []): FaultBook {
  const entries: { readonly fault: Fault; left: number }[] = []

  const order = (fault: Fault) => {
    const entry = { fault, left: fault.times ?? Number.POSITIVE_INFINITY }
    entries.push(entry)
    return () => {
      entry.left = 0
    }
  }
  for (const fault of faults) order(fault)

  return {
    order,
    take(target) {
      const taken: FaultAction[] = []
      for (const entry of entries) {
        const { fault } = entry
        if (entry.left <= 0) continue
        if (fault.service !== undefined && fault.service !== target.service) continue
        if (!matchesRoute(fault.match, target)) continue
        entry.left -= 1
        taken.push(fault.action)
        if (!isDelay(fault.action)) break
      }
      return taken
    },
  }
}

/** Whether an action only delays, so that the next fault still counts. */
export function isDelay(action: FaultAction): action is { readonly delayMs: number } {
  return typeof action === 'object' && 'delayMs' in action
}

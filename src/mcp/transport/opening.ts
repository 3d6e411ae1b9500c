import type { TransportEvents } from './lazy-transport.ts'

/** One connection to make. */
export interface Opening<Options> {
  readonly url: URL
  readonly options: Options
  readonly events: TransportEvents
  /** Fires when the connection is not wanted any more. */
  readonly signal: AbortSignal
}

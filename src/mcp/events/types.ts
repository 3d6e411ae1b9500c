import type { AuthError } from '../../errors/auth-error.ts'

/**
 * What an event that this version knows carries: a JSON object. Its fields come from the service as they
 * are, so each is `unknown` until you have looked at it.
 */
export interface EventFields {
  readonly [name: string]: unknown
}

/** A memory of this account was made, changed or removed. */
export interface MemoryEvent {
  /** What happened to it. */
  readonly type: 'memory.created' | 'memory.updated' | 'memory.deleted'
  /** The memory, or a part of it, as the service sent it; `id` is the memory's. */
  readonly data: EventFields
  /** The event's own id, where the service gave it one. */
  readonly id?: string
}

/** A tool has finished. */
export interface ToolResultEvent {
  readonly type: 'tool_result'
  /** What the tool gave, as the service sent it. */
  readonly data: EventFields
  /** The event's own id, where the service gave it one. */
  readonly id?: string
}

/** An event without a name. From MCP Core that is a notification of JSON-RPC: look at `data.method`. */
export interface MessageEvent {
  readonly type: 'message'
  /** The notification; its `method` says what it tells of. */
  readonly data: EventFields
  /** The event's own id, where the service gave it one. */
  readonly id?: string
}

/**
 * The name of an event that this version does not know: at run time any other string. TypeScript cannot
 * take single strings out of `string`; this stands for what is left, and may be used as a string.
 */
export declare enum OtherEventName {
  any = '(any other)',
}

/** An event that this version does not know. */
export interface OtherEvent {
  /** The name of the event: any text that this version does not know. */
  readonly type: OtherEventName
  /** What `JSON.parse` made of it, or the text where it is not JSON. */
  readonly data: unknown
  /** The event's own id, where the service gave it one. */
  readonly id?: string
}

/** An event whose name the caller knows, and this version does not. */
export interface NamedEvent<Name extends string> {
  /** The name that was waited for. */
  readonly type: Name
  /** What `JSON.parse` made of it, or the text where it is not JSON. */
  readonly data: unknown
  /** The event's own id, where the service gave it one. */
  readonly id?: string
}

/** An event as MCP Core sent it. Its `type` is the name of the server-sent event. */
export type McpEvent = MemoryEvent | ToolResultEvent | MessageEvent | OtherEvent

/** What the stream is doing, for a status line. */
export type EventsState =
  /** Events can come now. */
  | { readonly type: 'open' }
  /** There is no connection; the next one is made after `waitMs`. */
  | {
      readonly type: 'waiting'
      /** 1 for the first try after a stream that worked. */
      readonly attempt: number
      readonly waitMs: number
      /** `undefined`: the service ended the stream as planned. */
      readonly error?: AuthError | undefined
    }

/** Options of `client.mcp.events`. */
export interface EventsOptions {
  /** Ends the iteration with `aborted`. */
  readonly signal?: AbortSignal | undefined
  /** Told when a stream opens, and when the next one is waited for. */
  readonly onState?: ((state: EventsState) => void) | undefined
  /**
   * How many tries in a row may fail before the iteration does; default: no limit. A stream that worked
   * begins the count anew.
   */
  readonly maxRetries?: number | undefined
  /**
   * How long nothing may come, heartbeats included, before a new connection is made, ms; default 75,000.
   * Services send a heartbeat every 30 s or so. Time in which nobody waits for an event does not count.
   */
  readonly livenessMs?: number | undefined
  /** How long one event may be, as the length of its text; default 4,194,304. */
  readonly maxEventLength?: number | undefined
}

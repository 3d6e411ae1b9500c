import type { SocketStrategy } from '../../mcp/connection/connection.ts'

/** How MCP Core behaves on sockets and event streams; deployments differ in all of it (CONTRACT §7). */
export interface RealtimeOptions {
  /** What a socket speaks; default `'json-rpc'`. */
  readonly dialect?: 'json-rpc' | 'ack'
  /** How long the ack takes; what is sent before it is lost (★26). Default 0 ms. */
  readonly ackDelayMs?: number
  /** How a socket may bring its credential; default `['header']`, as every known deployment. */
  readonly strategies?: readonly SocketStrategy[]
  /** What a socket with a bad credential gets: a close after it was opened, or a plain 401 (★27). Default 1008. */
  readonly refusal?: 1008 | 4001 | 401
  /** Between the pings of a socket; default 30,000 ms. */
  readonly pingMs?: number
  /** A longer message closes the socket with 1009; default 1 MiB. */
  readonly maxMessageBytes?: number
  /** The origins whose pages may open a socket; default: all of them. */
  readonly socketOrigins?: readonly string[]

  /** The first event of a stream; default `'connected'`. */
  readonly greeting?: 'connected' | 'connection' | 'initialized'
  /** Whether a change is an event with a name, or a JSON-RPC notification without one; default `'named'`. */
  readonly events?: 'named' | 'json-rpc'
  /** The form of a stream's heartbeats; default `'ping'`. */
  readonly heartbeat?: 'ping' | 'heartbeat' | 'notifications/ping' | 'comment'
  /** Between two heartbeats; default 30,000 ms. */
  readonly heartbeatMs?: number
  /** When a stream is ended, however healthy it is; default 10 minutes, in ms. */
  readonly streamLifeMs?: number
  /** What a stream says of reconnecting (`retry:`); nothing by default. */
  readonly retryMs?: number
}

/** The options with every default filled in. */
export interface RealtimeSettings
  extends Omit<Required<RealtimeOptions>, 'socketOrigins' | 'retryMs'> {
  readonly socketOrigins: readonly string[] | undefined
  readonly retryMs: number | undefined
}

export function resolveRealtime(options: RealtimeOptions = {}): RealtimeSettings {
  return {
    dialect: options.dialect ?? 'json-rpc',
    ackDelayMs: options.ackDelayMs ?? 0,
    strategies: options.strategies ?? ['header'],
    refusal: options.refusal ?? 1008,
    pingMs: options.pingMs ?? 30_000,
    maxMessageBytes: options.maxMessageBytes ?? 1_048_576,
    socketOrigins: options.socketOrigins,
    greeting: options.greeting ?? 'connected',
    events: options.events ?? 'named',
    heartbeat: options.heartbeat ?? 'ping',
    heartbeatMs: options.heartbeatMs ?? 30_000,
    streamLifeMs: options.streamLifeMs ?? 600_000,
    retryMs: options.retryMs,
  }
}

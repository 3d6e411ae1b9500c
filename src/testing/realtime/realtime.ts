import type { PlatformConnection } from './connection.ts'
import type { Hub } from './hub.ts'
import type { Pushed } from './pushed.ts'

/** What a test sees of the sockets and streams, and may do with them. */
export interface PlatformRealtime {
  /** Every socket and stream so far, closed ones too; may be emptied. */
  readonly connections: PlatformConnection[]
  /** The sockets that are open. */
  readonly sockets: readonly PlatformConnection[]
  /** The event streams that are open. */
  readonly streams: readonly PlatformConnection[]
  /**
   * Says something to everybody who is through with ack and greeting: a notification (`method`) to
   * sockets and streams, an event (`event`) to streams.
   *
   * @returns when all of it has gone out: a reader that does not read keeps it waiting.
   */
  push(pushed: Pushed): Promise<void>
  /** Sends the pings and heartbeats now, without waiting for their time. */
  beat(): void
  /**
   * Ends connections: with a close code (a stream just ends), or, without one, as a lost network does.
   */
  disconnect(options?: {
    /** Default: all that are open. */
    readonly kind?: PlatformConnection['kind']
    readonly code?: number
    readonly reason?: string
  }): void
}

export function createRealtime(hub: Hub): PlatformRealtime {
  const ofKind = (kind: PlatformConnection['kind'] | undefined) =>
    hub.open.filter((connection) => kind === undefined || connection.kind === kind)
  return {
    connections: hub.all,
    get sockets() {
      return ofKind('socket')
    },
    get streams() {
      return ofKind('stream')
    },
    async push(pushed) {
      await Promise.all(hub.open.map((connection) => connection.push(pushed)))
    },
    beat() {
      for (const connection of hub.open) connection.beat()
    },
    disconnect({ kind, code, reason = '' } = {}) {
      for (const connection of ofKind(kind)) {
        if (code === undefined) connection.cut()
        else connection.close(code, reason)
      }
    },
  }
}

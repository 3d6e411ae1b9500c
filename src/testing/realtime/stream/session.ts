import type { User } from '../../accounts/users.ts'
import type { FaultAction } from '../../platform/faults.ts'
import { faultAtOpen, faultWhenReady } from '../fault-effects.ts'
import type { Hub } from '../hub.ts'
import type { Peer, PeerListener } from '../peer.ts'
import type { Pushed } from '../pushed.ts'
import { serverInfo } from '../server-info.ts'
import { eventText } from './format.ts'

/** A stream whose head is on its way. */
interface OpenedStream {
  readonly user: User
  readonly fault: FaultAction | undefined
  readonly peer: Peer
  readonly requestId: string
}

/** The life of one event stream: a greeting, then changes and heartbeats until its time is over. */
export function openStream(hub: Hub, { user, fault, peer, requestId }: OpenedStream): PeerListener {
  const { clock, settings } = hub.world
  const { greeting, events, heartbeat, heartbeatMs, streamLifeMs, retryMs } = settings.realtime
  const connection = hub.add({ kind: 'stream', requestId, peer })
  connection.owner = { userId: user.id, email: user.email, strategy: 'header' }
  const listener = connection.listener()
  const timestamp = () => new Date(clock.now()).toISOString()
  let eventCount = 0

  const write = (pushed: Pushed) => {
    eventCount += 1
    const id = `${connection.id}-${eventCount}`
    if ('method' in pushed) return eventText({ id, data: { jsonrpc: '2.0', ...pushed } })
    const { event: name, data } = pushed
    return events === 'named'
      ? eventText({ name, id, data })
      : eventText({ id, data: { jsonrpc: '2.0', method: name, params: data } })
  }
  const beat = () => {
    if (heartbeat === 'comment') return `: ${timestamp()}\n\n`
    return heartbeat === 'notifications/ping'
      ? eventText({ data: { jsonrpc: '2.0', method: heartbeat } })
      : eventText({ name: heartbeat, data: { timestamp: timestamp() } })
  }

  faultAtOpen(connection, fault)
  if (retryMs !== undefined) void connection.send(`retry: ${retryMs}\n\n`)
  const hello = { type: greeting, session_id: crypto.randomUUID(), server_info: serverInfo }
  void connection.send(eventText({ name: greeting, data: { ...hello, timestamp: timestamp() } }))
  connection.becomeReady({ write, heartbeat: beat }, heartbeatMs)
  connection.later(streamLifeMs, () => connection.close())
  faultWhenReady(connection, fault)
  return listener
}

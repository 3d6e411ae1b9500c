import type { FaultAction } from '../../platform/faults.ts'
import type { ServedConnection } from '../connection.ts'
import { faultAtOpen, faultWhenReady } from '../fault-effects.ts'
import type { Hub } from '../hub.ts'
import type { Peer, PeerListener } from '../peer.ts'
import { serverInfo } from '../server-info.ts'
import { type Admission, admitMessage } from './admission.ts'
import { dialects } from './dialect.ts'
import { createMessageHandler } from './message.ts'

/** A socket whose handshake is through. */
interface OpenedSocket {
  readonly admission: Admission
  readonly fault: FaultAction | undefined
  readonly peer: Peer
  readonly requestId: string
}

const firstMessageMs = 10_000

/** The life of one socket, from the open handshake on. */
export function openSocket(hub: Hub, opened: OpenedSocket): PeerListener {
  const { admission, fault, peer, requestId } = opened
  const { realtime } = hub.world.settings
  const connection = hub.add({ kind: 'socket', requestId, peer })
  const session = { hub, connection, fault }
  let handle: (text: string) => void = () => {}

  const refuse = () =>
    connection.close(realtime.refusal === 4001 ? 4001 : 1008, 'Authentication failed')
  const enter = (decision: Admission) => {
    if (decision.type !== 'admitted') return refuse()
    welcome(session, decision, (next) => {
      handle = next
    })
  }
  faultAtOpen(connection, fault)
  if (admission.type === 'awaited') {
    connection.later(firstMessageMs, () => connection.owner === undefined && refuse())
    handle = (text) => {
      handle = () => {}
      admitMessage(hub.world, text).then(enter)
    }
  } else enter(admission)

  return connection.listener((text) => {
    if (new TextEncoder().encode(text).length > realtime.maxMessageBytes) {
      connection.close(1009, 'Message too big')
    } else handle(text)
  })
}

/** Says hello, in the dialect that does; what comes in before is lost (★26). */
function welcome(
  session: {
    readonly hub: Hub
    readonly connection: ServedConnection
    readonly fault: FaultAction | undefined
  },
  admitted: Extract<Admission, { type: 'admitted' }>,
  listen: (handle: (text: string) => void) => void,
): void {
  const { hub, connection, fault } = session
  const { dialect, ackDelayMs, pingMs } = hub.world.settings.realtime
  const { identity, strategy } = admitted
  const { id: userId, email } = identity.user
  connection.owner = { userId, email, strategy }
  const begin = () => {
    connection.becomeReady({ write: dialects[dialect].push }, pingMs)
    listen(createMessageHandler({ hub, connection, identity, dialect: dialects[dialect] }))
    faultWhenReady(connection, fault)
  }
  if (dialect === 'json-rpc') {
    begin()
    return
  }
  if (fault === 'lose-ack') return
  const isLate = typeof fault === 'object' && 'ackDelayMs' in fault
  connection.after(isLate ? fault.ackDelayMs : ackDelayMs, () => {
    const sessionId = crypto.randomUUID()
    void connection.send(
      JSON.stringify({ type: 'connection_ack', session_id: sessionId, server_info: serverInfo }),
    )
    begin()
  })
}

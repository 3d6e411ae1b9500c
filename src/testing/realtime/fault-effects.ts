import type { FaultAction } from '../platform/faults.ts'
import type { ServedConnection } from './connection.ts'

/** What a fault does to a connection that was just opened. */
export function faultAtOpen(connection: ServedConnection, fault: FaultAction | undefined): void {
  if (fault === 'silence') connection.silence()
  if (typeof fault !== 'object') return
  if ('closeCode' in fault) {
    const { afterMs = 0, closeCode, reason = '' } = fault
    connection.after(afterMs, () => connection.close(closeCode, reason))
  } else if ('cutAfterMs' in fault) {
    connection.after(fault.cutAfterMs, () => connection.cut())
  }
}

/** What a fault does after ack and greeting. */
export function faultWhenReady(connection: ServedConnection, fault: FaultAction | undefined): void {
  if (fault === 'cut-answer') connection.cut(framed(connection, '{"half":"of this never arrives"}'))
  if (fault === 'garbage') void connection.send(framed(connection, '{"neither JSON'))
  if (typeof fault === 'object' && 'oversizeBytes' in fault) {
    const data = JSON.stringify({ large: 'x'.repeat(fault.oversizeBytes) })
    void connection.send(framed(connection, data))
  }
}

function framed({ kind }: ServedConnection, data: string): string {
  return kind === 'socket' ? data : `data: ${data}\n\n`
}

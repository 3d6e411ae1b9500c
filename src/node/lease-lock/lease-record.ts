import { fieldsOf, parseFields, textOf } from '../../json/fields.ts'
import type { ProcessIdentity } from './process-table.ts'

const version = 1

/**
 * The content of a lease file: who waits for the lock or holds it. It is written once; the heartbeat is
 * the file's modification time.
 */
export function writeLease(holder: ProcessIdentity, nonce: string): string {
  const { host, boot, pidNamespace, pid, startTime } = holder
  const record = {
    version,
    nonce,
    host,
    boot_id: boot,
    pid_namespace: pidNamespace,
    pid,
    start_time: startTime,
  }
  return `${JSON.stringify(record)}\n`
}

/**
 * The process of a lease; `undefined` when the file does not say so in a way this version is sure to
 * understand, such as a newer version's: then it is judged by its heartbeat alone.
 */
export function readLease(text: string): ProcessIdentity | undefined {
  const fields = fieldsOf(parseFields(text))
  const host = textOf(fields.host)
  const boot = textOf(fields.boot_id)
  const { pid } = fields
  if (fields.version !== version || host === undefined || boot === undefined) return undefined
  if (typeof pid !== 'number' || !Number.isSafeInteger(pid) || pid <= 0) return undefined
  return {
    host,
    boot,
    pidNamespace: textOf(fields.pid_namespace),
    pid,
    startTime: textOf(fields.start_time),
  }
}

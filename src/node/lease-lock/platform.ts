import { randomBytes } from 'node:crypto'
import { performance } from 'node:perf_hooks'
import { type LeaseFiles, leaseFiles } from './lease-directory.ts'
import { type ProcessTable, processTable } from './process-table.ts'

/** Everything outside that the lock works with. */
export interface LeasePlatform {
  readonly files: LeaseFiles
  readonly processes: ProcessTable
  /** Wall clock, epoch ms: heartbeats are compared over processes. */
  readonly now: () => number
  /** A clock that is never set, ms: what one process observes by itself. */
  readonly elapsed: () => number
  /** A name that is never used again, in lower-case hexadecimal digits. */
  readonly nonce: () => string
}

export const leasePlatform: LeasePlatform = {
  files: leaseFiles,
  processes: processTable,
  now: Date.now,
  elapsed: () => performance.now(),
  nonce: () => randomBytes(12).toString('hex'),
}

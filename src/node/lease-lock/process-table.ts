import { readFileSync, readlinkSync } from 'node:fs'
import { hostname, uptime } from 'node:os'
import process from 'node:process'
import { codeOf } from '../files/system-error.ts'

/** Which process holds a lease, in the terms in which another can tell whether it is still there. */
export interface ProcessIdentity {
  readonly host: string
  /** Differs after each start of the system. */
  readonly boot: string
  /** Where process ids are counted: containers on one machine count each for itself. */
  readonly pidNamespace: string | undefined
  readonly pid: number
  /** Tells a process from a later one with the same id. */
  readonly startTime: string | undefined
}

/** What this system tells about processes; passed in so that each system can be tested on any. */
export interface ProcessTable {
  self(): ProcessIdentity
  /** Whether a process with this id runs here, and is the one that started then. In doubt, it does. */
  isRunning(pid: number, startTime: string | undefined): boolean
}

const isLinux = process.platform === 'linux'

let own: ProcessIdentity | undefined

export const processTable: ProcessTable = {
  self() {
    own ??= identify()
    return own
  },

  isRunning(pid, startTime) {
    try {
      process.kill(pid, 0)
    } catch (error) {
      // EPERM: somebody else's process, so there is one.
      if (codeOf(error) === 'ESRCH') return false
    }
    const status = statusOf(pid)
    if (status === undefined) return true
    return !status.ended && (startTime === undefined || status.startTime === startTime)
  },
}

function identify(): ProcessIdentity {
  const { pid } = process
  return {
    host: hostname(),
    boot: bootId() ?? bootTime(),
    pidNamespace: isLinux ? pidNamespace() : 'host',
    pid,
    startTime: statusOf(pid)?.startTime,
  }
}

/** Whether two names are of the same start of a system; computed ones differ by a moment. */
export function isSameBoot(one: string, other: string): boolean {
  if (one === other) return true
  const [first, second] = [one, other].map((name) => Number(computedBoot.exec(name)?.[1]))
  return Math.abs((first ?? Number.NaN) - (second ?? Number.NaN)) <= bootToleranceSeconds
}

const computedBoot = /^at (\d+)$/
const bootToleranceSeconds = 5

function bootId(): string | undefined {
  return isLinux ? readSystemFile('/proc/sys/kernel/random/boot_id')?.trim() : undefined
}

function bootTime(): string {
  return `at ${Math.round(Date.now() / 1000 - uptime())}`
}

function pidNamespace(): string | undefined {
  try {
    return readlinkSync('/proc/self/ns/pid')
  } catch {
    return undefined
  }
}

interface ProcessStatus {
  readonly ended: boolean
  readonly startTime: string | undefined
}

/**
 * What Linux tells of a process (proc_pid_stat(5)). A process that was killed stays in the table until
 * its parent has asked for it: it has ended although its id is taken.
 */
function statusOf(pid: number): ProcessStatus | undefined {
  const text = isLinux ? readSystemFile(`/proc/${pid}/stat`) : undefined
  if (text === undefined) return undefined
  // The name of the program comes before, in parentheses, and may hold anything.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  return { ended: fields[0] === 'Z' || fields[0] === 'X', startTime: fields[19] }
}

/** These are no files on a disk: reading them takes microseconds, less than waiting for a thread. */
function readSystemFile(path: string): string | undefined {
  try {
    return readFileSync(path, 'latin1')
  } catch {
    return undefined
  }
}

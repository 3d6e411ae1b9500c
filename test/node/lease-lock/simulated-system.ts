import { waitFor } from '../../../src/node/files/patiently.ts'
import type { LeaseFiles } from '../../../src/node/lease-lock/lease-directory.ts'
import type { LeasePlatform } from '../../../src/node/lease-lock/platform.ts'

/** A process of a {@link SimulatedSystem}. */
export interface SimulatedProcess {
  readonly pid: number
  readonly platform: LeasePlatform
  state: 'running' | 'stalled' | 'dead'
}

export interface SystemOptions {
  /** Whether each process runs on a machine of its own, so that only heartbeats tell about it. */
  readonly apart: boolean
  /** Whether the file system tells what happens in it. */
  readonly watched: boolean
  /** Numbers that decide what the system leaves open. */
  readonly random: () => number
}

interface Step {
  readonly process: SimulatedProcess
  readonly isHeartbeat: boolean
  readonly take: () => void
}

/**
 * Processes on one file system, whose every single step waits to be taken: in which order, how far a
 * process gets before it stalls or dies, and what a list of a changing directory shows, is up to the test.
 */
export class SimulatedSystem {
  readonly #options: SystemOptions
  readonly #files = new Map<string, { readonly text: string; modifiedAt: number }>()
  readonly #watchers = new Map<string, Set<() => void>>()
  readonly processes: SimulatedProcess[] = []
  #directoryIsThere = false
  #steps: Step[] = []
  #nonces = 0
  now = 1_000_000

  constructor(options: SystemOptions) {
    this.#options = options
  }

  get files(): readonly string[] {
    return [...this.#files.keys()]
  }

  hasLease({ pid }: SimulatedProcess): boolean {
    return [...this.#files.values()].some(({ text }) => text.includes(`"pid":${pid},`))
  }

  /** The steps that can be taken now. */
  get possible(): readonly Step[] {
    return this.#steps.filter(({ process }) => process.state === 'running')
  }

  take(step: Step): void {
    this.#steps = this.#steps.filter((other) => other !== step)
    step.take()
  }

  /** Waits for a step of the process to be taken. */
  step(process: SimulatedProcess, { isHeartbeat = false } = {}): Promise<void> {
    return new Promise((resolve) => {
      this.#steps.push({ process, isHeartbeat, take: resolve })
    })
  }

  addProcess(): SimulatedProcess {
    const pid = this.processes.length + 1
    const identity = {
      host: this.#options.apart ? `host-${pid}` : 'host',
      boot: 'boot',
      pidNamespace: 'host',
      pid,
      startTime: 'then',
    }
    const process: SimulatedProcess = {
      pid,
      state: 'running',
      platform: {
        files: this.#filesFor(() => process),
        processes: {
          self: () => identity,
          isRunning: (other) => this.processes[other - 1]?.state !== 'dead',
        },
        now: () => this.now,
        elapsed: () => this.now,
        nonce: () => this.#nonce(),
      },
    }
    this.processes.push(process)
    return process
  }

  /** Not in the order in which they are made: the order decides between two with the same ticket. */
  #nonce(): string {
    this.#nonces += 1
    const order = Math.floor(this.#options.random() * 256)
    return `${order.toString(16).padStart(2, '0')}${this.#nonces.toString(16).padStart(4, '0')}`
  }

  #filesFor(self: () => SimulatedProcess): LeaseFiles {
    const step = () => this.step(self())
    return {
      mkdir: async () => {
        await step()
        this.#directoryIsThere = true
      },
      create: async (path, text) => {
        await step()
        if (!this.#directoryIsThere) throw systemError('ENOENT')
        if (this.#files.has(path)) throw systemError('EEXIST')
        this.#files.set(path, { text, modifiedAt: this.now })
      },
      read: async (path) => {
        await step()
        return this.#fileAt(path).text
      },
      list: async () => {
        await step()
        const first = this.files
        await step()
        if (!this.#directoryIsThere) throw systemError('ENOENT')
        const last = this.files
        // POSIX says no more than this of a directory that changes while it is read.
        const uncertain = [...first, ...last].filter(
          (path) => first.includes(path) !== last.includes(path),
        )
        const shown = [
          ...first.filter((path) => last.includes(path)),
          ...uncertain.filter(() => this.#options.random() < 0.5),
        ]
        return shown.map((path) => path.slice(path.lastIndexOf('/') + 1))
      },
      rename: async (from, to) => {
        await step()
        this.#files.set(to, this.#fileAt(from))
        this.#files.delete(from)
      },
      unlink: async (path) => {
        await step()
        this.#fileAt(path)
        this.#files.delete(path)
        for (const listener of this.#watchers.get(path) ?? []) listener()
      },
      rmdir: async () => {
        await step()
        if (this.#files.size > 0) throw systemError('ENOTEMPTY')
        this.#directoryIsThere = false
      },
      touch: async (path, time) => {
        await this.step(self(), { isHeartbeat: true })
        this.#fileAt(path).modifiedAt = time.getTime()
      },
      modifiedAt: async (path) => {
        await step()
        return this.#fileAt(path).modifiedAt
      },
      watch: (path, listener) => {
        if (!this.#options.watched) return undefined
        const listeners = this.#watchers.get(path) ?? new Set()
        const listen = () => listener('rename', undefined)
        this.#watchers.set(path, listeners.add(listen))
        return () => void listeners.delete(listen)
      },
      wait: waitFor,
    }
  }

  #fileAt(path: string) {
    const file = this.#files.get(path)
    if (file === undefined) throw systemError('ENOENT')
    return file
  }
}

/** Lets all go on until each waits for a step to be taken, or for time. Quicker than a turn of the event loop. */
export async function settled(): Promise<void> {
  for (let microtask = 0; microtask < 50; microtask++) await undefined
}

function systemError(code: string): Error {
  return Object.assign(new Error(code), { code })
}

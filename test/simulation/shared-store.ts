import { AuthError } from '../../src/errors/auth-error.ts'
import type { StoredAccount } from '../../src/store/account.ts'
import type { CommitResult, StoredEntry, TokenStore } from '../../src/store/store.ts'
import { type Process, patienceMs } from './process.ts'
import type { Schedule } from './schedule.ts'

/** A change of the record. */
export interface Commit {
  readonly process: Process
  readonly before: StoredAccount | undefined
  readonly after: StoredAccount | undefined
  readonly revision: number
}

/** What happens in the store, for whoever watches over the run. */
export interface StoreObserver {
  readonly committed: (commit: Commit) => void
  readonly refusedCommit: (process: Process, value: StoredAccount | undefined) => void
}

/** How the place where credentials are kept fails. */
export interface StoreFailure {
  readonly of: 'reads' | 'commits' | 'both'
  /** The next so many calls; or all until then, epoch ms. */
  readonly times?: number
  readonly until?: number
}

/** One record in a place that all processes share, such as a file. */
export class SharedStore {
  readonly #schedule: Schedule
  readonly #observer: StoreObserver
  readonly #watched: boolean
  readonly #listeners = new Map<Process, () => void>()
  readonly #toTell = new Set<Process>()
  #entry: { readonly value: StoredAccount; readonly revision: number } | undefined
  #revision = 0
  #failing: { of: StoreFailure['of']; left: number; until: number }[] = []

  constructor(schedule: Schedule, options: { watched: boolean; observer: StoreObserver }) {
    this.#schedule = schedule
    this.#watched = options.watched
    this.#observer = options.observer
  }

  get value(): StoredAccount | undefined {
    return this.#entry?.value
  }

  /** What is there before anybody has come. */
  fill(value: StoredAccount): void {
    this.#revision += 1
    this.#entry = { value, revision: this.#revision }
  }

  fail({ of, times = Number.POSITIVE_INFINITY, until = Number.POSITIVE_INFINITY }: StoreFailure) {
    this.#failing.push({ of, left: times, until })
  }

  heal(): void {
    this.#failing = []
  }

  /** Whether it cannot be written for a while: then there can be no new lock beside it, either. */
  get isReadOnly(): boolean {
    return this.#failing.some(({ of, left, until }) => {
      return of !== 'reads' && left === Number.POSITIVE_INFINITY && until > this.#schedule.now
    })
  }

  /** The store as one process has it. */
  for(process: Process): TokenStore {
    return {
      read: () =>
        this.#call(process, {
          act: () => this.#read(),
          revisionOf: (entry) => entry?.revision,
        }),
      commit: (_key, expected, value) =>
        this.#call(process, {
          act: () => this.#commit(process, expected, value),
          // Who is too late reads again, and only then knows.
          revisionOf: (result) => (result.ok ? result.revision : undefined),
        }),
      ...(this.#watched && {
        watch: (_key: unknown, listener: () => void) => {
          this.#listeners.set(process, listener)
          return () => this.#listeners.delete(process)
        },
      }),
      describe: () => ({
        kind: 'shared',
        persistent: true,
        encrypted: false,
        shared: 'machine',
      }),
    }
  }

  async #call<Value>(
    process: Process,
    { act, revisionOf }: { act: () => Value; revisionOf: (value: Value) => string | undefined },
  ): Promise<Value> {
    const call = { startedAt: process.beginStoreCall(this.#schedule.now) }
    process.storeCalls.add(call)
    try {
      const value = await this.#schedule.call(process, act)
      // Whoever had to wait longer does not wait any more.
      if (this.#schedule.now - call.startedAt >= patienceMs)
        process.troubledStep = this.#schedule.taken
      else process.seenRevision = Math.max(process.seenRevision, Number(revisionOf(value) ?? 0))
      return value
    } catch (error) {
      process.troubledStep = this.#schedule.taken
      throw error
    } finally {
      process.storeCalls.delete(call)
      process.lastStoreCall = { startedAt: call.startedAt, endedAt: this.#schedule.now }
    }
  }

  #read(): StoredEntry | undefined {
    if (this.#takeFailure('reads')) throw unavailable('read')
    const entry = this.#entry
    return entry && { value: structuredClone(entry.value), revision: String(entry.revision) }
  }

  #commit(
    process: Process,
    expected: string | undefined,
    value: StoredAccount | undefined,
  ): CommitResult {
    if (this.#takeFailure('commits')) {
      this.#observer.refusedCommit(process, value)
      throw unavailable('written')
    }
    const before = this.#entry
    const current = before && { value: before.value, revision: String(before.revision) }
    if (current?.revision !== expected) return { ok: false, current }
    this.#revision += 1
    const revision = this.#revision
    this.#entry = value && { value: structuredClone(value), revision }
    this.#observer.committed({ process, before: before?.value, after: value, revision })
    for (const other of this.#listeners.keys()) if (other !== process) this.#tell(other)
    return { ok: true, revision: String(revision) }
  }

  #tell(process: Process): void {
    if (process.state === 'dead' || this.#toTell.has(process)) return
    this.#toTell.add(process)
    this.#schedule.add('local', process, () => {
      this.#toTell.delete(process)
      this.#listeners.get(process)?.()
    })
  }

  #takeFailure(kind: 'reads' | 'commits'): boolean {
    const failure = this.#failing.find(({ of, left, until }) => {
      return (of === kind || of === 'both') && left > 0 && until > this.#schedule.now
    })
    if (failure === undefined) return false
    failure.left -= 1
    return true
  }
}

function unavailable(what: string): AuthError {
  return new AuthError('store_unavailable', `The store cannot be ${what}.`)
}

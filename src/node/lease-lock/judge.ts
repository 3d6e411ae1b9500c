import type { LeaseDirectory } from './lease-directory.ts'
import { readLease } from './lease-record.ts'
import type { LeasePlatform } from './platform.ts'
import { isSameBoot, type ProcessIdentity } from './process-table.ts'
import { fileNames, type Queue, type QueueEntry } from './queue.ts'

/** Part of the stale age that a heartbeat has to be missing before our own eyes. */
const observedPart = 0.2

export interface JudgeOptions {
  readonly directory: LeaseDirectory
  readonly platform: LeasePlatform
  /** Our own name in the directory. */
  readonly nonce: string
  readonly staleMs: number
}

/**
 * Decides who in the queue is gone, and removes them.
 *
 * | the lease | gone when |
 * |---|---|
 * | 1. of a process of this machine, boot and process namespace | the process is not running |
 * | 2. of any other, and of a process that is running | the last heartbeat is older than the stale age, and none came while we watched for a part of it |
 * | 3. the same, whatever the wall clock says | none came while we watched for the whole stale age |
 *
 * Watching for a part of it (row 2) gives a machine that slept, or whose clock was set, time for a heartbeat.
 */
export class Judge {
  readonly #options: JudgeOptions
  readonly #processes = new Map<string, ProcessIdentity>()
  readonly #observed = new Map<string, { readonly beatenAt: number; readonly since: number }>()

  constructor(options: JudgeOptions) {
    this.#options = options
  }

  /** The first of these that is still there; those before it are gone, and removed. */
  async firstPresent(entries: readonly QueueEntry[]): Promise<QueueEntry | undefined> {
    for (const entry of entries) {
      const gone = (await this.#hasEnded(entry)) || (await this.#isSilent(entry))
      if (!gone) return entry
      await this.#options.directory.remove(entry.files)
    }
    return undefined
  }

  /** Removes what is left of those who died on their way in or out. */
  async removeLeftovers(queue: Queue): Promise<void> {
    const { directory, platform, staleMs } = this.#options
    for (const { nonce, present, files } of queue.values()) {
      // A list of names that was made while a lease came may lack it.
      if (present || (await directory.beatenAt(nonce)) !== undefined) continue
      for (const name of files) {
        const beingWritten = name === fileNames.temporary(nonce)
        const age = platform.now() - ((await directory.modifiedAt(name)) ?? 0)
        if (!beingWritten || age > staleMs) await directory.remove([name])
      }
    }
  }

  /** Row 1. */
  async #hasEnded({ nonce }: QueueEntry): Promise<boolean> {
    const { directory, platform } = this.#options
    const known = this.#processes.get(nonce)
    const holder = known ?? readLease((await directory.readLease(nonce)) ?? '')
    if (holder === undefined || !isNeighbour(holder, platform.processes.self())) return false
    this.#processes.set(nonce, holder)
    return !platform.processes.isRunning(holder.pid, holder.startTime)
  }

  /** Rows 2 and 3. */
  async #isSilent({ nonce }: QueueEntry): Promise<boolean> {
    const { directory, platform, staleMs } = this.#options
    const beatenAt = await directory.beatenAt(nonce)
    if (beatenAt === undefined) return true
    const observed = this.#observed.get(nonce)
    if (observed?.beatenAt !== beatenAt) {
      this.#observed.set(nonce, { beatenAt, since: platform.elapsed() })
      return false
    }
    const silentMs = platform.elapsed() - observed.since
    const stale = platform.now() - beatenAt > staleMs && silentMs >= staleMs * observedPart
    return stale || silentMs > staleMs ? this.#evict(nonce, beatenAt) : false
  }

  /**
   * A contender that stalled may wake up at this very moment. It makes a heartbeat first and looks for
   * marks then; we set the mark first and look at the heartbeat then: at least one of us sees the other.
   */
  async #evict(nonce: string, beatenAt: number): Promise<boolean> {
    const { directory, nonce: judge } = this.#options
    const takeBack = await directory.mark(nonce, judge)
    const silent = (await directory.beatenAt(nonce)) === beatenAt
    if (silent) await directory.remove([fileNames.lease(nonce)])
    await takeBack()
    return silent
  }
}

/** Whether both count processes in the same way, so that a process id says something. */
function isNeighbour(one: ProcessIdentity, other: ProcessIdentity): boolean {
  return (
    one.host === other.host &&
    isSameBoot(one.boot, other.boot) &&
    one.pidNamespace !== undefined &&
    one.pidNamespace === other.pidNamespace
  )
}

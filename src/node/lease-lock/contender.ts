import { unref } from '../../async/abort.ts'
import type { Lease } from '../../lock/lock.ts'
import { codeOf } from '../files/system-error.ts'
import { Changes } from './changes.ts'
import { Judge } from './judge.ts'
import { LeaseDirectory, type LockPlace } from './lease-directory.ts'
import { writeLease } from './lease-record.ts'
import type { LeasePlatform } from './platform.ts'
import { entriesBefore, fileNames, nextTicket, type Place, type Queue } from './queue.ts'

/** Heartbeats in a stale age: several may be late before anybody worries. */
const beats = 10

export interface ContenderOptions {
  readonly place: LockPlace
  readonly staleMs: number
  readonly platform: LeasePlatform
}

/** One attempt to get a lock, as one file in its directory. The protocol is explained at `leaseLock`. */
export class Contender implements Lease {
  readonly #directory: LeaseDirectory
  readonly #platform: LeasePlatform
  readonly #staleMs: number
  readonly #nonce: string
  /** What we have put into the directory, the lease first. */
  readonly #files: string[] = []
  #beatenAt = Number.NEGATIVE_INFINITY
  #heartbeat: ReturnType<typeof setInterval> | undefined

  constructor({ place, staleMs, platform }: ContenderOptions) {
    this.#directory = new LeaseDirectory(place, platform.files)
    this.#platform = platform
    this.#staleMs = staleMs
    this.#nonce = platform.nonce()
  }

  /**
   * Queues up, and waits until it holds the lock.
   * @returns `false` when it stalled and was taken for dead: then another attempt has to be made
   * @throws AuthError `aborted`; what the file system throws
   */
  async enter(signal: AbortSignal): Promise<boolean> {
    try {
      const place = await this.#takePlace()
      if (!(await this.#waitForTurn(place, signal))) return false
    } catch (error) {
      // The directory is removed with the last one in it, who may have left before our lease was there.
      if (codeOf(error) === 'ENOENT') return false
      throw error
    }
    this.#heartbeat = setInterval(() => this.#beat().catch(() => {}), this.#beatMs)
    unref(this.#heartbeat)
    return true
  }

  async isHeld(): Promise<boolean> {
    try {
      // In this order: see `Judge`.
      const beaten = await this.#beat()
      return beaten && this.#isIn(await this.#directory.queue())
    } catch {
      return false
    }
  }

  /** Gives the lock or the place up. */
  async leave(): Promise<void> {
    clearInterval(this.#heartbeat)
    try {
      await this.#directory.remove(this.#files)
    } catch {
      // A disk that is read-only for the moment. Others would wait for us until we count as stalled.
      unref(setTimeout(() => this.leave(), this.#beatMs))
      return
    }
    await this.#directory.removeIfEmpty()
  }

  async #takePlace(): Promise<Place> {
    const nonce = this.#nonce
    const lease = writeLease(this.#platform.processes.self(), nonce)
    this.#beatenAt = this.#platform.elapsed()
    this.#files.push(fileNames.lease(nonce), fileNames.temporary(nonce))
    await this.#directory.enter(nonce, lease)
    this.#files.pop()
    const ticket = nextTicket(await this.#directory.queue())
    this.#files.push(fileNames.turn(nonce, ticket))
    await this.#directory.takeTurn(nonce, ticket)
    return { nonce, ticket }
  }

  async #waitForTurn(place: Place, signal: AbortSignal): Promise<boolean> {
    const judge = new Judge({
      directory: this.#directory,
      platform: this.#platform,
      nonce: this.#nonce,
      staleMs: this.#staleMs,
    })
    const changes = new Changes(this.#directory)
    try {
      for (;;) {
        if (this.#platform.elapsed() - this.#beatenAt >= this.#beatMs) await this.#beat()
        const queue = await this.#directory.queue()
        if (!this.#isIn(queue)) return false
        const before = await judge.firstPresent(entriesBefore(place, queue))
        if (before === undefined) {
          // Only tidying up: whoever comes next tries again.
          await judge.removeLeftovers(queue).catch(() => {})
          return true
        }
        await changes.next(before.nonce, signal)
      }
    } finally {
      changes.stop()
    }
  }

  #isIn(queue: Queue): boolean {
    const self = queue.get(this.#nonce)
    return self?.present === true && !self.marked
  }

  #beat(): Promise<boolean> {
    this.#beatenAt = this.#platform.elapsed()
    return this.#directory.beat(this.#nonce, this.#platform.now())
  }

  get #beatMs(): number {
    return this.#staleMs / beats
  }
}

import { unref } from '../../async/abort.ts'
import type { Lease } from '../../lock/lock.ts'
import { codeOf } from '../files/system-error.ts'
import { Changes } from './changes.ts'
import { Judge } from './judge.ts'
import { LeaseDirectory } from './lease-directory.ts'
import { writeLease } from './lease-record.ts'
import { lockError } from './lock-error.ts'
import type { LockPlace } from './place.ts'
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
  readonly #place: LockPlace
  readonly #directory: LeaseDirectory
  readonly #platform: LeasePlatform
  readonly #staleMs: number
  readonly #beatMs: number
  readonly #nonce: string
  /** What we have put into the directory, the lease first. */
  readonly #files: string[] = []
  #beats: Promise<unknown> = Promise.resolve()
  #left = false
  #heartbeat: ReturnType<typeof setTimeout> | undefined

  constructor({ place, staleMs, platform }: ContenderOptions) {
    this.#place = place
    this.#directory = new LeaseDirectory(place, platform.files)
    this.#platform = platform
    this.#staleMs = staleMs
    this.#beatMs = staleMs / beats
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
      return await this.#waitForTurn(place, signal)
    } catch (error) {
      // The directory is removed with the last one in it, who may have left before our lease was there.
      if (codeOf(error) === 'ENOENT') return false
      throw error
    }
  }

  async isHeld(): Promise<boolean> {
    try {
      for (;;) {
        const since = this.#platform.elapsed()
        // In this order: see `Judge`.
        const held = (await this.#beat()) && this.#isIn(await this.#directory.queue())
        // Who has stalled in between knows nothing any more.
        if (!held || this.#platform.elapsed() - since < this.#beatMs) return held
      }
    } catch (error) {
      // A disk that fails says nothing of the lock: then nobody knows whether it is held.
      if (codeOf(error) === 'ENOENT') return false
      throw lockError(error, this.#place.directory)
    }
  }

  /** Gives the lock or the place up. */
  async leave(): Promise<void> {
    this.#left = true
    clearTimeout(this.#heartbeat)
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
    this.#files.push(fileNames.lease(nonce), fileNames.temporary(nonce))
    await this.#directory.enter(nonce, lease)
    this.#files.pop()
    this.#keepBeating()
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

  #keepBeating(): void {
    if (this.#left) return
    const again = () => this.#keepBeating()
    this.#heartbeat = setTimeout(() => this.#beat().then(again, again), this.#beatMs)
    unref(this.#heartbeat)
  }

  /** One after the other: a late one would set the time back, as if there had been none since. */
  #beat(): Promise<boolean> {
    const beat = () => this.#directory.beat(this.#nonce, this.#platform.now())
    const beaten = this.#beats.then(beat, beat)
    this.#beats = beaten
    return beaten
  }
}

import { unref } from '../../async/abort.ts'

/** A timer that is this late says that the process stood still: what came meanwhile gets as long to be read. */
const standstillMs = 1_000

const longestTimerMs = 2 ** 31 - 1

/**
 * Notices that nothing is heard for too long while somebody listens. It is told of every read, so it
 * only notes the time, and has one timer that looks at the note.
 */
export class Silence {
  readonly #limitMs: number
  readonly #onSilence: () => void
  #listeningSince: number | undefined
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(limitMs: number, onSilence: () => void) {
    this.#limitMs = limitMs
    this.#onSilence = onSilence
  }

  listen(): void {
    this.#listeningSince = performance.now()
    if (this.#timer === undefined) this.#lookAfter(this.#limitMs)
  }

  heard(): void {
    this.#listeningSince = undefined
  }

  stop(): void {
    this.#listeningSince = undefined
    clearTimeout(this.#timer)
    this.#timer = undefined
  }

  #lookAfter(ms: number): void {
    const waitMs = Math.min(ms, longestTimerMs)
    const dueAt = performance.now() + waitMs
    this.#timer = setTimeout(() => {
      this.#timer = undefined
      this.#look(performance.now() - dueAt)
    }, waitMs)
    unref(this.#timer)
  }

  #look(lateMs: number): void {
    // Nobody listens: the next who does starts the timer again.
    if (this.#listeningSince === undefined) return
    const leftMs = this.#listeningSince + this.#limitMs - performance.now()
    // A timer may fire a part of a millisecond early.
    if (leftMs >= 1) this.#lookAfter(leftMs)
    else if (lateMs > standstillMs) this.#lookAfter(standstillMs)
    else this.#onSilence()
  }
}

import { raceSignal, throwIfAborted } from '../../async/abort.ts'
import type { LeaseDirectory } from './lease-directory.ts'

const shortestMs = 20
const longestMs = 250

/**
 * Tells when it is worth looking into the queue again. It watches the one contender that is waited for:
 * with a watcher on the directory, everybody would wake up whenever anybody comes or goes.
 */
export class Changes {
  readonly #directory: LeaseDirectory
  #awaited: string | undefined
  #changed = false
  #pauseMs = shortestMs
  #wake = () => {}
  #stopWatching: (() => void) | undefined

  constructor(directory: LeaseDirectory) {
    this.#directory = directory
  }

  /**
   * Waits until this contender has left, or for a while that grows: who dies changes nothing.
   * @throws AuthError `aborted`
   */
  async next(nonce: string, signal: AbortSignal): Promise<void> {
    throwIfAborted(signal)
    // It may have left before the watcher stood, so the first look is due at once.
    if (this.#awaited !== nonce) return this.#watch(nonce)
    if (!this.#changed) await this.#pause(signal)
    this.#changed = false
    this.#pauseMs = Math.min(longestMs, this.#pauseMs * 2)
  }

  stop(): void {
    this.#stopWatching?.()
  }

  #watch(nonce: string): void {
    this.stop()
    this.#awaited = nonce
    this.#changed = false
    this.#pauseMs = shortestMs
    this.#stopWatching = this.#directory.watchLease(nonce, () => {
      this.#changed = true
      this.#wake()
    })
  }

  async #pause(signal: AbortSignal): Promise<void> {
    let timer: ReturnType<typeof setTimeout> | undefined
    const woken = new Promise<void>((resolve) => {
      this.#wake = resolve
      // Keeps the process alive, as a request does: somebody waits for the lock, and not for ever.
      timer = setTimeout(resolve, this.#pauseMs * (0.5 + Math.random()))
    })
    try {
      await raceSignal(woken, signal)
    } finally {
      clearTimeout(timer)
    }
  }
}

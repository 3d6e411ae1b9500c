import { raceSignal, throwIfAborted } from '../../async/abort.ts'
import type { LeaseDirectory } from './lease-directory.ts'

const shortestMs = 20
const longestMs = 250

/** Tells when it is worth looking into a directory again. */
export class Changes {
  readonly #stop: (() => void) | undefined
  /** Who came or went since we looked. */
  readonly #changed = new Set<string>()
  #awaited: string | undefined
  #pauseMs = shortestMs
  #wake = () => {}

  constructor(directory: LeaseDirectory) {
    this.#stop = directory.watch((nonce) => {
      if (nonce !== undefined) this.#changed.add(nonce)
      if (nonce === undefined || nonce === this.#awaited) this.#wake()
    })
  }

  /** To be called before the directory is looked at: what happens from now on may have been missed. */
  forget(): void {
    this.#changed.clear()
  }

  /**
   * Waits until this contender has come or gone, or for a while that grows: who dies changes nothing.
   * @throws AuthError `aborted`
   */
  async next(nonce: string, signal: AbortSignal): Promise<void> {
    throwIfAborted(signal)
    if (this.#awaited !== nonce) this.#pauseMs = shortestMs
    this.#awaited = nonce
    if (this.#changed.has(nonce)) return
    await this.#pause(signal)
    this.#pauseMs = Math.min(longestMs, this.#pauseMs * 1.5)
  }

  stop(): void {
    this.#stop?.()
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

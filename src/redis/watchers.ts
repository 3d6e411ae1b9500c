import { unref } from '../async/abort.ts'
import type { Subscriber } from './subscriber.ts'

/** While no messages are heard, and when they are: one may be lost with a connection. */
const pollMs = { alone: 2_000, besides: 15_000 }
/** With many who watch, each is looked at less often: a server has a client for each person. */
const pollMsEach = 20

export interface WatchersOptions {
  /** The id of the last commit; rejects when it cannot be read now. */
  readonly peek: (name: string) => Promise<string>
  readonly channelOf: (name: string) => string
  readonly openSubscriber: () => Subscriber | undefined
}

/** One account that is watched. */
interface Watched {
  readonly name: string
  readonly listeners: Set<() => void>
  /** The id of the last commit that is known; `undefined` before the first look. */
  seen: string | undefined
  isHeard: boolean
}

/** Tells of commits by others: by messages, where they can be heard, and by looking from time to time. */
export class Watchers {
  readonly #options: WatchersOptions
  readonly #watched = new Map<string, Watched>()
  #subscriber: Subscriber | undefined
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(options: WatchersOptions) {
    this.#options = options
  }

  /** @returns how to stop */
  add(name: string, listener: () => void): () => void {
    const watched = this.#watched.get(name) ?? this.#begin(name)
    // Each call counts for itself, although two may bring the same function.
    const tell = () => listener()
    watched.listeners.add(tell)
    return () => {
      watched.listeners.delete(tell)
      if (watched.listeners.size === 0 && this.#watched.get(name) === watched) this.#end(watched)
    }
  }

  #begin(name: string): Watched {
    const watched: Watched = { name, listeners: new Set(), seen: undefined, isHeard: false }
    this.#watched.set(name, watched)
    const looked = this.#look(watched)
    this.#hear(watched, looked)
    this.#schedule()
    return watched
  }

  #end({ name }: Watched): void {
    this.#watched.delete(name)
    if (this.#watched.size > 0) {
      this.#subscriber?.unsubscribe(this.#options.channelOf(name))
      return
    }
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#subscriber?.close()
    this.#subscriber = undefined
  }

  async #hear(watched: Watched, looked: Promise<void>): Promise<void> {
    this.#subscriber ??= this.#options.openSubscriber()
    try {
      const channel = this.#options.channelOf(watched.name)
      const hearing = this.#subscriber?.subscribe(channel, (id) => this.#found(watched, id))
      if (hearing === undefined) return
      await Promise.all([looked, hearing])
      watched.isHeard = true
      // What was committed before the subscription stood.
      await this.#look(watched)
    } catch {
      // It is looked at instead.
    }
  }

  async #look(watched: Watched): Promise<void> {
    try {
      this.#found(watched, await this.#options.peek(watched.name))
    } catch {
      // Whoever reads or writes meets the same failure, and reports it.
    }
  }

  #found(watched: Watched, id: string): void {
    const isNew = watched.seen !== undefined && watched.seen !== id
    watched.seen = id
    if (!isNew) return
    for (const listener of [...watched.listeners]) listener()
  }

  #schedule(): void {
    if (this.#timer !== undefined || this.#watched.size === 0) return
    const watched = [...this.#watched.values()]
    const atLeastMs = watched.every(({ isHeard }) => isHeard) ? pollMs.besides : pollMs.alone
    const ms = Math.max(atLeastMs, watched.length * pollMsEach)
    this.#timer = setTimeout(() => this.#lookAtAll(), ms * (0.75 + Math.random() / 2))
    unref(this.#timer)
  }

  async #lookAtAll(): Promise<void> {
    await Promise.all([...this.#watched.values()].map((watched) => this.#look(watched)))
    this.#timer = undefined
    this.#schedule()
  }
}

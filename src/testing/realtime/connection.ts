import { unref } from '../../async/abort.ts'
import type { SocketStrategy } from '../../mcp/connection/connection.ts'
import type { ConnectionEnd, Peer, PeerListener } from './peer.ts'
import type { Pushed } from './pushed.ts'

/** A socket or an event stream that somebody opened at the platform. */
export interface PlatformConnection {
  /** Counts up from 1. */
  readonly id: number
  /** A WebSocket, or a stream of server-sent events. */
  readonly kind: 'socket' | 'stream'
  /** Of the request that opened it, as in `platform.requests`. */
  readonly requestId: string
  /** How its credential came; `undefined` when none was accepted, or not yet. */
  readonly strategy: SocketStrategy | undefined
  /** Whose it is, from the moment its credential was accepted. */
  readonly email: string | undefined
  /** Epoch milliseconds, by the platform's clock. */
  readonly openedAt: number
  /** The messages that came in, those too that were lost before the ack; may be emptied. */
  readonly received: string[]
  /** Whether the service is through with ack and greeting. */
  readonly ready: boolean
  /** How it ended; `undefined` while it is open. */
  readonly end: ConnectionEnd | undefined
  /** Sends exactly this: one message of a socket, or a piece of a stream. Resolves when it has gone out. */
  send(text: string): Promise<void>
  /** Ends it in order; default 1001, `going away`. A stream has no code. */
  close(code?: number, reason?: string): void
  /** Loses the connection without a word, after half of `text` where that is given. */
  cut(text?: string): void
  /** From now on the service neither hears nor says anything. */
  silence(): void
}

/** What is known of a connection when it is opened. */
export interface Opening {
  readonly id: number
  readonly kind: 'socket' | 'stream'
  readonly requestId: string
  readonly openedAt: number
  readonly peer: Peer
  /** How an ordered delay passes. */
  readonly wait: (ms: number, signal: AbortSignal | undefined) => Promise<void>
}

/** How a connection says things. */
export interface Voice {
  /** `undefined` for what it has no words for. */
  write(pushed: Pushed): string | undefined
  /** A stream's sign of life; a socket has ping frames. */
  readonly heartbeat?: () => string
}

/** Who opened a connection. */
export interface Owner {
  readonly userId: string
  readonly email: string
  readonly strategy: SocketStrategy
}

/** A connection with its timers, none of which outlives it. */
export class ServedConnection implements PlatformConnection {
  readonly id: number
  readonly kind: 'socket' | 'stream'
  readonly requestId: string
  readonly openedAt: number
  readonly received: string[] = []
  owner: Owner | undefined
  end: ConnectionEnd | undefined
  readonly #peer: Peer
  readonly #wait: Opening['wait']
  readonly #gone = new AbortController()
  readonly #timers = new Set<() => void>()
  #silent = false
  #closing = false
  #voice: Voice | undefined

  constructor({ id, kind, requestId, openedAt, peer, wait }: Opening) {
    this.id = id
    this.kind = kind
    this.requestId = requestId
    this.openedAt = openedAt
    this.#peer = peer
    this.#wait = wait
  }

  get strategy(): SocketStrategy | undefined {
    return this.owner?.strategy
  }

  get email(): string | undefined {
    return this.owner?.email
  }

  get ready(): boolean {
    return this.#voice !== undefined
  }

  /** Whether it may be spoken on: open, not closing, and not silenced. */
  get speaks(): boolean {
    return this.end === undefined && !this.#closing && !this.#silent
  }

  /** From now on it takes what is pushed, and sends a sign of life every `everyMs`. */
  becomeReady(voice: Voice, everyMs: number): void {
    if (this.end !== undefined) return
    this.#voice = voice
    const timer = setInterval(() => this.beat(), everyMs)
    unref(timer)
    this.#timers.add(() => clearInterval(timer))
  }

  async push(pushed: Pushed): Promise<void> {
    const text = this.#voice?.write(pushed)
    if (text !== undefined) await this.send(text)
  }

  async send(text: string): Promise<void> {
    if (this.speaks) await this.#peer.send(text)
  }

  /** Sends a sign of life, when it is through with ack and greeting. */
  beat(): void {
    if (!this.speaks || this.#voice === undefined) return
    const { heartbeat } = this.#voice
    if (heartbeat === undefined) this.#peer.ping()
    else void this.send(heartbeat())
  }

  close(code = 1001, reason = 'going away'): void {
    if (this.end !== undefined || this.#closing) return
    this.#closing = true
    this.#peer.close(code, reason)
  }

  cut(text?: string): void {
    if (this.end === undefined) this.#peer.cut(text)
  }

  silence(): void {
    if (!this.speaks) return
    this.#silent = true
    this.#peer.silence()
  }

  /** Runs `work` when an ordered delay has passed, unless the connection is gone by then. */
  after(ms: number, work: () => void): void {
    if (ms === 0) work()
    else this.#wait(ms, this.#gone.signal).then(() => this.end === undefined && work())
  }

  /** By a timer, and so never at once however the test lets delays pass. */
  later(ms: number, work: () => void): void {
    const timer = setTimeout(work, ms)
    unref(timer)
    this.#timers.add(() => clearTimeout(timer))
  }

  /** Takes what the peer tells; a socket's messages go on to `handle`. */
  listener(handle: (text: string) => void = () => {}): PeerListener {
    return {
      onMessage: (text) => {
        if (!this.speaks) return
        this.received.push(text)
        handle(text)
      },
      onGone: (end) => {
        if (this.end !== undefined) return
        this.end = end
        this.#voice = undefined
        for (const stop of this.#timers) stop()
        this.#gone.abort()
      },
    }
  }
}

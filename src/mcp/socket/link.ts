import { unref } from '../../async/abort.ts'
import { AuthError, isAuthError } from '../../errors/auth-error.ts'
import type { Connection, ConnectionEvents } from '../connection/connection.ts'
import { type Backoff, createBackoff } from './backoff.ts'
import type { McpSocketStatus } from './types.ts'

/** What keeps a connection, and who is told. */
export interface LinkOptions {
  readonly open: (events: ConnectionEvents, signal: AbortSignal) => Promise<Connection>
  readonly random: () => number
  readonly now: () => number
  /** Comes before everything else on a new connection. A failure is one of the connection. */
  readonly prepare: (connection: Connection) => Promise<void> | undefined
  readonly onUp: (connection: Connection) => void
  /** What was sent and not answered will not be; there will be another connection. */
  readonly onDown: (error: AuthError) => void
  /** There will be no other connection unless it is asked for. */
  readonly onFailed: (error: AuthError) => void
  readonly onMessage: ConnectionEvents['onMessage']
  readonly onError: ConnectionEvents['onError']
  readonly onStatus: (status: McpSocketStatus) => void
}

/**
 * Keeps one connection up: opens it, each time with a fresh credential, and again when it breaks, until
 * somebody has to act or it is closed.
 */
export class Link {
  readonly #options: LinkOptions
  readonly #backoff: Backoff
  readonly #closing = new AbortController()
  #connection: Connection | undefined
  /** Open, and not yet prepared. */
  #opened: Connection | undefined
  #isTrying = false
  #isAlive = true
  #lastError: AuthError | undefined
  #timer: ReturnType<typeof setTimeout> | undefined
  #skipWait = () => {}
  #mayHurry = false

  constructor(options: LinkOptions) {
    this.#options = options
    this.#backoff = createBackoff(options.random)
  }

  /** The connection, when messages can be sent on it. */
  get connection(): Connection | undefined {
    return this.#connection?.isOpen ? this.#connection : undefined
  }

  /** What the last attempt failed with, while there is no connection. */
  get lastError(): AuthError | undefined {
    return this.#lastError
  }

  /** Makes sure that there is a connection, or one on the way. */
  ensure(): void {
    if (this.#connection !== undefined || this.#isTrying || this.#closing.signal.aborted) return
    this.#backoff.reset()
    this.#options.onStatus({ state: 'connecting' })
    void this.#try()
  }

  /** Waits no longer for the next attempt, unless the service asked for the wait. */
  hurry(): void {
    if (this.#mayHurry) this.#skipWait()
  }

  /** Whether the connection, or the wait for one, keeps the process alive. */
  keepAlive(alive: boolean): void {
    if (this.#isAlive === alive) return
    this.#isAlive = alive
    this.#connection?.keepAlive(alive)
    if (alive) ref(this.#timer)
    else unref(this.#timer)
  }

  async close(): Promise<void> {
    this.#closing.abort()
    this.#skipWait()
    const connection = this.#connection ?? this.#opened
    this.#connection = undefined
    await connection?.close()
  }

  /** Until there is a connection, or no use in trying. */
  async #try(firstWaitMs = 0): Promise<void> {
    const { signal } = this.#closing
    this.#isTrying = true
    for (let waitMs: number | undefined = firstWaitMs; waitMs !== undefined; ) {
      if (waitMs > 0) await this.#wait(waitMs)
      if (signal.aborted) return
      try {
        await this.#connect()
        return
      } catch (error) {
        if (signal.aborted) return
        waitMs = this.#failed(toAuthError(error))
      }
    }
  }

  async #connect(): Promise<void> {
    const { open, prepare, onUp, onStatus, onMessage, onError } = this.#options
    let lost: AuthError | undefined
    const connection = await open(
      {
        onMessage,
        onError,
        onClose: (error = new AuthError('aborted', 'The client was closed.')) => {
          lost = error
          this.#lost(error)
        },
      },
      this.#closing.signal,
    )
    this.#opened = connection
    try {
      await prepare(connection)
      if (lost !== undefined) throw lost
    } catch (error) {
      // Before it is closed, which tells that it was.
      const failure = lost ?? error
      this.#opened = undefined
      void connection.close()
      throw failure
    }
    this.#isTrying = false
    this.#connection = connection
    this.#lastError = undefined
    this.#backoff.connected()
    if (!this.#isAlive) connection.keepAlive(false)
    onStatus({ state: 'connected' })
    onUp(connection)
  }

  #lost(error: AuthError): void {
    const wasUp = this.#connection !== undefined
    this.#connection = undefined
    this.#opened = undefined
    if (this.#closing.signal.aborted) return
    const { onDown } = this.#options
    if (!wasUp) {
      // A failure of the attempt that is being made.
      onDown(error)
      return
    }
    const waitMs = this.#failed(error)
    if (waitMs === undefined) return
    onDown(error)
    void this.#try(waitMs)
  }

  /** @returns how long to wait before the next attempt; `undefined`: there is none */
  #failed(error: AuthError): number | undefined {
    const { onStatus, onFailed, now } = this.#options
    const waitMs = this.#backoff.next(error)
    if (waitMs === undefined) {
      this.#isTrying = false
      this.#lastError = undefined
      onStatus({ state: 'failed', error })
      onFailed(error)
      return undefined
    }
    this.#isTrying = true
    this.#mayHurry = error.retryAfterMs === undefined
    this.#lastError = error
    onStatus({ state: 'reconnecting', error, retryAt: Math.ceil(now() + waitMs) })
    return waitMs
  }

  async #wait(ms: number): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#skipWait = resolve
      this.#timer = setTimeout(resolve, ms)
      if (!this.#isAlive) unref(this.#timer)
    })
    clearTimeout(this.#timer)
    this.#timer = undefined
    const error = this.#lastError
    if (error !== undefined && !this.#closing.signal.aborted) {
      this.#options.onStatus({ state: 'reconnecting', error })
    }
  }
}

function toAuthError(error: unknown): AuthError {
  return isAuthError(error)
    ? error
    : new AuthError('server_error', 'The socket failed.', { cause: error })
}

function ref(timer: unknown): void {
  if (typeof timer === 'object' && timer !== null && 'ref' in timer) {
    const { ref } = timer
    if (typeof ref === 'function') ref.call(timer)
  }
}

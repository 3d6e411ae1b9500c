import { createParser, type EventSourceMessage, type EventSourceParser } from 'eventsource-parser'
import { AuthError, isAuthError } from '../../errors/auth-error.ts'
import { networkError } from '../../http/transport.ts'
import { Silence } from './silence.ts'
import { ChunkDecoder } from './text-decoding.ts'
import { toEvent } from './to-event.ts'
import type { McpEvent } from './types.ts'

/** How one stream is read. */
export interface StreamReaderOptions {
  readonly livenessMs: number
  readonly maxEventLength: number
  readonly onRetry: (ms: number) => void
  /** Whose stream it is, for messages. */
  readonly origin: string
}

/** Shorter streams do not count as working if they brought nothing: the service may end each at once. */
const stableMs = 1_000

/**
 * Reads one stream, a chunk at a time and only when asked: what nobody asks for stays with the service.
 * There is one promise per chunk, not per event.
 */
export class StreamReader {
  readonly #body: ReadableStreamDefaultReader<Uint8Array>
  readonly #options: StreamReaderOptions
  readonly #parser: EventSourceParser
  readonly #decoder = new ChunkDecoder()
  readonly #silence: Silence
  readonly #openedAt = performance.now()
  #batch: McpEvent[] = []
  #failure: AuthError | undefined
  #worked = false
  #endedInReturn = false
  #lastEventId: string | undefined

  constructor(body: ReadableStream<Uint8Array>, options: StreamReaderOptions) {
    this.#body = body.getReader()
    this.#options = options
    const { livenessMs, maxEventLength, onRetry } = options
    this.#silence = new Silence(livenessMs, () => this.#onSilence())
    this.#parser = createParser({
      maxBufferSize: maxEventLength,
      onRetry,
      onEvent: (message) => this.#onEvent(message),
      onError: ({ type }) => {
        if (type === 'max-buffer-size-exceeded') this.#onTooLong()
      },
    })
  }

  /** Whether it did what a stream is for, before it ended. */
  get worked(): boolean {
    return this.#worked || !this.short
  }

  get short(): boolean {
    return performance.now() - this.#openedAt < stableMs
  }

  get lastEventId(): string | undefined {
    return this.#lastEventId
  }

  /**
   * @returns the events of the next chunk that has any; `undefined` when the service ended the stream
   * @throws AuthError `network_error`, `timeout` after a silence, `invalid_response` for an event that is too long
   */
  async read(): Promise<readonly McpEvent[] | undefined> {
    while (this.#failure === undefined) {
      this.#silence.listen()
      const { done, value } = await this.#body.read().catch((error: unknown) => {
        throw isAuthError(error) ? error : networkError(error, this.#options.origin)
      })
      this.#silence.heard()
      if (this.#failure !== undefined) break
      if (done) return undefined
      this.#feed(this.#decoder.decode(value))
      if (this.#batch.length > 0) {
        const batch = this.#batch
        this.#batch = []
        return batch
      }
    }
    throw this.#failure
  }

  /** Ends it for a reason, which the next read throws. */
  fail(why: AuthError): void {
    this.#failure ??= why
    this.stop()
  }

  /** Ends a read that is under way, the request, and the timer. */
  stop(): void {
    this.#silence.stop()
    // One that broke by itself is gone already.
    this.#body.cancel().catch(() => {})
  }

  /** A line may end in CR, LF or both. A CR at the end of a chunk ends it now, not when the next chunk comes. */
  #feed(chunk: string): void {
    if (chunk === '') return
    const text = this.#endedInReturn && chunk.startsWith('\n') ? chunk.slice(1) : chunk
    this.#endedInReturn = chunk.endsWith('\r')
    this.#parser.feed(this.#endedInReturn ? `${text}\n` : text)
  }

  #onEvent({ event: name, data, id }: EventSourceMessage): void {
    if (id !== undefined) this.#lastEventId = id
    // The parser looks at its limit between chunks only.
    if (data.length > this.#options.maxEventLength) this.#onTooLong()
    // The standard's rule: an event without data is none.
    if (data === '' || this.#failure !== undefined) return
    const event = toEvent(name, data, id)
    if (event === undefined) return
    this.#worked = true
    this.#batch.push(event)
  }

  #onTooLong(): void {
    const { origin, maxEventLength } = this.#options
    const message = `An event of ${origin} is longer than ${maxEventLength} characters.`
    this.#failure ??= new AuthError('invalid_response', message, {
      hint: 'If such events are expected, raise maxEventLength.',
    })
  }

  #onSilence(): void {
    const { origin, livenessMs } = this.#options
    const message = `Nothing was heard of ${origin} for ${livenessMs} ms.`
    this.fail(new AuthError('timeout', message))
  }
}

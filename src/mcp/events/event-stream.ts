// Loaded with the first event that is waited for.
import { abortedError, onAbort } from '../../async/abort.ts'
import { pause } from '../../async/pause.ts'
import { AuthError, isAuthError } from '../../errors/auth-error.ts'
import { tell } from '../../errors/tell.ts'
import type { Credential } from '../../http/credentialed-fetch.ts'
import type { McpContext } from '../context.ts'
import { BackOff } from './back-off.ts'
import { openStream } from './open-stream.ts'
import { StreamReader } from './stream-reader.ts'
import type { EventsOptions, EventsState, McpEvent } from './types.ts'

type Result = IteratorResult<McpEvent, undefined>

const defaultLivenessMs = 75_000
const defaultMaxEventLength = 4_194_304

const done: Result = { done: true, value: undefined }

/**
 * The events of one stream after the other, as long as they are asked for.
 *
 * | what happens to a stream | then |
 * |---|---|
 * | the service ends it | another one soon; the waits grow if it never worked, and a little if each is short |
 * | it breaks, or falls silent | another one, with waits that grow |
 * | 408, 425, 429, 5xx, no connection | the same, and not before the service allows |
 * | 401 that proves nothing (★23) | the same |
 * | 204 | the iteration ends |
 * | any other answer, no credential | the iteration fails |
 * | `return()`, the client closes | the iteration ends, the request is cut |
 * | the person signs out | the iteration fails with `login_required`, the request is cut |
 * | the signal | the iteration fails with `aborted`, the request is cut |
 */
export class EventStream implements AsyncIterator<McpEvent, undefined> {
  readonly #context: McpContext
  readonly #options: EventsOptions
  readonly #backOff: BackOff
  readonly #stop = new AbortController()
  readonly #stopListening: (() => void)[] = []
  /** Events that were read and not asked for yet: never more than one chunk has. */
  #batch: readonly McpEvent[] = []
  #next = 0
  #turn: Promise<unknown> | undefined
  #reader: StreamReader | undefined
  #stopWatching: (() => void) | undefined
  /** Why the stream that was asked for is not for whoever there is by now. */
  #replaced: AuthError | undefined
  #lastEventId: string | undefined
  #ended = false
  /** Told once. */
  #failure: AuthError | undefined

  constructor(context: McpContext, options: EventsOptions) {
    this.#context = context
    this.#options = options
    const { signal, maxRetries = Number.POSITIVE_INFINITY } = options
    this.#backOff = new BackOff(maxRetries, context.random)
    const { closing } = context
    this.#failure = invalidOption(options)
    if (closing.aborted || this.#failure !== undefined) this.#end(this.#failure)
    else if (signal?.aborted) this.#end(abortedError(signal))
    else {
      this.#stopListening.push(onAbort(closing, () => this.#end()))
      if (signal !== undefined) {
        this.#stopListening.push(onAbort(signal, () => this.#end(abortedError(signal))))
      }
    }
  }

  next(): Promise<Result> {
    const value = this.#turn === undefined ? this.#batch[this.#next] : undefined
    if (value === undefined) return this.#inTurn()
    this.#next += 1
    return Promise.resolve({ done: false, value })
  }

  async return(): Promise<Result> {
    this.#failure = undefined
    this.#end()
    return done
  }

  /** Calls that do not wait for each other get their events one after the other. */
  #inTurn(): Promise<Result> {
    const advance = () => this.#advance()
    const turn = this.#turn === undefined ? advance() : this.#turn.then(advance, advance)
    this.#turn = turn
    const settle = () => {
      if (this.#turn === turn) this.#turn = undefined
    }
    turn.then(settle, settle)
    return turn
  }

  async #advance(): Promise<Result> {
    for (;;) {
      const value = this.#batch[this.#next]
      if (value !== undefined) {
        this.#next += 1
        return { done: false, value }
      }
      if (this.#ended) {
        const failure = this.#failure
        this.#failure = undefined
        if (failure !== undefined) throw failure
        return done
      }
      await this.#fill()
    }
  }

  async #fill(): Promise<void> {
    try {
      const reader = this.#reader ?? (await this.#open())
      const batch = await reader?.read()
      if (this.#ended) return
      // Read for whoever was there until this very moment.
      if (this.#replaced !== undefined) throw this.#replaced
      if (batch === undefined) return await this.#reconnect()
      this.#batch = batch
      this.#next = 0
    } catch (error) {
      // What we cut ourselves fails, too.
      if (this.#ended) return
      if (!isAuthError(error)) throw error
      await this.#reconnect(error)
    }
  }

  /** @returns `undefined` when the iteration is over */
  async #open(): Promise<StreamReader | undefined> {
    const { signal } = this.#stop
    const { endpoints, credentialFor } = this.#context
    const url = new URL(endpoints.mcpSse)
    const { credential } = await credentialFor(url, signal)
    if (this.#ended) return undefined
    // Before it is asked for: the answer takes its time, and who it is for may have left by then.
    this.#watch(credential)
    const stream = await openStream(this.#context, { signal, lastEventId: this.#lastEventId })
    if (stream === undefined) this.#end()
    const why = this.#replaced
    if (why !== undefined && stream?.credential !== undefined && !this.#ended) {
      // A refused key is replaced as it is asked with: then it was asked again, with the one in its place.
      const { secret } = stream.credential
      this.#watch(stream.credential)
      const isCurrent = await credentialFor(url, signal).then(
        ({ credential: current }) => current.secret.equals(secret),
        () => false,
      )
      if (!isCurrent) this.#replaced ??= why
    }
    if (stream === undefined || this.#ended || this.#replaced !== undefined) {
      stream?.body.cancel().catch(() => {})
      if (this.#replaced !== undefined && !this.#ended) throw this.#replaced
      return undefined
    }
    const { livenessMs = defaultLivenessMs, maxEventLength = defaultMaxEventLength } = this.#options
    const reader = new StreamReader(stream.body, {
      livenessMs,
      maxEventLength,
      onRetry: (ms) => {
        this.#backOff.retryMs = ms
      },
      origin: url.origin,
    })
    // Before anybody is told: whoever leaves now ends this one.
    this.#reader = reader
    this.#tell({ type: 'open' })
    return reader
  }

  /** The stream goes on in the name of this credential, and in no other one. */
  #watch(credential: Pick<Credential, 'type'>): void {
    this.#stopWatching?.()
    this.#replaced = undefined
    this.#stopWatching = this.#context.onSignOut(credential, (why) => {
      if (!why.retryable) return this.#end(why)
      this.#replaced = why
      this.#reader?.fail(why)
      // What was read is of whoever was there before, and so is the place to go on from.
      this.#batch = []
      this.#lastEventId = undefined
    })
  }

  async #reconnect(error?: AuthError): Promise<void> {
    if (this.#reader?.worked) this.#backOff.reset(this.#reader)
    this.#dropReader()
    const waitMs = this.#backOff.next(error)
    if (waitMs === undefined) return this.#end(error ?? ended())
    this.#tell({ type: 'waiting', attempt: this.#backOff.attempt, waitMs, error })
    // It is interrupted only when the iteration is over.
    await pause(waitMs, this.#stop.signal).catch(() => {})
  }

  #dropReader(): void {
    this.#stopWatching?.()
    this.#stopWatching = undefined
    if (this.#replaced === undefined) {
      this.#lastEventId = this.#reader?.lastEventId ?? this.#lastEventId
    }
    this.#reader?.stop()
    this.#reader = undefined
  }

  #end(failure?: AuthError): void {
    if (this.#ended) return
    this.#ended = true
    this.#failure = failure
    this.#batch = []
    for (const stop of this.#stopListening) stop()
    this.#dropReader()
    this.#stop.abort()
  }

  #tell(state: EventsState): void {
    const { onState } = this.#options
    if (onState !== undefined) tell(onState, state)
  }
}

function ended(): AuthError {
  return new AuthError('service_unavailable', 'MCP Core ended the stream of events.')
}

function invalidOption(options: EventsOptions): AuthError | undefined {
  const { livenessMs = 1, maxEventLength = 1, maxRetries = 0 } = options
  const wrong = [
    livenessMs > 0 ? '' : 'livenessMs',
    maxEventLength > 0 ? '' : 'maxEventLength',
    maxRetries >= 0 ? '' : 'maxRetries',
  ].find((name) => name !== '')
  if (wrong === undefined) return undefined
  return new AuthError('validation_failed', `${wrong} is not a number that it can be.`)
}

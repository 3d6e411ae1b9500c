import { onAbort, unref } from '../../async/abort.ts'
import { AuthError } from '../../errors/auth-error.ts'
import { tell } from '../../errors/tell.ts'
import type { JsonRpcMessage } from '../json-rpc.ts'
import type { WebSocketEnd, WebSocketHandle } from '../web-socket.ts'
import { type AckMemory, ackMemory } from './ack.ts'
import type { Attempt } from './attempt.ts'
import type { Connection } from './connection.ts'
import { parse, understand } from './dialect.ts'
import { endingOf } from './ending.ts'
import { handshakeReport } from './handshake-report.ts'
import { type Liveness, watchLiveness } from './liveness.ts'
import {
  acknowledgedTooLate,
  assertSize,
  notOpen,
  notSendable,
  notUnderstood,
  silent,
  timedOut,
  tooLarge,
} from './message-errors.ts'
import { Outbox } from './outbox.ts'

/** How long the closing handshake may take, ms. */
const closeMs = 2_000

/**
 * `opening` → `greeting` (an ack may come) → `ready` → `over`; from anywhere to `over`. Whoever waits for
 * `ready` hears of an end before it, `onClose` of one after it.
 */
type Phase = 'opening' | 'greeting' | 'ready' | 'over'

export class LiveConnection implements Connection {
  /** Rejects with what the connection failed with; see {@link LiveConnection.mayRetry}. */
  readonly ready: Promise<void>
  readonly #attempt: Attempt
  readonly #ack: AckMemory
  readonly #socket: WebSocketHandle
  readonly #outbox: Outbox
  readonly #stops: readonly (() => void)[]
  readonly #gone: Promise<void>
  #opened: { readonly resolve: () => void; readonly reject: (error: AuthError) => void }
  #wentAway = () => {}
  #phase: Phase = 'opening'
  #wasReady = false
  #isSettled = false
  #protocol = ''
  #mayRetry = false
  #liveness: Liveness | undefined
  #timer: ReturnType<typeof setTimeout> | undefined
  /** Went on without an ack, and nothing was heard since that would show that there is none. */
  #isUnproven = false
  #hasSent = false
  /** The id of a ping of ours, where the platform has none. */
  #pingId: string | undefined
  #answersPings = false

  constructor(attempt: Attempt) {
    this.#attempt = attempt
    const { context, url, credential, webSockets, handshake, maxMessageBytes } = attempt
    this.#ack = ackMemory(context, attempt)
    this.#opened = { resolve: () => {}, reject: () => {} }
    this.ready = new Promise((resolve, reject) => {
      this.#opened = { resolve, reject }
    })
    this.#gone = new Promise((resolve) => {
      this.#wentAway = resolve
    })
    const { headers, protocols } = handshake
    const report = handshakeReport(attempt)
    this.#socket = webSockets.open(
      { url, headers, protocols, maxMessageBytes },
      {
        onOpen: ({ protocol }) => {
          report(101)
          this.#protocol = protocol
          this.#greet()
        },
        onMessage: (text) => this.#receive(text),
        onSign: () => this.#liveness?.heard(),
        onClose: (end) => {
          report(end.refusal?.status, end.refusal?.headers)
          this.#wentAway()
          void this.#lost(end)
        },
      },
    )
    this.#outbox = new Outbox(this.#socket, attempt.maxBufferedBytes)
    const { timeoutMs, closing } = context
    this.#wait(timeoutMs, () => this.abort(timedOut(url, `open a socket within ${timeoutMs} ms`)))
    this.#stops = [
      context.onSignOut(credential, (why) => this.abort(why)),
      onAbort(closing, () => void this.close()),
    ]
  }

  get isOpen(): boolean {
    return this.#phase === 'ready'
  }

  get protocol(): string {
    return this.#protocol
  }

  /** Whether another attempt with the credential of then helps. */
  get mayRetry(): boolean {
    return this.#mayRetry
  }

  send(message: JsonRpcMessage, signal?: AbortSignal): Promise<void> {
    if (this.#phase !== 'ready') return Promise.reject(notOpen(this.#attempt.url))
    try {
      const text = JSON.stringify(message)
      assertSize(text, this.#attempt.maxMessageBytes)
      this.#hasSent = true
      return this.#outbox.send(text, signal)
    } catch (error) {
      return Promise.reject(notSendable(error))
    }
  }

  async close(): Promise<void> {
    if (this.#end()) this.#socket.close(1000, '')
    this.#settle(undefined)
    const late = setTimeout(() => {
      this.#socket.terminate()
      this.#wentAway()
    }, closeMs)
    unref(late)
    await this.#gone
    clearTimeout(late)
  }

  keepAlive(alive: boolean): void {
    this.#socket.keepAlive?.(alive)
  }

  /** Ends it from our side, without waiting for the other one. */
  abort(error: AuthError): void {
    if (!this.#end()) return
    this.#socket.terminate()
    this.#settle(error)
  }

  /** ★26 The socket is open: an ack may come, and what is sent before it is lost. */
  #greet(): void {
    if (this.#phase !== 'opening') return
    this.#phase = 'greeting'
    const { context, handshake, livenessMs, url } = this.#attempt
    this.#liveness = watchLiveness({
      livenessMs,
      now: context.now,
      ping: () => this.#ping(),
      onSilence: (silence) => this.#silent(silence),
    })
    if (handshake.firstMessage !== undefined) this.#socket.send(handshake.firstMessage)
    const { ms, required } = this.#ack.wait(context.timeoutMs)
    // Whoever chose a subprotocol speaks that, and not ours.
    const speaksOther = this.#protocol !== '' && !this.#protocol.startsWith('lanonasis.')
    if (!required && (ms === 0 || speaksOther)) {
      this.#go()
      return
    }
    this.#wait(ms, () => {
      if (required) {
        this.abort(timedOut(url, `acknowledge the socket within ${ms} ms`))
        return
      }
      this.#ack.learn(false)
      this.#go()
    })
  }

  #go(): void {
    clearTimeout(this.#timer)
    this.#isUnproven = true
    this.#phase = 'ready'
    this.#opened.resolve()
  }

  #receive(text: string): void {
    if (this.#phase === 'over') return
    this.#liveness?.heard()
    const { maxMessageBytes, url } = this.#attempt
    if (text.length > maxMessageBytes) {
      this.abort(tooLarge(url))
      return
    }
    const value = parse(text)
    // JSON-RPC 2.0 §6.
    if (Array.isArray(value)) for (const each of value) this.#take(each)
    else this.#take(value)
  }

  #take(value: unknown): void {
    // One of a batch may have been the last that counts.
    if (this.#phase === 'over') return
    const { events, url, dialect } = this.#attempt
    const message = understand(value)
    if (message === 'ack') {
      this.#acknowledged()
      return
    }
    if (message === undefined) {
      tell(events.onError, notUnderstood(url))
      return
    }
    if (message === 'sign') return
    if (this.#phase === 'greeting' && dialect !== 'ack') {
      // It speaks without an ack.
      this.#ack.learn(false)
      this.#go()
    }
    this.#isUnproven = false
    if (this.#pingId !== undefined && 'id' in message && message.id === this.#pingId) {
      this.#answersPings = true
      return
    }
    // A mistake of the application must not reach the socket, which would be deaf from then on.
    tell(events.onMessage, message, this)
  }

  #acknowledged(): void {
    this.#ack.learn(true)
    if (this.#phase === 'greeting') {
      this.#go()
      this.#isUnproven = false
      return
    }
    // ★26 It came after we went on without it: what was sent until now is lost.
    if (this.#isUnproven && this.#hasSent) this.abort(acknowledgedTooLate(this.#attempt.url))
    this.#isUnproven = false
  }

  #ping(): void {
    if (this.#socket.ping !== undefined) {
      this.#socket.ping()
      return
    }
    if (this.#phase !== 'ready') return
    this.#pingId = `lanonasis-ping-${crypto.randomUUID()}`
    this.#socket.send(JSON.stringify({ jsonrpc: '2.0', id: this.#pingId, method: 'ping' }))
  }

  #silent({ ms, slept }: { readonly ms: number; readonly slept: boolean }): void {
    // ★25 Where a ping is a message, somebody who does not know it does not answer.
    if (this.#socket.ping === undefined && !this.#answersPings && !slept) return
    this.abort(silent(this.#attempt.url, ms))
  }

  /** The socket ended from the other side. */
  async #lost(end: WebSocketEnd): Promise<void> {
    const wasOpen = this.#phase !== 'opening'
    if (!this.#end()) return
    const { context, credential, url, webSockets, maxMessageBytes } = this.#attempt
    const { now, closing } = context
    const { error, again } = await endingOf(end, {
      url,
      credential,
      wasOpen,
      showsRefusals: webSockets.takesHeaders,
      maxMessageBytes,
      now,
      judge: () => context.judge({ credential, url, signal: closing }),
    })
    this.#mayRetry = again
    this.#settle(error)
  }

  /** @returns whether it was not over before */
  #end(): boolean {
    if (this.#phase === 'over') return false
    this.#wasReady = this.#phase === 'ready'
    this.#phase = 'over'
    clearTimeout(this.#timer)
    this.#liveness?.stop()
    for (const stop of this.#stops) stop()
    this.#outbox.fail(notOpen(this.#attempt.url))
    return true
  }

  /** @param error `undefined`: we closed it */
  #settle(error: AuthError | undefined): void {
    if (this.#isSettled) return
    this.#isSettled = true
    if (this.#wasReady) tell(this.#attempt.events.onClose, error)
    else this.#opened.reject(error ?? new AuthError('aborted', 'The connection was closed.'))
  }

  #wait(ms: number, then: () => void): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(then, ms)
    unref(this.#timer)
  }
}

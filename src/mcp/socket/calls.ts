import { unref } from '../../async/abort.ts'
import { AuthError } from '../../errors/auth-error.ts'
import type { JsonRpcId, JsonRpcNotification, JsonRpcRequest } from '../json-rpc.ts'

/** Somebody who waits: for an answer, for a notification to go out, or only for the connection. */
export interface Call {
  /** `undefined`: only the connection is waited for. */
  readonly message: JsonRpcRequest | JsonRpcNotification | undefined
  readonly isIdempotent: boolean
  /** The caller's: what it cancels is not sent any more. */
  readonly signal: AbortSignal | undefined
  /** By `performance.now`. */
  readonly dueAt: number
  readonly resolve: (result: unknown) => void
  readonly reject: (error: AuthError) => void
  /** Stops listening to the caller's signal. */
  release: (() => void) | undefined
}

/** Where a call is: it waits for the connection, or was given to it. */
export type Place = 'waiting' | 'sent'

/** A timer that is this late says that the process stood still: the answers may be there, unread. */
const standstillMs = 1_000
/** A longer one would fire at once. */
const longestTimerMs = 2 ** 31 - 1

/**
 * The calls of one socket: those that wait for the connection, in their order, the notifications that the
 * connection holds back, and the requests that wait for their answer.
 *
 * All of them share one timer, set for the earliest: a request costs none of its own.
 */
export class Calls {
  readonly #waiting = new Set<Call>()
  /** By id; a notification, which has none, by itself. */
  readonly #sent = new Map<JsonRpcId | Call, Call>()
  readonly #onDue: (call: Call, place: Place) => void
  #timer: ReturnType<typeof setTimeout> | undefined
  #timerAt = Number.POSITIVE_INFINITY

  constructor(onDue: (call: Call, place: Place) => void) {
    this.#onDue = onDue
  }

  get size(): number {
    return this.#waiting.size + this.#sent.size
  }

  get waitingCount(): number {
    return this.#waiting.size
  }

  wait(call: Call): void {
    this.#waiting.add(call)
    if (call.dueAt < this.#timerAt) this.#arm(call.dueAt)
  }

  sent(call: Call): void {
    this.#sent.set(idOf(call) ?? call, call)
    if (call.dueAt < this.#timerAt) this.#arm(call.dueAt)
  }

  /** Takes the request out that an answer is for. */
  answered(id: JsonRpcId): Call | undefined {
    const call = this.#sent.get(id)
    if (call !== undefined) {
      this.#sent.delete(id)
      call.release?.()
    }
    return call
  }

  /** @returns where it was; `undefined` when it was over already */
  remove(call: Call): Place | undefined {
    const place = this.#waiting.delete(call) ? 'waiting' : this.#takeBack(call) ? 'sent' : undefined
    if (place !== undefined) call.release?.()
    return place
  }

  /** What was given to a connection that is gone waits for the next one. Its signal and its time limit hold. */
  waitAgain(call: Call): void {
    if (this.#takeBack(call)) this.wait(call)
  }

  /** Takes out those that wait for the connection, in their order. They stay under way. */
  takeWaiting(): readonly Call[] {
    const calls = [...this.#waiting]
    this.#waiting.clear()
    return calls
  }

  /** The requests that wait for an answer. */
  get unanswered(): readonly Call[] {
    return [...this.#sent.values()].filter((call) => idOf(call) !== undefined)
  }

  failAll(error: AuthError): void {
    for (const call of [...this.#sent.values(), ...this.#waiting]) {
      this.remove(call)
      call.reject(error)
    }
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#timerAt = Number.POSITIVE_INFINITY
  }

  /** @returns whether it was given to a connection, and is under way still */
  #takeBack(call: Call): boolean {
    const key = idOf(call) ?? call
    return this.#sent.get(key) === call && this.#sent.delete(key)
  }

  #arm(dueAt: number, leastMs = 0): void {
    clearTimeout(this.#timer)
    this.#timerAt = dueAt
    const ms = Math.min(Math.max(leastMs, dueAt - performance.now()), longestTimerMs)
    this.#timer = setTimeout(() => this.#look(leastMs > 0), ms)
    // What is waited for has a socket or a timer of its own that does.
    unref(this.#timer)
  }

  #look(isSecondLook: boolean): void {
    const now = performance.now()
    if (now - this.#timerAt > standstillMs && !isSecondLook) {
      this.#arm(this.#timerAt, standstillMs)
      return
    }
    this.#timer = undefined
    this.#timerAt = Number.POSITIVE_INFINITY
    let next = Number.POSITIVE_INFINITY
    for (const call of [...this.#sent.values(), ...this.#waiting]) {
      if (call.dueAt > now) {
        next = Math.min(next, call.dueAt)
        continue
      }
      const place = this.remove(call)
      if (place !== undefined) this.#onDue(call, place)
    }
    // `onDue` may have added one that is earlier.
    if (next < this.#timerAt) this.#arm(next)
  }
}

function idOf({ message }: Call): JsonRpcId | undefined {
  return message !== undefined && 'id' in message ? message.id : undefined
}

/** Tells the other side that nobody waits for an answer any more; `undefined` where MCP does not let it be told. */
export function cancellation(
  message: Call['message'],
  reason: 'timeout' | 'cancelled',
): JsonRpcNotification | undefined {
  if (message === undefined || !('id' in message) || message.method === 'initialize')
    return undefined
  const { id: requestId } = message
  return { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId, reason } }
}

export function tooMany(waiting: number): AuthError {
  return new AuthError('network_error', `${waiting} calls wait for a connection already.`, {
    hint: 'Wait until there is a connection before more is asked for.',
  })
}

export function interrupted(host: string, cause: AuthError): AuthError {
  const { status, requestId, retryAfterMs } = cause
  return new AuthError('network_error', `The connection to ${host} broke before the answer.`, {
    cause,
    status,
    requestId,
    retryAfterMs,
    hint: 'The request may have been carried out. What can be repeated without harm can be marked as idempotent.',
  })
}

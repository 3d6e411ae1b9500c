import { AuthError } from '../errors/auth-error.ts'

/** The error for an operation that its caller cancelled. The signal's own reason stays with the caller. */
export function abortedError(signal: AbortSignal): AuthError {
  return new AuthError('aborted', 'The operation was cancelled by its caller.', {
    cause: signal.reason,
  })
}

/** @throws AuthError `aborted` when the signal has fired. */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw abortedError(signal)
}

/**
 * Waits for `work` no longer than `signal` allows. The work itself goes on: it may be shared with
 * other callers, or must not be left half done.
 */
export function raceSignal<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  // The same promise, not another one for each of perhaps thousands of callers who wait for it.
  return signal === undefined ? work : race(work, signal)
}

async function race<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  // A rejection that nobody waits for any more must not end the process.
  work.catch(() => {})
  throwIfAborted(signal)
  let stop = () => {}
  const aborted = new Promise<never>((_, reject) => {
    stop = onAbort(signal, () => reject(abortedError(signal)))
  })
  try {
    return await Promise.race([work, aborted])
  } finally {
    stop()
  }
}

interface Listeners {
  readonly all: Set<() => void>
  readonly tellAll: () => void
}

const listening = /* @__PURE__ */ new WeakMap<AbortSignal, Listeners>()

/**
 * Calls `listener` when the signal fires. A caller may use one signal for thousands of calls: it gets one
 * listener of ours, because platforms warn of more than a few.
 * @returns how to stop listening
 */
export function onAbort(signal: AbortSignal, listener: () => void): () => void {
  const { all, tellAll } = listening.get(signal) ?? newListeners(signal)
  if (all.size === 0) signal.addEventListener('abort', tellAll, { once: true })
  all.add(listener)
  return () => {
    all.delete(listener)
    if (all.size === 0) signal.removeEventListener('abort', tellAll)
  }
}

function newListeners(signal: AbortSignal): Listeners {
  const all = new Set<() => void>()
  const tellAll = () => {
    for (const each of [...all]) each()
  }
  const made = { all, tellAll }
  listening.set(signal, made)
  return made
}

/** A signal that fires after `timeoutMs`, or when one of `signals` does. Call `dispose` when the work is done. */
export interface Deadline {
  readonly signal: AbortSignal
  /** Whether it was the time that ended the work. */
  readonly timedOut: () => boolean
  readonly dispose: () => void
}

/** A timer that is this late says that the process stood still; what waits for it gets as long to arrive. */
const standstillMs = 1_000

/** A longer one would fire at once. */
const longestTimerMs = 2 ** 31 - 1

export function startDeadline(timeoutMs: number, signal?: AbortSignal): Deadline {
  const controller = new AbortController()
  let timedOut = false
  let timer: ReturnType<typeof setTimeout> | undefined
  const wait = (ms: number, then: () => void) => {
    timer = setTimeout(then, Math.min(ms, longestTimerMs))
    unref(timer)
  }
  const giveUp = () => {
    timedOut = true
    controller.abort(new DOMException('The time limit has passed.', 'TimeoutError'))
  }
  const dueAt = performance.now() + timeoutMs
  wait(timeoutMs, () => {
    // Stopped, asleep or throttled: timers run first then, and what came meanwhile (a rotated pair) waits.
    if (performance.now() - dueAt > standstillMs) wait(standstillMs, giveUp)
    else giveUp()
  })
  const abort = () => controller.abort(signal?.reason)
  if (signal?.aborted) abort()
  const stop = signal && onAbort(signal, abort)
  return {
    signal: controller.signal,
    timedOut: () => timedOut,
    dispose: () => {
      clearTimeout(timer)
      stop?.()
    },
  }
}

/** Lets a process end although a timer is pending; in browsers a timer is a number and there is nothing to do. */
export function unref(timer: unknown): void {
  if (typeof timer === 'object' && timer !== null && 'unref' in timer) {
    const { unref } = timer
    if (typeof unref === 'function') unref.call(timer)
  }
}

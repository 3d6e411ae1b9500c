import { vi } from 'vitest'

/** A promise that a test settles when it is time. */
export function deferred<T = void>() {
  let resolve: (value: T) => void = () => {}
  let reject: (reason: unknown) => void = () => {}
  const promise = new Promise<T>((onResolve, onReject) => {
    resolve = onResolve
    reject = onReject
  })
  return { promise, resolve, reject }
}

/** Lets everything run that waits for nothing but its turn. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 10; turn++) await new Promise(setImmediate)
}

/** Runs `work` with timers that pass quickly, so that no pause between two attempts is waited for. */
export async function withQuickTimers<T>(work: () => Promise<T>): Promise<T> {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  try {
    let settled = false
    const running = work().finally(() => {
      settled = true
    })
    // The caller gets the rejection; here it must not count as unhandled in between.
    running.catch(() => {})
    while (!settled) {
      await new Promise(setImmediate)
      await vi.advanceTimersByTimeAsync(20)
    }
    return await running
  } finally {
    vi.useRealTimers()
  }
}

/** What a promise is rejected with. */
export async function failure(promise: PromiseLike<unknown>): Promise<unknown> {
  try {
    await promise
  } catch (error) {
    return error
  }
  throw new Error('This was expected to fail, and did not.')
}

import { getEventListeners } from 'node:events'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { raceSignal, startDeadline, throwIfAborted, unref } from '../../src/async/abort.ts'
import { deferred, failure } from '../support/async.ts'

describe('raceSignal', () => {
  it('gives the result of the work, and listens no longer', async () => {
    const { signal } = new AbortController()
    expect(await raceSignal(Promise.resolve(1), signal)).toBe(1)
    expect(getEventListeners(signal, 'abort')).toHaveLength(0)
  })

  it('listens once, however many calls have the same signal', async () => {
    const controller = new AbortController()
    const { signal } = controller
    const raced = Array.from({ length: 50 }, () =>
      failure(raceSignal(new Promise(() => {}), signal)),
    )
    expect(getEventListeners(signal, 'abort')).toHaveLength(1)
    controller.abort()
    for (const error of await Promise.all(raced)) expect(error).toMatchObject({ code: 'aborted' })
  })

  it('gives up when the signal fires, while the work goes on', async () => {
    const controller = new AbortController()
    const { promise, resolve } = deferred<string>()
    const raced = failure(raceSignal(promise, controller.signal))
    controller.abort()
    expect(await raced).toMatchObject({ code: 'aborted', retryable: false })
    resolve('done all the same')
    expect(await promise).toBe('done all the same')
  })

  it('does not wait at all when the signal has fired before', async () => {
    expect(await failure(raceSignal(Promise.resolve(1), AbortSignal.abort()))).toMatchObject({
      code: 'aborted',
    })
  })

  it('leaves no rejection behind that nobody handles', async () => {
    const unhandled = vi.fn()
    process.on('unhandledRejection', unhandled)
    const { promise, reject } = deferred()
    await failure(raceSignal(promise, AbortSignal.abort()))
    reject(new Error('too late'))
    await new Promise(setImmediate)
    process.off('unhandledRejection', unhandled)
    expect(unhandled).not.toHaveBeenCalled()
  })

  it("keeps the text of the signal's reason out of the error", async () => {
    const signal = AbortSignal.abort(new Error('token canary-1'))
    expect(JSON.stringify(await failure(raceSignal(Promise.resolve(), signal)))).not.toMatch(
      /canary/,
    )
  })
})

describe('throwIfAborted', () => {
  it('throws only for a signal that has fired', () => {
    expect(() => throwIfAborted(undefined)).not.toThrow()
    expect(() => throwIfAborted(new AbortController().signal)).not.toThrow()
    expect(() => throwIfAborted(AbortSignal.abort())).toThrow('cancelled')
  })
})

describe('startDeadline', () => {
  beforeEach(() => {
    vi.useFakeTimers()
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  it('fires when the time is up, and says that it was the time', () => {
    const deadline = startDeadline(1_000)
    vi.advanceTimersByTime(999)
    expect(deadline.signal.aborted).toBe(false)
    vi.advanceTimersByTime(1)
    expect(deadline.signal.aborted).toBe(true)
    expect(deadline.timedOut()).toBe(true)
  })

  it("fires with the caller's signal, and says that it was not the time", () => {
    const controller = new AbortController()
    const deadline = startDeadline(1_000, controller.signal)
    controller.abort()
    expect(deadline.signal.aborted).toBe(true)
    expect(deadline.timedOut()).toBe(false)
    expect(startDeadline(1_000, controller.signal).signal.aborted).toBe(true)
  })

  it('lets go of the timer and of the signal when the work is done', () => {
    const { signal } = new AbortController()
    const deadline = startDeadline(1_000, signal)
    deadline.dispose()
    expect(vi.getTimerCount()).toBe(0)
    expect(getEventListeners(signal, 'abort')).toHaveLength(0)
  })

  it('does not keep a process alive', () => {
    vi.useRealTimers()
    const timer = setTimeout(() => {}, 60_000)
    unref(timer)
    expect(timer.hasRef()).toBe(false)
    clearTimeout(timer)
    expect(() => unref(12)).not.toThrow()
  })
})

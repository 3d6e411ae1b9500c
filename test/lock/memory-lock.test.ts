import fc from 'fast-check'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { memoryLock } from '../../src/lock/memory-lock.ts'
import { deferred, failure, settle } from '../support/async.ts'

const patient = { timeoutMs: 60_000 }

afterEach(() => {
  vi.useRealTimers()
})

describe('memoryLock', () => {
  it('lets one at a time in, first come, first served', async () => {
    const lock = memoryLock()
    const seen: string[] = []
    const gate = deferred()
    const first = lock.withLock('a', patient, async () => {
      await gate.promise
      seen.push('first')
    })
    const others = ['second', 'third'].map((name) =>
      lock.withLock('a', patient, async () => {
        seen.push(name)
      }),
    )
    await settle()
    expect(seen).toEqual([])
    gate.resolve()
    await Promise.all([first, ...others])
    expect(seen).toEqual(['first', 'second', 'third'])
  })

  it('keeps names apart', async () => {
    const lock = memoryLock()
    const gate = deferred()
    const held = lock.withLock('a', patient, () => gate.promise)
    expect(await lock.withLock('b', patient, async () => 'in')).toBe('in')
    gate.resolve()
    await held
  })

  it('hands on after a failure, which only its caller gets', async () => {
    const lock = memoryLock()
    const failed = lock.withLock('a', patient, () => Promise.reject(new Error('mine')))
    const next = lock.withLock('a', patient, async () => 'in')
    expect(await failure(failed)).toMatchObject({ message: 'mine' })
    expect(await next).toBe('in')
  })

  it('gives up with lock_timeout when the wait is too long', async () => {
    vi.useFakeTimers()
    const lock = memoryLock()
    const gate = deferred()
    const held = lock.withLock('a', patient, () => gate.promise)
    const waiting = failure(lock.withLock('a', { timeoutMs: 100 }, async () => {}))
    await vi.advanceTimersByTimeAsync(100)
    expect(await waiting).toMatchObject({ code: 'lock_timeout', retryable: true })
    gate.resolve()
    await held
  })

  it('gives up when its caller does', async () => {
    const lock = memoryLock()
    const gate = deferred()
    const held = lock.withLock('a', patient, () => gate.promise)
    const controller = new AbortController()
    const waiting = failure(
      lock.withLock('a', { ...patient, signal: controller.signal }, async () => {}),
    )
    controller.abort()
    expect(await waiting).toMatchObject({ code: 'aborted' })
    gate.resolve()
    await held
  })

  it('keeps the others out although the last one in the queue has given up', async () => {
    const lock = memoryLock()
    const gate = deferred()
    const held = lock.withLock('a', patient, () => gate.promise)
    const controller = new AbortController()
    const gaveUp = failure(
      lock.withLock('a', { ...patient, signal: controller.signal }, async () => {}),
    )
    controller.abort()
    await gaveUp
    let entered = false
    const next = lock.withLock('a', patient, async () => {
      entered = true
    })
    await settle()
    expect(entered).toBe(false)
    gate.resolve()
    await Promise.all([held, next])
    expect(entered).toBe(true)
  })

  it('never has two inside, whoever fails, waits or gives up', async () => {
    const step = fc.record({
      arrival: fc.integer({ min: 0, max: 4 }),
      abort: fc.boolean(),
      fail: fc.boolean(),
      turns: fc.integer({ min: 0, max: 3 }),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 2, maxLength: 8 }), async (steps) => {
        const lock = memoryLock()
        let inside = 0
        let most = 0
        const runs = steps.map(async ({ arrival, abort, fail, turns }) => {
          for (let turn = 0; turn < arrival; turn++) await new Promise(setImmediate)
          const controller = new AbortController()
          const run = lock.withLock('a', { ...patient, signal: controller.signal }, async () => {
            inside += 1
            most = Math.max(most, inside)
            for (let turn = 0; turn < turns; turn++) await new Promise(setImmediate)
            inside -= 1
            if (fail) throw new Error('failed')
          })
          if (abort) controller.abort()
          await run.catch(() => {})
        })
        await Promise.all(runs)
        expect(most).toBeLessThanOrEqual(1)
      }),
      { numRuns: 50 },
    )
  })
})

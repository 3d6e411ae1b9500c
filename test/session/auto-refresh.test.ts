import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { AuthError } from '../../src/errors/auth-error.ts'
import { autoRefresh } from '../../src/session/auto-refresh.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

const lifeMs = 840_000

/** A session that is due in `lifeMs`, and renewed as it is told. */
function setup(renewal: () => Promise<unknown> = async () => {}) {
  const world = { due: (Date.now() + lifeMs) as number | undefined, renewals: 0 }
  const refresher = autoRefresh({
    dueAt: () => world.due,
    renew: async () => {
      world.renewals += 1
      await renewal()
      world.due = Date.now() + lifeMs
    },
    now: Date.now,
    random: () => 0,
  })
  return { world, refresher }
}

describe('autoRefresh', () => {
  it('renews when that is due, each time', async () => {
    const { world, refresher } = setup()
    refresher.reconsider()
    await vi.advanceTimersByTimeAsync(lifeMs - 1)
    expect(world.renewals).toBe(0)
    await vi.advanceTimersByTimeAsync(1)
    expect(world.renewals).toBe(1)
    await vi.advanceTimersByTimeAsync(lifeMs)
    expect(world.renewals).toBe(2)
  })

  it('does nothing before it is asked to, and nothing without a session', async () => {
    const { world, refresher } = setup()
    expect(vi.getTimerCount()).toBe(0)
    world.due = undefined
    refresher.reconsider()
    expect(vi.getTimerCount()).toBe(0)
  })

  it('looks at the clock every minute, because a timer sleeps with the machine', async () => {
    const { world, refresher } = setup()
    refresher.reconsider()
    vi.setSystemTime(Date.now() + 86_400_000)
    await vi.advanceTimersByTimeAsync(60_000)
    expect(world.renewals).toBe(1)
  })

  it('goes by what changed: a session that was renewed elsewhere is left alone', async () => {
    const { world, refresher } = setup()
    refresher.reconsider()
    await vi.advanceTimersByTimeAsync(lifeMs - 1)
    world.due = Date.now() + lifeMs
    refresher.reconsider()
    await vi.advanceTimersByTimeAsync(lifeMs - 1)
    expect(world.renewals).toBe(0)
  })

  it('pauses after a failure, as long as it is told or half a minute', async () => {
    const errors = [
      new AuthError('refresh_failed', 'no'),
      new AuthError('refresh_failed', 'no', { retryAfterMs: 300_000 }),
    ]
    const { world, refresher } = setup(async () => {
      const error = errors.shift()
      if (error !== undefined) throw error
    })
    refresher.reconsider()
    await vi.advanceTimersByTimeAsync(lifeMs)
    await vi.advanceTimersByTimeAsync(29_999)
    expect(world.renewals).toBe(1)
    await vi.advanceTimersByTimeAsync(1)
    expect(world.renewals).toBe(2)
    await vi.advanceTimersByTimeAsync(299_999)
    expect(world.renewals).toBe(2)
    await vi.advanceTimersByTimeAsync(1)
    expect(world.renewals).toBe(3)
  })

  it('pauses when the renewal changed nothing, and does not spin', async () => {
    const due = Date.now() + 1_000
    let renewals = 0
    const refresher = autoRefresh({
      dueAt: () => due,
      renew: async () => {
        renewals += 1
      },
      now: Date.now,
      random: () => 0,
    })
    refresher.reconsider()
    await vi.advanceTimersByTimeAsync(61_000)
    expect(renewals).toBe(3)
    refresher.stop()
  })

  it('has one renewal under way at a time', async () => {
    const { world, refresher } = setup(() => new Promise(() => {}))
    refresher.reconsider()
    await vi.advanceTimersByTimeAsync(lifeMs)
    refresher.reconsider()
    await vi.advanceTimersByTimeAsync(lifeMs)
    expect(world.renewals).toBe(1)
  })

  it('stops for good', async () => {
    const { world, refresher } = setup()
    refresher.reconsider()
    refresher.stop()
    refresher.reconsider()
    await vi.advanceTimersByTimeAsync(2 * lifeMs)
    expect([world.renewals, vi.getTimerCount()]).toEqual([0, 0])
  })

  it('keeps no process alive', () => {
    vi.useRealTimers()
    const { refresher } = setup()
    const handles = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout')
    const before = handles().length
    refresher.reconsider()
    expect(handles()).toHaveLength(before)
    refresher.stop()
  })
})

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { startDeadline } from '../../../src/async/abort.ts'
import { enter } from '../../../src/node/lease-lock/enter.ts'
import { type SimulatedProcess, SimulatedSystem, settled } from './simulated-system.ts'

const staleMs = 1_000
const place = { directory: '/home/locks', prefix: 'name-' }

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
})
afterEach(() => {
  vi.clearAllTimers()
  vi.useRealTimers()
})

async function takeStep(system: SimulatedSystem, process: SimulatedProcess): Promise<boolean> {
  await settled()
  const step = system.possible.find((possible) => possible.process === process)
  if (step !== undefined) system.take(step)
  return step !== undefined
}

async function takeAllSteps(system: SimulatedSystem, process: SimulatedProcess): Promise<void> {
  while (await takeStep(system, process)) await settled()
}

async function pass(system: SimulatedSystem, ms: number): Promise<void> {
  system.now += ms
  vi.advanceTimersByTime(ms)
  await settled()
}

/** A holder that has stalled for so long that the next look of another one finds it stale. */
async function staleHolder(random: () => number) {
  // Of the one before.
  vi.clearAllTimers()
  const system = new SimulatedSystem({ apart: true, watched: false, random })
  const [holder, judge] = [system.addProcess(), system.addProcess()]
  const entering = enter({ place, staleMs, platform: holder.platform }, startDeadline(1e9))
  await takeAllSteps(system, holder)
  const lease = await entering
  const begunAt = system.now
  holder.state = 'stalled'

  enter({ place, staleMs, platform: judge.platform }, startDeadline(1e9))
  while (system.now - begunAt <= staleMs) {
    await takeAllSteps(system, judge)
    await pass(system, staleMs / 4)
  }
  holder.state = 'running'
  return { system, holder, judge, lease }
}

/** All ways in which the steps of two can follow each other. */
function* interleavings(first: number, second: number): Generator<readonly (0 | 1)[]> {
  if (first === 0 && second === 0) yield []
  if (first > 0) for (const rest of interleavings(first - 1, second)) yield [0, ...rest]
  if (second > 0) for (const rest of interleavings(first, second - 1)) yield [1, ...rest]
}

describe('a holder that wakes up while it is taken for dead', () => {
  it.each([
    ['shows what changes', 0],
    ['hides what changes', 1],
  ])('is never told that it holds a lock that is taken from it (a list %s)', async (_name, at) => {
    const outcomes = new Set<string>()
    // Beat, list; list, look, mark, look again, remove: as many steps as these take, and some more.
    for (const order of interleavings(4, 9)) {
      const { system, holder, judge, lease } = await staleHolder(() => at)
      const asked = lease.isHeld()
      for (const who of order) await takeStep(system, who === 0 ? holder : judge)
      await takeAllSteps(system, holder)
      const held = await asked
      await takeAllSteps(system, judge)
      const taken = !system.hasLease(holder)
      expect({ order, held, taken }).not.toMatchObject({ held: true, taken: true })
      outcomes.add(`held: ${held}, taken: ${taken}`)
    }
    expect(outcomes).toContain('held: true, taken: false')
    expect(outcomes).toContain('held: false, taken: true')
  })
})

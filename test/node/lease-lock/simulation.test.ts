import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { startDeadline } from '../../../src/async/abort.ts'
import { enter } from '../../../src/node/lease-lock/enter.ts'
import { randomFrom } from '../../support/random.ts'
import { type SimulatedProcess, SimulatedSystem, settled } from './simulated-system.ts'

const staleMs = 1_000
/** How long a holder may rely on having been told that it is one. */
const trustedMs = staleMs * 0.9
const place = { directory: '/home/locks', prefix: 'name-' }

/** What happens next: most of the time, somebody takes a step. */
const happening = fc.oneof(
  { weight: 60, arbitrary: fc.constant('step' as const) },
  { weight: 4, arbitrary: fc.constant('moment' as const) },
  { weight: 6, arbitrary: fc.constant('resume' as const) },
  { weight: 1, arbitrary: fc.constant('stall' as const) },
  { weight: 2, arbitrary: fc.constant('long stall' as const) },
  { weight: 1, arbitrary: fc.constant('long time' as const) },
  { weight: 1, arbitrary: fc.constant('death' as const) },
)
type Happening = typeof happening extends fc.Arbitrary<infer T> ? T : never
const event = fc.record({ happening, pick: fc.nat({ max: 1_000 }) })

const story = fc.record({
  apart: fc.boolean(),
  watched: fc.boolean(),
  processes: fc.integer({ min: 2, max: 4 }),
  seed: fc.integer(),
  events: fc.array(event, { minLength: 20, maxLength: 300, size: 'max' }),
})

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] })
})
afterEach(() => {
  vi.useRealTimers()
})

class Story {
  readonly system: SimulatedSystem
  /** Who is inside. */
  readonly #inside = new Set<SimulatedProcess>()
  /** Until when each may rely on having been told that it holds the lock, unless it has left since. */
  readonly #trust = new Map<SimulatedProcess, number>()
  /** Processes that have stalled: only they may find somebody else in their place. */
  readonly #excused = new Set<SimulatedProcess>()
  #entries = 0
  #lastHolder = 0
  held = 0
  finished = 0
  violation: string | undefined

  constructor(system: SimulatedSystem) {
    this.system = system
  }

  /** A process that takes the lock some times, and asks now and then whether it still has it. */
  async run(process: SimulatedProcess, times: number): Promise<void> {
    for (let time = 0; time < times; time++) {
      if (process.state === 'running') this.#excused.delete(process)
      const options = { place, staleMs, platform: process.platform }
      const contender = await enter(options, startDeadline(10_000_000))
      const entry = this.#noteEntry(process)
      let held = true
      for (let look = 0; look < 3 && held; look++) {
        await this.system.step(process)
        held = await contender.isHeld()
        if (held) this.#noteHolder(process, entry)
      }
      this.#inside.delete(process)
      // From whom the lock was taken may have relied on having it: that is no letting go.
      if (held || this.system.hasLease(process)) this.#trust.delete(process)
      await contender.leave()
    }
    this.finished += 1
  }

  #noteEntry(process: SimulatedProcess): number {
    const others = [...this.#inside].filter(
      (other) => other.state !== 'dead' && !this.#excused.has(other),
    )
    if (others.length > 0 && !this.#excused.has(process)) this.violation ??= 'two are inside'
    this.#inside.add(process)
    this.#entries += 1
    return this.#entries
  }

  #noteHolder(process: SimulatedProcess, entry: number): void {
    this.held += 1
    if (entry < this.#lastHolder) this.violation ??= 'one holds it that was taken for dead'
    this.#lastHolder = entry
    for (const [other, until] of this.#trust) {
      const trusts = other !== process && other.state !== 'dead' && until > this.system.now
      if (trusts) this.violation ??= 'two hold it'
    }
    this.#trust.set(process, this.system.now + trustedMs)
  }

  async happen(what: Happening, pick: number): Promise<void> {
    await settled()
    const { possible } = this.system
    const running = this.#processes('running')
    const [process] = [...running.slice(pick % running.length), ...running]
    switch (what) {
      case 'step': {
        const step = possible[pick % possible.length]
        return step && this.system.take(step)
      }
      case 'moment':
        return this.pass(pick % (staleMs / 20))
      case 'long time':
        return this.pass(pick + staleMs)
      case 'stall':
        return process && this.#stall(process)
      case 'long stall':
        if (process === undefined) return
        this.#stall(process)
        return this.#watchUntilStale()
      case 'resume': {
        const stalled = this.#processes('stalled')
        const resumed = stalled[pick % stalled.length]
        if (resumed !== undefined) resumed.state = 'running'
        return
      }
      case 'death':
        // Somebody has to survive, or there is nothing to see.
        if (process !== undefined && running.length > 1) process.state = 'dead'
    }
  }

  #processes(state: SimulatedProcess['state']): readonly SimulatedProcess[] {
    return this.system.processes.filter((process) => process.state === state)
  }

  #stall(process: SimulatedProcess): void {
    process.state = 'stalled'
    this.#excused.add(process)
  }

  /** The others look on until whoever stalled is about to be removed; what comes then is left open. */
  async #watchUntilStale(): Promise<void> {
    for (let part = 0; part < 6; part++) {
      for (let step = 0; step < 20; step++) await this.happen('step', step)
      await this.pass(staleMs / 5)
    }
  }

  /** Lets time pass; who is not stalled makes its heartbeats. */
  async pass(ms: number): Promise<void> {
    for (let left = ms; left > 0; left -= staleMs / 20) {
      const part = Math.min(left, staleMs / 20)
      this.system.now += part
      vi.advanceTimersByTime(part)
      await settled()
      for (const step of this.system.possible) if (step.isHeartbeat) this.system.take(step)
      await settled()
    }
  }

  /** Nobody stalls or dies any more: then all have to come to an end. */
  async finish(): Promise<void> {
    for (const process of this.#processes('stalled')) process.state = 'running'
    const alive = this.#processes('running').length
    for (let round = 0; this.finished < alive && round < 5_000; round++) {
      await settled()
      const { possible } = this.system
      for (const step of possible) this.system.take(step)
      if (possible.length === 0) await this.pass(staleMs / 20)
    }
    if (this.finished < alive) this.violation ??= 'somebody waits for ever'
  }
}

describe('the lease lock, in any order of its steps', () => {
  it('never lets two hold it, and never makes anybody wait for ever', async () => {
    let held = 0
    await fc.assert(
      fc.asyncProperty(story, async ({ apart, watched, processes, seed, events }) => {
        const system = new SimulatedSystem({ apart, watched, random: randomFrom(seed) })
        const story = new Story(system)
        for (let count = 0; count < processes; count++) void story.run(system.addProcess(), 3)
        for (const { happening, pick } of events) await story.happen(happening, pick)
        await story.finish()
        vi.clearAllTimers()
        held += story.held
        expect(story.violation).toBeUndefined()
      }),
      { numRuns: 300, endOnFailure: true },
    )
    expect(held).toBeGreaterThan(300)
  }, 60_000)
})

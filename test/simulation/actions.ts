import fc from 'fast-check'
import type { Operation } from './facts.ts'
import { type Fault, faults } from './network.ts'
import type { Process } from './process.ts'
import type { StoreFailure } from './shared-store.ts'
import type { World } from './world.ts'

/** One thing that a run does; what does not fit at that moment is skipped. Processes go by their number. */
export type Action =
  /** Takes the n-th oldest of the possible steps. */
  | { readonly do: 'step'; readonly choice: number }
  /** Takes so many steps, the oldest first. */
  | { readonly do: 'steps'; readonly times: number }
  | {
      readonly do: 'call'
      readonly process: number
      readonly kind: Operation['kind']
      readonly minValidityMs?: number
    }
  /** `frozen`: not even the disk gets on, as in a machine that sleeps. */
  | { readonly do: 'pass'; readonly ms: number; readonly frozen: boolean }
  | { readonly do: 'kill'; readonly process: number; readonly arrives: boolean }
  | { readonly do: 'stall'; readonly process: number }
  | { readonly do: 'resume'; readonly process: number }
  | { readonly do: 'start' }
  | { readonly do: 'fault'; readonly fault: Fault }
  | { readonly do: 'edge-401' }
  | { readonly do: 'store-failure'; readonly of: StoreFailure['of']; readonly times: number }
  | { readonly do: 'store-outage'; readonly of: StoreFailure['of']; readonly ms: number }
  | { readonly do: 'heal-store' }
  | { readonly do: 'end-access-tokens' }

/** More would only be more of the same. */
const maximalProcesses = 5

const process = fc.nat({ max: 3 })

/** Moments that matter: a time-out, the stale age, the cool-down, the margin of a token, its end. */
const times = [1_000, 15_000, 31_000, 61_000, 300_000, 845_000, 901_000]

const call = (kind: Operation['kind']) =>
  fc.record({ do: fc.constant('call' as const), process, kind: fc.constant(kind) })

const of = fc.constantFrom(
  'reads' as const,
  'commits' as const,
  'commits' as const,
  'both' as const,
)

const anyAction: fc.Arbitrary<Action> = fc.oneof(
  {
    weight: 60,
    arbitrary: fc.record({ do: fc.constant('step' as const), choice: fc.nat({ max: 5 }) }),
  },
  {
    weight: 14,
    arbitrary: fc.record({
      do: fc.constant('steps' as const),
      times: fc.integer({ min: 2, max: 30 }),
    }),
  },
  { weight: 14, arbitrary: call('token') },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('call' as const),
      process,
      kind: fc.constant('token' as const),
      minValidityMs: fc.constantFrom(120_000, 600_000, 1e9),
    }),
  },
  { weight: 3, arbitrary: call('refresh') },
  { weight: 4, arbitrary: call('request') },
  { weight: 2, arbitrary: call('sign-out') },
  { weight: 2, arbitrary: call('sign-in') },
  {
    weight: 9,
    arbitrary: fc.record({
      do: fc.constant('pass' as const),
      ms: fc.constantFrom(...times),
      frozen: fc.boolean(),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant('kill' as const), process, arrives: fc.boolean() }),
  },
  { weight: 3, arbitrary: fc.constant({ do: 'start' as const }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('stall' as const), process }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('resume' as const), process }) },
  {
    weight: 7,
    arbitrary: fc.record({ do: fc.constant('fault' as const), fault: fc.constantFrom(...faults) }),
  },
  { weight: 1, arbitrary: fc.constant({ do: 'edge-401' as const }) },
  { weight: 1, arbitrary: fc.constant({ do: 'end-access-tokens' as const }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('store-failure' as const),
      of,
      times: fc.integer({ min: 1, max: 6 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('store-outage' as const),
      of,
      ms: fc.constantFrom(1_500, 70_000),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ do: 'heal-store' as const }) },
)

/** What a run does, one after the other. */
export const anyActions = fc.array(anyAction, { minLength: 1, maxLength: 100, size: 'max' })

/** @returns whether the action was possible at all */
export async function perform(world: World, action: Action): Promise<void> {
  switch (action.do) {
    case 'step':
      await world.step(action.choice)
      return
    case 'steps':
      for (let count = 0; count < action.times; count++) await world.step()
      return
    case 'pass':
      if (!action.frozen) await world.finishLocalSteps()
      world.watch.note(`${action.ms / 1_000} s pass`)
      return world.pass(action.ms)
    case 'start':
      if (world.alive.length < maximalProcesses) world.startProcess()
      return
    case 'fault':
      world.watch.note(`the next token request: ${action.fault}`)
      return world.network.order(action.fault)
    case 'edge-401':
      return world.network.refuseAtEdge()
    case 'end-access-tokens':
      world.watch.note('the server ends all access tokens')
      world.watch.accessTokensEnded()
      return world.platform.expireAccessTokens()
    case 'store-failure':
      world.watch.note(`the next ${action.times} ${action.of} fail`)
      return world.store.fail(action)
    case 'store-outage':
      world.watch.note(`for ${action.ms / 1_000} s ${action.of} fail`)
      return world.store.fail({ of: action.of, until: world.schedule.now + action.ms })
    case 'heal-store':
      return world.store.heal()
    case 'call':
    case 'kill':
    case 'stall':
    case 'resume': {
      const { alive } = world
      const process = alive[action.process % Math.max(1, alive.length)]
      if (process !== undefined) await performOn(world, process, action)
    }
  }
}

async function performOn(
  world: World,
  process: Process,
  action: Extract<Action, { process: number }>,
): Promise<void> {
  const isRunning = process.state === 'running'
  switch (action.do) {
    case 'call':
      if (isRunning) await world.call(process, action.kind, action.minValidityMs)
      return
    case 'kill':
      return world.kill(process, action)
    case 'stall':
      if (isRunning) world.stall(process)
      return
    case 'resume':
      if (!isRunning) world.resume(process)
  }
}

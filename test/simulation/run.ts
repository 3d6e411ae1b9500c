import fc from 'fast-check'
import { isAuthError } from '../../src/errors/auth-error.ts'
import { epoch } from '../support/setup.ts'
import { type Action, anyActions, perform } from './actions.ts'
import { makeDeterministic } from './determinism.ts'
import type { Window } from './facts.ts'
import { type Process, storeRestMs } from './process.ts'
import { Schedule } from './schedule.ts'
import type { Violation } from './watch.ts'
import { type Surroundings, World } from './world.ts'

/** Everything that a run is determined by. */
export interface Script extends Surroundings {
  readonly processes: number
  /** How old the tokens are in the beginning, ms: fresh, about to end, ended. */
  readonly age: number
  readonly jitter: number
  /** Whether stalled processes go on in the end, or never do. */
  readonly resumes: boolean
  readonly actions: readonly Action[]
}

export interface Outcome {
  readonly violations: readonly Violation[]
  readonly trace: readonly string[]
  readonly windows: ReadonlyMap<Window, number>
  readonly steps: number
}

export function anyScript(rotation: Surroundings['rotation']): fc.Arbitrary<Script> {
  return fc.record({
    rotation: fc.constant(rotation),
    family: fc.constantFrom(
      'opaque' as const,
      'opaque' as const,
      'opaque' as const,
      'jwt' as const,
    ),
    limits: fc.constantFrom(false, false, true),
    watched: fc.boolean(),
    processes: fc.integer({ min: 1, max: 3 }),
    age: fc.constantFrom(0, 845_000, 901_000),
    jitter: fc.nat(),
    resumes: fc.boolean(),
    actions: anyActions,
  })
}

/** Enough for everything that can be left to do; beyond it something goes round in circles. */
const maximalSteps = 5_000
/** A limit of the server ends after 15 minutes. */
const maximalRecoveries = 4

/** Runs a script and stops at the first violation; in the end the world heals, and everybody has to be well. */
export async function run(script: Script): Promise<Outcome> {
  const schedule = new Schedule(epoch)
  const restore = makeDeterministic(schedule, script.jitter)
  try {
    const world = await World.create(schedule, script)
    await play(world, script)
    const { violations, trace, facts } = world.watch
    return { violations, trace, windows: facts.windows, steps: schedule.taken }
  } finally {
    restore()
  }
}

async function play(world: World, { processes, age, resumes, actions }: Script): Promise<void> {
  const { watch } = world
  for (let count = 0; count < processes; count++) world.startProcess()
  await world.pass(age)
  for (const action of actions) {
    await perform(world, action)
    if (watch.violations.length > 0) return
  }
  watch.note('--- everything works again ---')
  world.network.heal()
  world.store.heal()
  for (const process of world.alive) {
    if (process.state === 'stalled' && resumes) world.resume(process)
  }
  await comeToRest(world)
  for (const process of world.alive) {
    if (process.state === 'running' && watch.violations.length === 0) await recover(world, process)
  }
  if (watch.violations.length === 0) watch.finished()
}

/** Lets everything happen that is left to do. */
async function comeToRest(world: World): Promise<void> {
  const { schedule, watch } = world
  const open = () => {
    return watch.facts.operations.filter(
      ({ settled, process }) => !settled && process.state === 'running',
    )
  }
  for (let count = 0; count < maximalSteps && watch.violations.length === 0; count++) {
    if (await schedule.take(0)) continue
    if (open().length === 0) return
    const next = schedule.nextTimer()
    if (next === undefined) break
    await world.pass(next - schedule.now)
  }
  if (watch.violations.length === 0) watch.unsettled(open())
}

/** A caller who is told to wait, waits: then there has to be a token, or the word that the session is over. */
async function recover(world: World, process: Process): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    const operation = await world.call(process, 'token')
    await comeToRest(world)
    const { error } = operation
    if (attempt === maximalRecoveries) return world.watch.recovered(process, error)
    if (isAuthError(error) && error.retryable) await world.pass(error.retryAfterMs ?? 61_000)
    else if (error === undefined && world.watch.hasUnsaved(process)) await world.pass(storeRestMs)
    else return world.watch.recovered(process, error)
  }
}

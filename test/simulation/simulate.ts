import fc from 'fast-check'
import type { Window } from './facts.ts'
import { anyScript, type Outcome, run, type Script } from './run.ts'
import type { Surroundings } from './world.ts'

export interface SimulationOptions {
  readonly rotation: Surroundings['rotation']
  readonly runs: number
  readonly seed: number
  /** Where to go on from in a failed simulation: fast-check's `path`. */
  readonly path?: string | undefined
  /** Whether to look for a shorter script that fails; default `true`. */
  readonly shrink?: boolean
}

interface Report {
  readonly runs: number
  readonly seconds: number
  readonly steps: number
  readonly windows: ReadonlyMap<Window, number>
  readonly failure: Failure | undefined
}

interface Failure {
  readonly script: Script
  readonly outcome: Outcome
  readonly path: string | undefined
}

/** Runs many scripts, and stops at the first that breaks an invariant. */
export async function simulate(options: SimulationOptions): Promise<Report> {
  const { rotation, runs, seed, path, shrink = true } = options
  const windows = new Map<Window, number>()
  let steps = 0
  let count = 0
  const startedAt = performance.now()
  const property = fc.asyncProperty(anyScript(rotation), async (script) => {
    const outcome = await run(script)
    count += 1
    steps += outcome.steps
    for (const [window, times] of outcome.windows) {
      windows.set(window, (windows.get(window) ?? 0) + times)
    }
    return outcome.violations.length === 0
  })
  const details = await fc.check(property, {
    numRuns: runs,
    seed,
    endOnFailure: !shrink,
    ...(path === undefined ? {} : { path }),
  })
  const script = details.counterexample?.[0]
  if (details.failed && details.errorInstance instanceof Error && !script)
    throw details.errorInstance
  return {
    runs: details.failed ? count : details.numRuns,
    seconds: (performance.now() - startedAt) / 1_000,
    steps,
    windows,
    failure: script && {
      script,
      outcome: await run(script),
      path: details.counterexamplePath ?? undefined,
    },
  }
}

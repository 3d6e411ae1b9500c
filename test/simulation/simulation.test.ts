import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { bundle } from '../support/bundle.ts'
import type { SimulationOptions } from './simulate.ts'
import { explain, simulateIn } from './simulate-program.ts'

const runs = Number(process.env.SIMULATION_RUNS ?? 10_000)

const servers = [
  ['that keeps the family of a token that is sent again', 'keep-family'],
  ['that kills the family of a token that is sent again', 'kill-family'],
] as const

describe('several processes, at a server', () => {
  it.concurrent.for(servers)('%s, keep every invariant', async ([, rotation], { expect }) => {
    const program = await bundle('test/simulation/main.ts')
    const seed = Number(process.env.SIMULATION_SEED ?? (await seedOf(program)))
    const options: SimulationOptions = { rotation, runs, seed }
    const report = await simulateIn(program, options)
    const { seconds, steps, windows } = report
    console.log(
      `${rotation}: ${report.runs} runs, ${steps} steps in ${seconds.toFixed(0)} s, seed ${seed}; the documented window: ${JSON.stringify(windows)}`,
    )
    expect(report.failure === undefined, explain(report, options)).toBe(true)
    expect(report.runs).toBe(runs)
  })

  it('come to the documented window, so that the runs are hard enough', async () => {
    const options: SimulationOptions = { rotation: 'keep-family', runs: 1_000, seed: 1 }
    const { windows } = await simulateIn(await bundle('test/simulation/main.ts'), options)
    expect(Object.keys(windows)).toEqual(expect.arrayContaining(['holder died', 'answer lost']))
  })
})

/** Another one for each change of the engine, and the same on every machine: what has passed, passes. */
async function seedOf(program: string): Promise<number> {
  const digest = createHash('sha256')
    .update(await readFile(program))
    .digest()
  return digest.readUInt32BE() >>> 1
}

import { expect, it } from 'vitest'
import { bundle } from '../support/bundle.ts'
import { explain, simulateIn } from './simulate-program.ts'

/** A taste of the simulation, with a fixed seed: all of it takes minutes. */
const options = { rotation: 'keep-family', runs: 300, seed: 42 } as const

it('keeps every invariant in a few simulated runs', async () => {
  const report = await simulateIn(await bundle('test/simulation/main.ts'), options)
  expect(report.failure === undefined, explain(report, options)).toBe(true)
}, 60_000)

it('comes to the same steps with the same seed', async () => {
  const program = await bundle('test/simulation/main.ts')
  const few = { ...options, runs: 50 }
  const [one, other] = [await simulateIn(program, few), await simulateIn(program, few)]
  expect(one.steps).toBeGreaterThan(1_000)
  expect(other.steps).toBe(one.steps)
}, 60_000)

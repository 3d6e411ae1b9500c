import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Plugin } from 'esbuild'
import { describe, expect, it } from 'vitest'
import { simulateIn } from '../simulation/simulate-program.ts'
import { buildProgram } from '../support/bundle.ts'
import { type Mutant, mutants } from './mutants.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))

/** Far more than it takes to catch any of them. */
const runs = 5_000

/** @throws where the source does not have what the mutant changes */
async function mutate({ file, changes }: Mutant): Promise<Plugin> {
  const path = resolve(root, file)
  let contents = await readFile(path, 'utf8')
  for (const { from, to } of changes) {
    expect(contents.split(from).length - 1, `how often ${file} has "${from}"`).toBe(1)
    contents = contents.replace(from, () => to)
  }
  return {
    name: 'mutate',
    setup: ({ onLoad }) =>
      onLoad({ filter: /\.ts$/ }, (args) =>
        args.path === path ? { contents, loader: 'ts' } : undefined,
      ),
  }
}

describe('the simulation catches an engine with', () => {
  it.concurrent.for(mutants.map((mutant) => [mutant.name, mutant] as const))(
    '%s',
    async ([name, mutant], { expect }) => {
      const plugins = [await mutate(mutant)]
      const program = await buildProgram('test/simulation/main.ts', {
        name: name.replaceAll(' ', '-'),
        plugins,
      })
      const { failure, runs: needed } = await simulateIn(program, {
        rotation: 'keep-family',
        runs,
        seed: 1,
        shrink: false,
      })
      expect(failure, 'the simulation finds nothing').toBeDefined()
      const found = failure?.outcome.violations[0]?.message
      console.log(`${name}: caught in run ${needed}: ${found}`)
    },
  )
})

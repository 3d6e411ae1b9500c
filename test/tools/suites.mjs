import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { tool } from './paths.mjs'
import { run } from './process.mjs'

/** @typedef {import('./tally-reporter.mjs').Tally} Tally */

/** Nothing takes this long, not even on a machine that has other work; what does, hangs. */
const timeoutMs = 1_500_000

/** Everything that tells whether the project is in order, by name. */
export const suites = {
  tests: {
    unit: () => runTests('unit'),
    contract: () => runTests('contract'),
    simulation: () => runTests('simulation'),
    mutants: () => runTests('mutants'),
    e2e: () => runTests('e2e'),
    package: () => runTests('package'),
    examples: () => runTests('examples'),
    runtimes: () => runTests('runtimes'),
  },
  checks: {
    lint: () => runCheck(tool('biome'), ['check', '.']),
    types: () => runCheck(tool('tsc'), []),
    unused: () => runCheck(tool('knip'), []),
    docs: () => runCheck(tool('typedoc'), []),
    size: () => runCheck(process.execPath, ['test/package/size.mjs']),
  },
}

/**
 * Runs a project of vitest. A run that ends without a tally has broken down, which is a failure.
 *
 * @param {string} project
 * @returns {Promise<Tally>}
 */
async function runTests(project) {
  const folder = await mkdtemp(join(tmpdir(), 'lanonasis-tally-'))
  const file = join(folder, 'tally.json')
  const reporters = ['--reporter=default', '--reporter=./test/tools/tally-reporter.mjs']
  const { code } = await run(tool('vitest'), ['run', '--project', project, ...reporters], {
    env: { TALLY_FILE: file },
    show: true,
    timeoutMs,
  })
  const text = await readFile(file, 'utf8').catch(() => undefined)
  await rm(folder, { recursive: true })
  /** @type {Tally} */
  const tally = text === undefined ? { ...nothing } : JSON.parse(text)
  return code !== 0 && tally.failed === 0 ? { ...tally, failed: 1 } : tally
}

/**
 * @param {string} command
 * @param {string[]} args
 * @returns {Promise<Tally>}
 */
async function runCheck(command, args) {
  const { code } = await run(command, args, { show: true, timeoutMs })
  return code === 0 ? { ...nothing, passed: 1 } : { ...nothing, failed: 1 }
}

/** @type {Tally} */
const nothing = { passed: 0, failed: 0, skipped: 0, notRun: [] }

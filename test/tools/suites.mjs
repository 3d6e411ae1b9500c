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
    unit: () => runTests(['unit', 'alone']),
    contract: () => runTests(['contract']),
    simulation: () => runTests(['simulation']),
    mutants: () => runTests(['mutants']),
    e2e: () => onPosix(() => runTests(['e2e'])),
    package: () => runTests(['package']),
    examples: () => onPosix(() => runTests(['examples'])),
    projects: () => onPosix(() => runTests(['projects'])),
    runtimes: () => runTests(['runtimes'], ['./test/runtimes/matrix-reporter.mjs']),
  },
  checks: {
    lint: () => runCheck(tool('biome'), ['check', '.']),
    types: () => runCheck(tool('tsc'), ['--incremental', '--tsBuildInfoFile', '.cache/tsc.json']),
    unused: () => runCheck(tool('knip'), []),
    docs: () => runCheck(tool('typedoc'), []),
    published: () => runCheck(process.execPath, ['test/package/published.mjs']),
    size: () => runCheck(process.execPath, ['test/package/size.mjs']),
  },
}

/**
 * Runs projects of vitest. A run that ends without a tally has broken down, which is a failure.
 *
 * @param {readonly string[]} projects
 * @param {readonly string[]} more files of reporters
 * @returns {Promise<Tally>}
 */
async function runTests(projects, more = []) {
  const folder = await mkdtemp(join(tmpdir(), 'lanonasis-tally-'))
  const file = join(folder, 'tally.json')
  const reporters = ['default', './test/tools/tally-reporter.mjs', ...more]
  const args = [
    ...projects.flatMap((name) => ['--project', name]),
    ...reporters.map((name) => `--reporter=${name}`),
  ]
  const { code } = await run(tool('vitest'), ['run', ...args], {
    env: { TALLY_FILE: file },
    show: true,
    timeoutMs,
  })
  const text = await readFile(file, 'utf8').catch(() => undefined)
  await rm(folder, { recursive: true })
  /** @type {Tally} */
  const tally = text === undefined ? { ...nothing } : JSON.parse(text)
  return code !== 0 && tally.failed === 0
    ? { ...tally, failed: 1, failures: [`the run ended with ${code}`] }
    : tally
}

/**
 * For what cannot even start on Windows. What lacks single programs there, or on macOS, says so itself.
 *
 * @param {() => Promise<Tally>} runSuite
 * @returns {Promise<Tally>}
 */
async function onPosix(runSuite) {
  if (process.platform !== 'win32') return runSuite()
  const why = 'all of it (it works with process groups, signals, file modes and terminals of POSIX)'
  return { ...nothing, skipped: 1, notRun: [why] }
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
const nothing = { passed: 0, failed: 0, skipped: 0, failures: [], notRun: [] }

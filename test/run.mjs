/**
 * Runs suites one after the other and says what came of each:
 *
 *     node test/run.mjs                  all tests
 *     node test/run.mjs checks           what is not a test: format, types, unused code, docs, size
 *     node test/run.mjs lint unit        some
 *
 * The last line is `N passed, N failed, N skipped`. With `TOTALS_FILE`, the three numbers are added
 * to that file as well.
 */
import { appendFileSync } from 'node:fs'
import { suites } from './tools/suites.mjs'
import { printTable } from './tools/table.mjs'

const byName = new Map(Object.values(suites).flatMap((group) => Object.entries(group)))
const asked = process.argv.length > 2 ? process.argv.slice(2) : ['tests']
const names = asked.flatMap((name) =>
  name === 'tests' || name === 'checks' ? Object.keys(suites[name]) : [name],
)
const unknown = names.filter((name) => !byName.has(name))
if (unknown.length > 0) {
  console.error(`There is no suite ${unknown.join(', ')}, only: ${[...byName.keys()].join(', ')}`)
  process.exit(2)
}

// Ends what is running along with us; the programs are in process groups of their own.
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1))

/** @type {(import('./tools/suites.mjs').Tally & { name: string, minutes: number })[]} */
const results = []
for (const name of names) {
  console.log(`\n=== ${name} ===`)
  const startedAt = performance.now()
  const tally = await byName.get(name)?.()
  if (tally !== undefined) {
    results.push({ name, minutes: (performance.now() - startedAt) / 60_000, ...tally })
  }
}

const total = (/** @type {'passed' | 'failed' | 'skipped' | 'minutes'} */ what) =>
  results.reduce((sum, result) => sum + result[what], 0)

console.log()
printTable(
  ['suite', 'passed', 'failed', 'skipped', 'minutes'],
  [
    ...results.map(({ name, passed, failed, skipped, minutes }) => [
      name,
      ...[passed, failed, skipped].map(String),
      minutes.toFixed(2),
    ]),
    ['all', '', '', '', total('minutes').toFixed(2)],
  ],
)
// Once more, where they are found: a log may be thousands of lines long, or cut at its beginning.
const failures = results.flatMap(({ name, failures }) => failures.map((what) => `${name}: ${what}`))
if (failures.length > 0) console.log(`\nFailed:\n${failures.map((what) => `- ${what}`).join('\n')}`)
const notRun = results.flatMap(({ name, notRun }) => notRun.map((test) => `${name}: ${test}`))
if (notRun.length > 0) console.log(`\nNot run:\n${notRun.map((test) => `- ${test}`).join('\n')}`)

const [passed, failed, skipped] = [total('passed'), total('failed'), total('skipped')]
const totalsFile = process.env.TOTALS_FILE
if (totalsFile !== undefined) appendFileSync(totalsFile, `${passed} ${failed} ${skipped}\n`)
console.log(`\n${passed} passed, ${failed} failed, ${skipped} skipped`)
process.exitCode = failed > 0 ? 1 : 0

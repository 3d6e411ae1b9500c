import { printTable } from '../tools/table.mjs'

/** @typedef {import('./portable/suite.mjs').Outcome} Outcome */

/** Reporter of vitest: prints which runtime can do what, with a note where that is not all there is to say. */
export default class MatrixReporter {
  /** @param {readonly import('vitest/node').TestModule[]} modules */
  onTestRunEnd(modules) {
    const tests = modules.flatMap((module) => [...module.children.allTests()])
    const rows = tests.map(rowOf)
    const columns = [...new Set(rows.flatMap(({ outcomes }) => Object.keys(outcomes)))]
    /** @type {string[]} */
    const notes = []
    const lines = rows.map(({ name, version, outcomes, seconds, state, why }) => [
      `${name} ${version}`.trim(),
      ...columns.map((column) => cellOf(outcomes[column], notes)),
      seconds,
      state === 'skipped' ? `not run ${numberOf(why, notes)}` : state,
    ])
    console.log()
    printTable(['runtime', ...columns, 'seconds', ''], lines)
    for (const [index, note] of notes.entries()) console.log(`${index + 1}) ${note}`)
    console.log()
  }
}

/** @param {import('vitest/node').TestCase} test */
function rowOf(test) {
  const { version = '', outcomes = {} } = test.meta().runtime ?? {}
  const result = test.result()
  const seconds = test.diagnostic()?.duration
  return {
    name: test.name.replace(/^in /, ''),
    version,
    outcomes,
    seconds: seconds === undefined ? '' : (seconds / 1_000).toFixed(1),
    state: result.state,
    why: (result.state === 'skipped' && result.note) || 'it was not asked for.',
  }
}

/**
 * @param {Outcome | undefined} outcome
 * @param {string[]} notes of all cells, each once
 */
function cellOf(outcome, notes) {
  switch (outcome?.state) {
    case undefined:
      return ''
    case 'failed':
      return 'FAILED'
    case 'passed':
      return outcome.note === undefined ? 'yes' : `yes ${numberOf(outcome.note, notes)}`
    case 'not-applicable':
      return `no ${numberOf(outcome.reason, notes)}`
  }
}

/**
 * @param {string} note
 * @param {string[]} notes
 */
function numberOf(note, notes) {
  if (!notes.includes(note)) notes.push(note)
  return `${notes.indexOf(note) + 1})`
}

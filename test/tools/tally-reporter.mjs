import { writeFileSync } from 'node:fs'

/**
 * @typedef {object} Tally what came of a suite
 * @property {number} passed
 * @property {number} failed
 * @property {number} skipped
 * @property {string[]} failures what failed by name, with what it said
 * @property {string[]} notRun the skipped tests by name, with the reason where one is known
 */

/** Reporter of vitest: writes the tally of a run to the file that `TALLY_FILE` names. */
export default class TallyReporter {
  /**
   * @param {readonly import('vitest/node').TestModule[]} modules
   * @param {readonly unknown[]} errors that belong to no test
   */
  onTestRunEnd(modules, errors) {
    /** @type {Tally} */
    const tally = { passed: 0, failed: 0, skipped: 0, failures: [], notRun: [] }
    for (const error of errors) addFailure(tally, 'outside of a test', [error])
    for (const module of modules) {
      // A file or a block that breaks down has tests that are not even counted.
      for (const group of [module, ...module.children.allSuites()]) {
        for (const error of group.errors()) addFailure(tally, module.relativeModuleId, [error])
      }
      for (const test of module.children.allTests()) add(tally, test)
    }
    writeFileSync(process.env.TALLY_FILE ?? '', JSON.stringify(tally))
  }
}

/**
 * @param {Tally} tally
 * @param {import('vitest/node').TestCase} test
 */
function add(tally, test) {
  const result = test.result()
  if (result.state === 'passed') tally.passed += 1
  else if (result.state === 'failed') {
    addFailure(tally, `${test.module.relativeModuleId} > ${test.fullName}`, result.errors)
  } else {
    tally.skipped += 1
    const why = result.state === 'skipped' && result.note ? ` (${result.note})` : ''
    tally.notRun.push(`${test.fullName}${why}`)
  }
}

/**
 * @param {Tally} tally
 * @param {string} name
 * @param {readonly unknown[]} errors
 */
function addFailure(tally, name, errors) {
  tally.failed += 1
  tally.failures.push(`${name}\n${errors.map(excerpt).join('\n')}`)
}

/**
 * The beginning of a message, and its end, which may say how to see it again.
 *
 * @param {unknown} error as vitest has it: an object with a message
 */
function excerpt(error) {
  const { message } = /** @type {{ message?: unknown }} */ (error)
  const lines = String(message).split('\n')
  const shown = lines.length > 8 ? [...lines.slice(0, 6), '…', ...lines.slice(-1)] : lines
  return shown.map((line) => `    ${line.slice(0, 500)}`).join('\n')
}

import { writeFileSync } from 'node:fs'

/**
 * @typedef {object} Tally what came of a suite
 * @property {number} passed
 * @property {number} failed
 * @property {number} skipped
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
    const tally = { passed: 0, failed: errors.length, skipped: 0, notRun: [] }
    for (const module of modules) {
      // A file or a block that breaks down has tests that are not even counted.
      for (const group of [module, ...module.children.allSuites()]) {
        tally.failed += group.errors().length
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
  else if (result.state === 'failed') tally.failed += 1
  else {
    tally.skipped += 1
    const why = result.state === 'skipped' && result.note ? ` (${result.note})` : ''
    tally.notRun.push(`${test.fullName}${why}`)
  }
}

import { join } from 'node:path'
import { expect, it } from 'vitest'
import { measures } from '../bench/measures/measures.mjs'
import { ensureBuild } from '../tools/build.mjs'
import { root } from '../tools/paths.mjs'
import { run } from '../tools/process.mjs'

const main = join(root, 'test/bench/main.mjs')
const bench = (...flags: string[]) => run(process.execPath, [main, ...flags])

it('npm run bench takes every measure, and says on what machine, in one JSON object', async () => {
  await ensureBuild()
  const { code, stdout, stderr } = await bench('--json', '--scale', '0.0005', '--rounds', '2')
  expect(stderr).toBe('')
  expect(code).toBe(0)
  const { machine, versions, measures: results } = JSON.parse(stdout)
  expect(machine).toMatchObject({ node: process.version, processors: expect.any(Number) })
  expect(versions).toMatchObject({ 'eventsource-parser': expect.stringMatching(/^\d+\.\d+\.\d+$/) })
  expect(results.map(({ name }: { name: string }) => name)).toEqual(
    measures.map(({ name }) => name),
  )
  for (const { contenders } of results) {
    expect(contenders[0].ratio).toBe(1)
    for (const { median, ratio, rounds } of contenders) {
      expect(rounds).toHaveLength(2)
      expect([median, ratio].every(Number.isFinite)).toBe(true)
    }
  }
})

it('refuses a measure that there is not, and names those that there are', async () => {
  const { code, stderr } = await bench('--only', 'sse,speed')
  expect(code).toBe(2)
  expect(stderr).toContain('There is no measure speed')
  expect(stderr).toContain('sse-from-memory')
})

it('takes only what is asked for, and shows it as a table', async () => {
  await ensureBuild()
  const { code, stdout } = await bench('--only', 'token', '--scale', '0.0005', '--rounds', '1')
  expect(code).toBe(0)
  expect(stdout).toContain('client.getAccessToken')
  expect(stdout).not.toContain('sse:')
})

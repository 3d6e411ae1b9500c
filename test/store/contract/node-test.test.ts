import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { bundle } from '../../support/bundle.ts'

const run = promisify(execFile)

describe('the store contract under node:test', () => {
  it('is kept by the memory store and by the file store', async () => {
    const program = await bundle('test/store/contract/fixtures/node-test.ts')
    const args = ['--test', '--test-reporter=tap', program]
    const { stdout } = await run(process.execPath, args, { env: { PATH: process.env.PATH } })
    const total = (what: string) => Number(new RegExp(`^# ${what} (\\d+)$`, 'm').exec(stdout)?.[1])
    expect(total('fail')).toBe(0)
    expect(total('skipped')).toBe(0)
    expect(total('pass')).toBeGreaterThan(60)
  }, 60_000)
})

import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { run as runProgram } from '../../tools/process.mjs'
import { machine } from './machine.ts'

async function withScripts() {
  const here = await machine()
  const folder = join(dirname(here.main), '../..')
  const script = (name: string, env: Record<string, string | undefined> = {}) =>
    runProgram(process.execPath, [join(folder, `dist/scripts/${name}.js`)], {
      env: { ...here.env, ...env },
    })
  return { ...here, script }
}

describe('staging-check', () => {
  it('signs in, writes, reads and deletes a memory', async () => {
    const { script, platform, signInWithBrowser, run } = await withScripts()
    const checking = script('staging-check', { CI: undefined })
    await signInWithBrowser()
    const { code, stdout } = await checking
    expect({ code, stdout }).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('ok   delete it'),
    })
    expect(stdout).not.toContain('FAIL')
    expect(platform.requestsTo('POST /memor*')).toHaveLength(1)
    expect(platform.memories).toEqual([])
    // The person's own profile is not touched.
    expect((await run('auth status')).code).toBe(3)
    expect((await run('auth status --profile staging-check')).code).toBe(0)
  })

  it('needs nobody with an API key, and ends as the step that failed', async () => {
    const { script, platform } = await withScripts()
    const { key } = await platform.createApiKey()
    expect(await script('staging-check', { LANONASIS_API_KEY: key })).toMatchObject({ code: 0 })
    platform.order({ match: 'GET /memor*/*', action: { status: 503 } })
    const { code, stdout } = await script('staging-check', { LANONASIS_API_KEY: key })
    expect(code).toBe(7)
    expect(stdout).toMatch(/FAIL read it/)
    // It has tidied up all the same.
    expect(platform.memories).toEqual([])
  })
})

describe('try', () => {
  it('runs through the commands on services of its own', async () => {
    const { script } = await withScripts()
    const { code, stdout } = await script('try')
    expect(code).toBe(0)
    expect(stdout).toContain('$ lanonasis auth logout\nSigned out.\n')
  })
})

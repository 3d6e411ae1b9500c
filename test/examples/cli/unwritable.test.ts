import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { type Machine, machine } from './machine.ts'

const hasFullDevice = existsSync('/dev/full')

/** As a shell runs it, with its output where `redirection` says. */
async function runTo({ main, env }: Machine, line: string, redirection: string) {
  const command = `"${process.execPath}" "${main}" ${line} ${redirection}`
  const shell = spawn('sh', ['-c', command], { env, stdio: ['ignore', 'pipe', 'pipe'] })
  const said = { stdout: '', stderr: '' }
  shell.stdout.on('data', (chunk) => {
    said.stdout += chunk
  })
  shell.stderr.on('data', (chunk) => {
    said.stderr += chunk
  })
  const [code] = await once(shell, 'close')
  return { code, ...said }
}

describe('a result', () => {
  it.skipIf(!hasFullDevice)(
    'that a full disk does not take is no success, and not silent',
    async () => {
      const here = await machine()
      await here.signedIn()
      await here.run('memory create --title One --content text')
      for (const line of ['memory list --all', 'memory stats --json', 'auth token']) {
        const { code, stderr } = await runTo(here, line, '>/dev/full')
        expect({ line, code }).toEqual({ line, code: 8 })
        expect(stderr).toContain('error: The output could not be written (ENOSPC). (output_failed)')
      }
    },
  )
})

describe('a new key that cannot be written', () => {
  it('is not made where the output is closed or the null device', async () => {
    const here = await machine()
    await here.signedIn()
    await here.run('key create other --print')
    const { platform } = here
    for (const line of [
      'key create more --print',
      `key rotate ${platform.apiKeys[0]?.id} --print`,
    ]) {
      for (const redirection of ['>&-', '>/dev/null']) {
        const ended = await runTo(here, line, redirection)
        expect(ended).toMatchObject({ code: 2, stderr: expect.stringContaining('would get lost') })
      }
    }
    expect(platform.apiKeys).toMatchObject([{ active: true }])
  })

  it.skipIf(!hasFullDevice)('is revoked, and said, on a disk that is full', async () => {
    const here = await machine()
    await here.signedIn()
    const { code, stderr } = await runTo(here, 'key create more --print', '>/dev/full')
    expect(code).toBe(8)
    expect(stderr).toMatch(/so it was revoked\.\nerror: .*\(ENOSPC\)\. \(output_failed\)\n/)
    expect(here.platform.apiKeys).toMatchObject([{ active: false }])
  })

  it.skipIf(!hasFullDevice)('is told when it can not be revoked either', async () => {
    const here = await machine()
    await here.signedIn()
    await here.run('key create other --print')
    const { platform } = here
    platform.order({ match: 'POST /auth/api-keys/*/revoke', action: { status: 403 } })
    for (const line of [
      'key create more --print',
      `key rotate ${platform.apiKeys[0]?.id} --print`,
    ]) {
      const { code, stderr } = await runTo(here, line, '>/dev/full')
      expect(code).toBe(1)
      expect(stderr).toContain(`${platform.apiKeys.at(-1)?.id} is alive`)
    }
    expect(platform.apiKeys).toMatchObject([{ active: true }, { active: true }, { active: true }])
  })
})

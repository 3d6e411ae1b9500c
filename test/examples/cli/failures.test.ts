import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { exitCodeOf, exitCodes } from '../../../examples/cli/src/glue/exit-codes.ts'
import { errorDefinitions } from '../../../src/errors/definitions.ts'
import type { AuthErrorCode } from '../../../src/index.ts'
import type { FaultAction } from '../../../src/testing.ts'
import { type Ended, jsonOf, machine } from './machine.ts'

/** Message, hint and code, and nothing that only its programmers understand. */
function expectReadable({ stderr }: Ended): void {
  expect(stderr).toMatch(/^error: .+ \([a-z_]+\)\n/m)
  expect(stderr).not.toMatch(/^ +at |node:|file:\/\//m)
}

describe('a failure', () => {
  it.each<[name: string, action: FaultAction, exit: number, code: AuthErrorCode]>([
    [
      'an answer of 500',
      { status: 500, body: { error: 'x', code: 'LIST_ERROR' } },
      1,
      'server_error',
    ],
    ['a lost connection', 'drop', 7, 'network_error'],
    ['a limit', { status: 429, headers: { 'Retry-After': '90' } }, 7, 'rate_limited'],
    ['no such memory', { status: 404, body: { error: 'x', code: 'NOT_FOUND' } }, 5, 'not_found'],
    ['a refusal', { status: 403, body: { error: 'x', code: 'FORBIDDEN' } }, 4, 'forbidden'],
  ])('for %s is said, and told by the exit code', async (_name, action, exit, code) => {
    const { run, signedIn, platform } = await machine()
    await signedIn()
    platform.order({ match: 'GET /memor*', action })
    const ended = await run('memory get an-id --json')
    expect(ended.code).toBe(exit)
    expect(jsonOf(ended).error).toMatchObject({ code, message: expect.any(String) })
    expectReadable(ended)
  })

  it('says how long to wait', async () => {
    const { run, signedIn, platform } = await machine()
    await signedIn()
    const action = { status: 429, headers: { 'Retry-After': '90' } }
    platform.order({ match: 'GET /memor*', action })
    const { stderr, stdout } = await run('memory get an-id --json')
    expect(stderr).toContain('Try again in 90 s.')
    expect(JSON.parse(stdout).error.retryAfterSeconds).toBe(90)
  })

  it.each([
    ['frob', 'a command that is not there'],
    ['memory', 'no command at all'],
    ['memory create --content text', 'no title'],
    ['memory list --limit few', 'a number that is none'],
    ['memory update an-id', 'nothing to change'],
    ['memory delete an-id', 'nobody to ask'],
    ['key create --print', 'a key without a name'],
    ['auth login --method telepathy', 'a method that is not there'],
    ['auth login --port 99999', 'a port that is none'],
    ['--environment moon auth status', 'an environment that is not there'],
    ['doctor --deployment moon', 'a deployment that is not there'],
  ])('is 2 for "%s": %s', async (line) => {
    const { run, platform } = await machine()
    const { code, stdout, stderr } = await run(line)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).not.toBe('')
    expect(stderr).not.toMatch(/^ +at /m)
    expect(platform.requests).toEqual([])
  })

  it('repeats no key that was typed at the wrong place', async () => {
    const { run } = await machine()
    const key = 'pk_0123456789abcdef.sk_0123456789abcdef'
    for (const line of [`memory list --limit ${key}`, key, `auth login --method ${key}`]) {
      const ended = await run(`${line} --json`)
      expect(ended.code).toBe(2)
      expect(ended.stderr).toMatch(/^error: .*\[redacted\].* \(usage\)\n {2}--help says more\.\n/)
      expect(ended.stdout + ended.stderr).not.toContain('0123456789abcdef')
    }
  })

  it('names the variable that is wrong, and does not go elsewhere', async () => {
    const { run } = await machine()
    const ended = await run('memory list', { env: { MCP_HTTP_URL: 'mcp.example.com' } })
    expect(ended).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringContaining('MCP_HTTP_URL'),
    })
    expectReadable(ended)
  })

  it('is 8 when the file cannot be read, and it is left as it is', async () => {
    const { run, home, config } = await machine()
    await mkdir(config)
    const ended = await run('auth status')
    expect(ended.code).toBe(8)
    expectReadable(ended)
    await chmod(home, 0o700)
  })

  it('sets a damaged file aside, and says so', async () => {
    const { run, config } = await machine()
    await writeFile(config, '{ "auth": ', { mode: 0o600 })
    const ended = await run('auth status')
    expect(ended).toMatchObject({ code: 8, stderr: expect.stringContaining('store_corrupt') })
    expectReadable(ended)
    expect((await run('auth status')).code).toBe(3)
  })

  it('ends the session where the gateway has ended it, and says what to do', async () => {
    const { run, signedIn, platform } = await machine()
    await signedIn()
    platform.revokeTokens()
    const ended = await run('auth token --refresh')
    expect(ended).toMatchObject({ code: 3, stdout: '' })
    expect(ended.stderr).toContain('(session_expired)\n  Run: lanonasis auth login')
    expect((await run('auth status')).stdout).toMatch(/^The session has ended\./)
  })
})

describe('auth status --check', () => {
  it('is 3 for a session that the gateway does not know any more', async () => {
    const { run, signedIn, platform } = await machine()
    await signedIn()
    expect(await run('auth status --check')).toMatchObject({ code: 0 })
    platform.revokeTokens()
    const ended = await run('auth status --check')
    expect(ended).toMatchObject({ code: 3, stderr: '' })
    expect(ended.stdout).toContain('the gateway does not know the session')
    const inJson = await run('auth status --check --json')
    expect(inJson.code).toBe(3)
    expect(jsonOf(inJson)).toMatchObject({ checked: { session: 'inactive' } })
  })
})

describe('exit codes', () => {
  it('has one for each error of the library', () => {
    const codes = Object.keys(errorDefinitions)
    expect(exitCodes.flatMap(({ codes = [] }) => codes).sort()).toEqual(codes.sort())
    expect(exitCodeOf('not_found')).toBe(5)
  })

  it('are in --help and in the README', async () => {
    const { run } = await machine()
    const { stdout } = await run('--help')
    const readme = await readFile(
      new URL('../../../examples/cli/README.md', import.meta.url),
      'utf8',
    )
    for (const { exit, meaning } of exitCodes) {
      expect(stdout).toMatch(new RegExp(`^ +${exit} +${meaning.replace(/[()]/g, '\\$&')}$`, 'm'))
      expect(readme).toContain(`| ${exit} | ${meaning} |`)
    }
  })
})

import { writeFile } from 'node:fs/promises'
import { beforeEach, describe, expect, it } from 'vitest'
import { readJson } from '../../support/directories.ts'
import { missingTerminal } from '../../support/pseudo-terminal.ts'
import { jsonOf, machine } from './machine.ts'

const missing = await missingTerminal()
beforeEach(({ skip }) => {
  if (missing !== undefined) skip(missing)
})

const authorizePage = /(http:\/\/127\.0\.0\.1:\d+\/\S*authorize\S*)/
const devicePage = /(http:\/\/\S+\/oauth\/device\?code=\S+)/
const overSsh = { SSH_CONNECTION: '10.0.0.2 50000 10.0.0.1 22', DISPLAY: '' }

describe('auth login', () => {
  it('chooses what fits where it runs, and says why', async () => {
    const { type, platform, run } = await machine()
    const login = type('auth login', overSsh)
    await login.sees(/Signing in by device, because loopback does not fit/)
    await platform.approveDevice(await login.sees(devicePage))
    expect(await login.ended).toBe(0)
    expect(login.screen()).toMatch(/Signed in at/)
    expect((await run('memory list')).code).toBe(0)
  })

  it('does so without a terminal as well: the code is in the log, the result on standard output', async () => {
    const { start, platform } = await machine()
    const login = start('auth login --json', { env: overSsh })
    await expect.poll(login.stderr, { timeout: 20_000 }).toMatch(devicePage)
    await platform.approveDevice(devicePage.exec(login.stderr())?.[1] ?? '')
    const ended = await login.ended
    expect(jsonOf(ended)).toMatchObject({ status: 'signed-in', profile: 'default' })
  })

  it('takes a pasted address, and shows nothing of it', async () => {
    const { type, platform, run } = await machine()
    const login = type('auth login --method paste --port 0')
    const callback = await platform.signIn(await login.sees(authorizePage))
    await login.sees(/not shown/)
    login.type(`${callback}\r`)
    expect(await login.ended).toBe(0)
    expect(login.screen()).not.toContain(new URL(callback).searchParams.get('code'))
    expect((await run('auth status')).code).toBe(0)
  })

  it('uses the browser where it is told to, whatever the surroundings', async () => {
    const { start, signInWithBrowser } = await machine()
    const login = start('auth login --method browser --port 0', { env: overSsh })
    await signInWithBrowser()
    expect(await login.ended).toMatchObject({ code: 0 })
  })

  it('makes sure of an API key in the same go', async () => {
    const { start, signInWithBrowser, platform } = await machine()
    const login = start('auth login --port 0 --key my-laptop --json')
    await signInWithBrowser()
    expect(jsonOf(await login.ended)).toMatchObject({
      apiKey: { name: 'my-laptop', created: true },
    })
    expect(platform.apiKeys).toHaveLength(1)
  })

  it('says what the person has declined', async () => {
    const { start, opened, platform } = await machine()
    const login = start('auth login --port 0 --json')
    await fetch(await platform.signIn(await opened(), { decline: true }))
    const ended = await login.ended
    expect(ended.code).toBe(4)
    expect(jsonOf(ended)).toMatchObject({ error: { code: 'access_denied' } })
  })
})

describe('auth login --method api-key', () => {
  it('takes the key from standard input, tries it, and works without a session', async () => {
    const { run, platform, config } = await machine()
    const { key } = await platform.createApiKey()
    const login = await run('auth login --method api-key', { input: `${key}\n` })
    expect(login).toMatchObject({ code: 0, stdout: expect.stringMatching(/is stored/) })
    expect(login.stdout + login.stderr).not.toContain(key)
    expect(JSON.stringify(await readJson(config))).toContain(key)
    expect((await run('memory create --title One --content text')).code).toBe(0)
    expect((await run('memory list')).stdout).toContain('One')
    expect((await run('auth status --check')).stdout).toContain('the API key works')
    expect(platform.requests.every(({ credential }) => credential === 'api-key')).toBe(true)
  })

  it('asks for it on a terminal without showing it', async () => {
    const { type, platform, run } = await machine()
    const { key } = await platform.createApiKey()
    const login = type('auth login --method api-key')
    await login.sees(/API key/)
    login.type(`${key}\r`)
    expect(await login.ended).toBe(0)
    expect(login.screen()).not.toContain(key)
    expect((await run('memory list')).code).toBe(0)
  })

  it.each([
    ['half a key', 'pk_4f1d', 'api_key_incomplete'],
    ['something else', 'hello', 'api_key_malformed'],
    ['nothing', '', 'api_key_malformed'],
  ])('stores nothing when it is %s', async (_what, input, code) => {
    const { run, platform } = await machine()
    const ended = await run('auth login --method api-key --json', { input })
    expect(ended.code).toBe(3)
    expect(jsonOf(ended)).toMatchObject({ error: { code } })
    expect(platform.requests).toEqual([])
    expect((await run('auth status')).code).toBe(3)
  })

  it('stores no key that is refused', async () => {
    const { run, platform } = await machine()
    const { id, key } = await platform.createApiKey()
    platform.revokeApiKey(id)
    const login = await run('auth login --method api-key', { input: key })
    expect(login).toMatchObject({ code: 3, stdout: '', stderr: expect.stringContaining('api_key') })
    expect((await run('auth status')).code).toBe(3)
    expect(await run('auth login --method api-key --no-check', { input: key })).toMatchObject({
      code: 0,
    })
  })

  it('takes no key as an argument, and does not repeat one that was given', async () => {
    const { run, platform } = await machine()
    const { key } = await platform.createApiKey()
    for (const line of [`auth login --method api-key ${key}`, `auth login --api-key=${key}`]) {
      const { code, stdout, stderr } = await run(line)
      expect(code).toBe(2)
      expect(stdout + stderr).not.toContain(key)
    }
  })
})

describe('auth login --method api-key, where something is in its way', () => {
  it('names the key that was pasted, and says that the variable outranks it', async () => {
    const { run, platform } = await machine()
    const env = { LANONASIS_API_KEY: (await platform.createApiKey({ form: 'roadmap' })).key }
    const { key } = await platform.createApiKey({ name: 'pasted', form: 'roadmap' })
    const { code, stdout, stderr } = await run('auth login --method api-key', { input: key, env })
    expect(code).toBe(0)
    expect(stdout).toContain(`API key ${key.split('.')[0]}…`)
    expect(stderr).toContain('LANONASIS_API_KEY outranks it')
  })

  it('says where the key goes, and does not send it where only the config file says', async () => {
    const { run, platform, config, env } = await machine()
    const { key } = await platform.createApiKey()
    const { mcpHttp } = platform.endpoints
    await writeFile(config, JSON.stringify({ services: { mcp_http: mcpHttp } }), { mode: 0o600 })
    const line = 'auth login --method api-key'
    const fromFile = { input: key, env: { ...env, MCP_HTTP_URL: '' } }
    platform.requests.length = 0
    const ended = await run(line, fromFile)
    expect(ended).toMatchObject({ code: 2, stdout: '' })
    expect(ended.stderr).toContain(
      `The config file says where the services are: mcpHttp ${mcpHttp}`,
    )
    expect(platform.requests).toEqual([])
    expect(await run(`${line} --yes`, fromFile)).toMatchObject({ code: 0 })
    expect((await run(`${line} --yes`, { input: key })).stderr).toContain(
      `The key is for ${mcpHttp}`,
    )
  })

  it('replaces no stored key without a question', async () => {
    const { run, platform, signedIn } = await machine()
    await signedIn()
    await run('key create my-laptop')
    // Of this form the public half tells one key from another.
    const { key } = await platform.createApiKey({ name: 'pasted', form: 'roadmap' })
    const line = 'auth login --method api-key'
    const ended = await run(line, { input: key })
    expect(ended).toMatchObject({ code: 2, stdout: '' })
    expect(ended.stderr).toContain('my-laptop')
    expect((await run('auth status')).stdout).toContain('“my-laptop”')
    expect(await run(`${line} --yes`, { input: key })).toMatchObject({ code: 0 })
    expect(await run(line, { input: key })).toMatchObject({ code: 0 })
  })
})

describe('auth logout --key revoke', () => {
  it('asks first, and says what it revoked', async () => {
    const { run, platform, signedIn } = await machine()
    await signedIn()
    await run('key create my-laptop')
    expect(await run('auth logout --key revoke')).toMatchObject({ code: 2, stdout: '' })
    expect(platform.apiKeys).toMatchObject([{ active: true }])
    expect((await run('auth status')).code).toBe(0)
    const { stdout } = await run('auth logout --key revoke --yes')
    expect(stdout).toMatch(/Signed out\. The API key \S+ is revoked\./)
    expect(platform.apiKeys).toMatchObject([{ active: false }])
  })

  it('fails when the key lives on, signs out all the same, and says how to revoke it', async () => {
    const { run, platform, signedIn } = await machine()
    await signedIn()
    await run('key create my-laptop')
    const [key] = platform.apiKeys
    platform.order({ match: 'POST /auth/api-keys/*', action: { status: 503 } })
    platform.order({ match: 'DELETE /auth/api-keys/*', action: { status: 503 } })
    const ended = await run('auth logout --key revoke --yes')
    expect(ended).toMatchObject({ code: 1, stdout: 'Signed out.\n' })
    expect(ended.stderr).toContain(`run: lanonasis key revoke ${key?.id}`)
    expect(platform.apiKeys).toMatchObject([{ active: true }])
    expect((await run('auth status')).code).toBe(3)
  })

  it('is done when there is no key', async () => {
    const { run, signedIn } = await machine()
    await signedIn()
    expect(await run('auth logout --key revoke --yes')).toMatchObject({ code: 0, stderr: '' })
  })
})

import { existsSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { modeOf, readJson } from '../../support/directories.ts'
import { jsonOf, machine } from './machine.ts'

describe('auth import', () => {
  async function withOldFile() {
    const here = await machine()
    const tokens = await here.platform.issueTokens()
    const { key } = await here.platform.createApiKey()
    const path = join(here.home, '.maas', 'config.json')
    await mkdir(join(here.home, '.maas'))
    const old = {
      version: '1.0.0',
      authMethod: 'oauth2',
      token: tokens.accessToken,
      refresh_token: tokens.refreshToken,
      token_expires_at: tokens.expiresAt,
      vendorKey: key,
    }
    await writeFile(path, JSON.stringify(old), { mode: 0o644 })
    const secrets = [tokens.accessToken, tokens.refreshToken, key]
    return {
      ...here,
      path,
      secrets,
      line: `auth import --issuer ${here.platform.endpoints.authGateway}`,
    }
  }

  it('takes over what the old CLI has left, and says what it did without a secret', async () => {
    const { run, line, path, secrets } = await withOldFile()
    const { code, stdout, stderr } = await run(line)
    expect(code).toBe(0)
    expect(stdout).toContain(`Took the session from ${path}`)
    expect(stdout).toContain(`Took the API key from ${path}`)
    expect(stderr).toContain('Others on this machine can read it (mode 0644)')
    for (const secret of secrets) expect(stdout + stderr).not.toContain(secret)
    expect((await run('memory list')).code).toBe(0)
    expect((await run('auth token --refresh')).code).toBe(0)
    expect((await run(line)).stdout).toBe('Nothing was imported.\n')
  })

  it('only looks with --dry-run, and tightens when it is told to', async () => {
    const { run, line, path } = await withOldFile()
    expect(jsonOf(await run(`${line} --dry-run --json`))).toMatchObject({ dryRun: true })
    expect((await run('auth status')).code).toBe(3)
    expect(await modeOf(path)).toBe('0644')
    await run(`${line} --old-files tighten`)
    expect(await modeOf(path)).toBe('0600')
  })

  it('deletes old files only when that is meant, and says which', async () => {
    const { run, line, path } = await withOldFile()
    expect(await run(`${line} --old-files remove`)).toMatchObject({ code: 2, stdout: '' })
    expect(await modeOf(path)).toBe('0644')
    const { stdout } = await run(`${line} --old-files remove --yes`)
    expect(stdout).toContain(`Removed ${path}`)
    expect(existsSync(path)).toBe(false)
  })

  it('finds nothing on a new machine', async () => {
    const { run } = await machine()
    expect(await run('auth import')).toMatchObject({
      code: 0,
      stdout: 'There is nothing to import.\n',
    })
  })
})

describe('the config file of the time before OAuth', () => {
  it('moves its token at the first start, and the person is asked to sign in once', async () => {
    const { run, config, platform } = await machine()
    const token = await platform.issueLegacyToken()
    const services = { auth_gateway: platform.endpoints.authGateway }
    await writeFile(config, JSON.stringify({ token, services, theme: 'dark' }), { mode: 0o600 })
    const status = await run('auth status')
    expect(status.stdout).toMatch(/old token +of the time before OAuth: sign in once/)
    const { auth, ...rest } = await readJson(config)
    expect(auth.legacyToken).toBe(token)
    expect(rest).toMatchObject({ theme: 'dark' })
    expect(rest).not.toHaveProperty('token')
    const { stderr } = await run('memory list')
    expect(stderr).toContain('Sign in once: lanonasis auth login')
  })
})

describe('--legacy-api', () => {
  it('goes to the old REST API, and without it to MCP Core', async () => {
    const { run, signedIn, platform } = await machine()
    await signedIn()
    await run('memory create --legacy-api --title One --content text')
    expect(platform.requests.at(-1)).toMatchObject({ service: 'restApi', method: 'POST' })
    expect((await run('--legacy-api memory list')).stdout).toContain('One')
    expect(platform.requests.every(({ service }) => service === 'restApi')).toBe(true)
    await run('memory list')
    expect(platform.requests.at(-1)?.service).toBe('mcpHttp')
  })
})

describe('--profile', () => {
  it('keeps several accounts of a person apart', async () => {
    const { run, start, platform, opened } = await machine()
    platform.addUser({ email: 'work@example.com', password: 'another password' })
    for (const [profile, person] of [
      ['default', {}],
      ['work', { email: 'work@example.com', password: 'another password' }],
    ] as const) {
      const login = start(`--profile ${profile} auth login --port 0`)
      await fetch(await platform.signIn(await opened(), person))
      expect(await login.ended).toMatchObject({ code: 0 })
    }
    await run('memory create --title Private --content text')
    await run('memory create --profile work --title Working --content text')
    expect((await run('memory list')).stdout).toMatch(/Private/)
    expect((await run('memory list')).stdout).not.toMatch(/Working/)
    const env = { LANONASIS_PROFILE: 'work' }
    expect((await run('memory list', { env })).stdout).toMatch(/Working/)

    expect((await run('memory list', { env: { LANONASIS_PROFILE: '' } })).stdout).toMatch(/Private/)
    expect(await run('auth status', { args: ['--profile', ''] })).toMatchObject({ code: 2 })

    await run('auth logout', { env })
    expect((await run('auth status', { env })).code).toBe(3)
    expect((await run('auth status')).code).toBe(0)
  })
})

describe('LANONASIS_API_KEY', () => {
  it('is enough, outweighs what is stored, and is never stored', async () => {
    const { run, platform, home } = await machine()
    const { key } = await platform.createApiKey()
    const env = { LANONASIS_API_KEY: key }
    expect((await run('memory list', { env })).code).toBe(0)
    const status = await run('auth status', { env })
    expect(status.code).toBe(0)
    expect(status.stdout).toContain('from LANONASIS_API_KEY')
    expect(status.stdout).not.toContain(key)
    await expect(readJson(join(home, '.maas.config'))).rejects.toThrow(/ENOENT/)
  })
})

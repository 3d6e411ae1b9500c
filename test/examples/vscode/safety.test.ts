import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openWorkbench, patience } from './editor.ts'

describe('what the extension keeps to itself, in a real extension host', {
  timeout: 240_000,
}, () => {
  it('★1 a folder that is opened does not choose where credentials go', async (context) => {
    const settings = {
      'lanonasis.environment': 'staging',
      'lanonasis.endpoints': { authGateway: 'http://127.0.0.1:9', mcpHttp: 'http://127.0.0.1:9' },
    }
    const files = { 'work/.vscode/settings.json': JSON.stringify(settings) }
    const bench = await openWorkbench(context, { files })
    await bench.signIn()
    expect(await logOf(bench.folder)).not.toContain('127.0.0.1:9"')
  })

  it('★14 the CLI’s key is taken where the person agrees, and its session never', async (context) => {
    const tokens = {
      access_token: 'cli-access',
      refresh_token: 'cli-refresh',
      token_type: 'Bearer',
    }
    const key = `lano_${'7'.repeat(64)}`
    const auth = { tokens, api_key: key, client_id: 'lanonasis-cli' }
    const files = { 'home/.maas.config': JSON.stringify({ auth }) }
    const bench = await openWorkbench(context, { files })
    const question = 'of another Lanonasis program on this machine?'
    expect(await bench.notification(question).textContent()).toContain(key.slice(0, 8))
    expect(await bench.status.getAttribute('aria-label')).not.toContain('API key')
    await bench.choose(question, 'Use')
    await expect.poll(() => bench.status.getAttribute('aria-label'), patience).toContain('API key')
    await bench.says('signed out')
    expect(await readFile(join(bench.folder, 'home/.maas.config'), 'utf8')).toBe(
      files['home/.maas.config'],
    )
    expect(JSON.stringify(bench.platform.requests)).not.toMatch(/cli-(access|refresh)/)
  })

  it('its log says what was done, and holds no credential', async (context) => {
    const bench = await openWorkbench(context)
    const { platform, status } = bench
    await bench.signIn()
    await expect.poll(() => status.getAttribute('aria-label'), patience).toContain('API key')
    await bench.run('Rotate API Key')
    await bench.notification('is in use').waitFor()
    await bench.run('Sign Out')
    await bench.says('signed out')
    const log = await logOf(bench.folder)
    for (const said of ['/oauth/token', '"signed-in"', '"signed-out"']) expect(log).toContain(said)
    const secrets = platform.requests.flatMap(({ headers, body }) => [
      headers.authorization?.replace('Bearer ', ''),
      headers['x-api-key'],
      body?.device_code,
      body?.refresh_token,
    ])
    const known = secrets.filter((secret) => typeof secret === 'string')
    expect(new Set(known).size).toBeGreaterThan(2)
    for (const secret of known) expect(log).not.toContain(secret)
  })
})

/** The output channel, as the editor writes it to its disk. */
async function logOf(folder: string): Promise<string> {
  const logs = join(folder, 'user/logs')
  const [name] = (await readdir(logs, { recursive: true })).filter((path) =>
    path.endsWith('Lanonasis.log'),
  )
  return readFile(join(logs, name ?? ''), 'utf8')
}

import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openWorkbench, patience } from './editor.ts'

const key = `lano_${'7'.repeat(64)}`

describe('the extension on a machine with other things, in a real extension host', {
  timeout: 240_000,
}, () => {
  it('★1 lets no folder that is opened choose where credentials go', async (context) => {
    const elsewhere = { authGateway: 'http://127.0.0.1:9', mcpHttp: 'http://127.0.0.1:9/api/v1' }
    const settings = { 'lanonasis.environment': 'staging', 'lanonasis.endpoints': elsewhere }
    const bench = await openWorkbench(context, () => ({ 'work/.vscode/settings.json': settings }))
    await bench.signIn()
    await bench.says('API key')
  })

  it('★14 takes the CLI’s key where the person agrees, and its session never', async (context) => {
    const tokens = {
      access_token: 'cli-access',
      refresh_token: 'cli-refresh',
      token_type: 'Bearer',
    }
    const auth = { tokens, api_key: key, client_id: 'lanonasis-cli' }
    const bench = await openWorkbench(context, ({ endpoints }) => ({
      'home/.maas.config': { auth, services: { auth_gateway: endpoints.authGateway } },
    }))
    const { folder, status, platform } = bench
    const file = () => readFile(join(folder, 'home/.maas.config'), 'utf8')
    const before = await file()
    const question = 'of another Lanonasis program on this machine?'
    expect(await bench.notification(question).textContent()).toContain(key.slice(0, 8))
    expect(await status.getAttribute('aria-label')).not.toContain('API key')
    await bench.choose(question, 'Use')
    await bench.says('API key')
    await bench.says('signed out')
    expect(await file()).toBe(before)
    await expect.poll(() => platform.requestsTo('GET /memor*'), patience).not.toEqual([])
    expect(JSON.stringify(platform.requests)).not.toMatch(/cli-(access|refresh)/)
  })
})

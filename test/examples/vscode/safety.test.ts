import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { copyOf } from '../copies.ts'
import { openWorkbench, patience, type Workbench } from './editor.ts'
import { asOnThisMachine } from './variants.ts'

const key = `lano_${'7'.repeat(64)}`
const elsewhere = { authGateway: 'http://127.0.0.1:9', mcpHttp: 'http://127.0.0.1:9/api/v1' }
const evil = { 'lanonasis.environment': 'staging', 'lanonasis.endpoints': elsewhere }
/** With these no client starts that goes by them. */
const unencrypted = { AUTH_GATEWAY_URL: 'http://auth.example.com' }
const question = 'Another Lanonasis program on this machine has'

const userSettings = async ({ folder }: Workbench) =>
  JSON.parse(await readFile(join(folder, 'user/User/settings.json'), 'utf8'))

beforeAll(() => copyOf('vscode'))

describe('the extension on a machine with other things, in a real extension host', {
  timeout: 300_000,
}, () => {
  it('★1 lets no folder that is opened choose where credentials go, and no container', async (context) => {
    const theme = { 'workbench.colorTheme': 'Default High Contrast' }
    const bench = await openWorkbench(context, {
      files: () => ({
        'work/.vscode/settings.json': evil,
        // Where the settings of a `devcontainer.json` are written to.
        'user/Machine/settings.json': { ...evil, ...theme },
      }),
    })
    await bench.signIn()
    await bench.says('API key')
    // The file counts otherwise.
    await bench.page.locator('.monaco-workbench.hc-black').waitFor()
  })

  it('★1 works in a folder that is not trusted, and by the user’s settings alone', async (context) => {
    const bench = await openWorkbench(context, {
      files: () => ({ 'work/.vscode/settings.json': evil }),
      asksForTrust: true,
    })
    await bench.page.locator('.statusbar-item', { hasText: 'Restricted Mode' }).waitFor()
    await bench.signIn()
    await bench.says('API key')
    expect(bench.platform.requestsTo('POST /oauth/device')).not.toEqual([])
  })

  it('★1 goes by no variable and no address of a file where a folder may have set up the machine', async (context) => {
    const bench = await openWorkbench(context, {
      env: unencrypted,
      hasAddresses: false,
      files: ({ endpoints }) => ({
        'home/.maas.config': { services: { auth_gateway: endpoints.authGateway } },
      }),
    })
    await bench.says('signed out')
    await bench.run('Import from the CLI')
    await bench.notification('There is nothing to import.').waitFor()
    expect(bench.platform.requests).toEqual([])
  })

  it('goes by variables on the person’s own machine, and says which is wrong', async (context) => {
    const bench = await openWorkbench(context, {
      extension: await asOnThisMachine(),
      env: unencrypted,
      hasAddresses: false,
    })
    await bench.notification(/A Lanonasis setting is wrong\. .*AUTH_GATEWAY_URL/).waitFor()
    await bench.says('not started')
    await expect
      .poll(() => bench.tree.textContent(), patience)
      .toContain('Lanonasis is not started: a setting may be wrong.')
    expect(bench.platform.requests).toEqual([])
  })

  it('★14 takes the CLI’s key where the person agrees, and its session never', async (context) => {
    const tokens = {
      access_token: 'cli-access',
      refresh_token: 'cli-refresh',
      token_type: 'Bearer',
    }
    const auth = { tokens, api_key: key, client_id: 'lanonasis-cli' }
    const bench = await openWorkbench(context, {
      files: ({ endpoints }) => ({
        'home/.maas.config': { auth, services: { auth_gateway: endpoints.authGateway } },
      }),
    })
    const { folder, status, platform } = bench
    const file = () => readFile(join(folder, 'home/.maas.config'), 'utf8')
    const before = await file()
    expect(await bench.told(question)).toContain(key.slice(0, 8))
    expect(await status.getAttribute('aria-label')).not.toContain('API key')
    await bench.choose(question, 'Review…')
    const asked = await bench.answer(/^Use$/)
    expect(asked).toContain(`the API key ${key.slice(0, 8)} (~/.maas.config)`)
    expect(asked).not.toMatch(/session|127\.0\.0\.1/)
    await bench.says('API key')
    await bench.says('signed out')
    expect(await file()).toBe(before)
    await expect.poll(() => platform.requestsTo('GET /memor*'), patience).not.toEqual([])
    expect(JSON.stringify(platform.requests)).not.toMatch(/cli-(access|refresh)/)
  })

  it('★1 takes the CLI’s addresses when the person has seen each of them, into their own settings', async (context) => {
    const own = { restApi: 'https://api.example.org/api/v1' }
    const bench = await openWorkbench(context, {
      extension: await asOnThisMachine(),
      hasAddresses: false,
      settings: () => ({ 'editor.fontSize': 15, 'lanonasis.endpoints': own }),
      files: ({ endpoints }) => ({
        'home/.maas.config': {
          auth: { api_key: key },
          services: {
            auth_gateway: endpoints.authGateway,
            mcp_http: endpoints.mcpHttp,
            mcp_ws: endpoints.mcpWs,
            mcp_sse: endpoints.mcpSse,
          },
        },
      }),
    })
    const { platform, page } = bench
    const { restApi: _, ...taken } = platform.endpoints
    await bench.choose(question, 'Review…')
    await page.locator('.monaco-dialog-box').waitFor()
    await bench.picture('import')
    expect(await userSettings(bench)).toMatchObject({ 'lanonasis.endpoints': own })
    const asked = await bench.answer(/^Use$/)
    for (const text of [key.slice(0, 8), '~/.maas.config', ...Object.values(taken)]) {
      expect(asked).toContain(text)
    }
    expect(asked).toContain(`${own.restApi} (as now)`)
    await bench.says('API key')
    expect(await userSettings(bench)).toMatchObject({
      'editor.fontSize': 15,
      'lanonasis.endpoints': { ...taken, ...own },
    })
    // At once, and with no window loaded again.
    await expect.poll(() => platform.requestsTo('GET /memor*'), patience).not.toEqual([])
    await bench.signIn()
  })

  it('takes nothing when the person does not agree', async (context) => {
    const bench = await openWorkbench(context, {
      extension: await asOnThisMachine(),
      hasAddresses: false,
      files: ({ endpoints }) => ({
        'home/.maas.config': {
          auth: { api_key: key },
          services: { auth_gateway: endpoints.authGateway },
        },
      }),
    })
    const before = await userSettings(bench)
    await bench.choose(question, 'Review…')
    await bench.answer(/^Cancel$/)
    await bench.run('Import from the CLI')
    await bench.answer(/^Cancel$/)
    expect(await userSettings(bench)).toEqual(before)
    await bench.says('signed out')
    expect(await bench.status.getAttribute('aria-label')).not.toContain('API key')
    expect(bench.platform.requests).toEqual([])
  })
})

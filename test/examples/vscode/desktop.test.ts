import { beforeAll, describe, expect, it } from 'vitest'
import { copyOf } from '../copies.ts'
import { openWorkbench, patience, type Workbench } from './editor.ts'
import { asOnDesktop } from './variants.ts'

beforeAll(() => copyOf('vscode'))

/**
 * What the person's browser comes back with. The editor asks nobody about a page of this machine, and opens it by
 * way of its own server, so the person goes there directly.
 */
async function signInOnPage(bench: Workbench): Promise<string> {
  const { platform } = bench
  await bench.run('Sign In')
  const asked = () => platform.requestsTo('GET /oauth/authorize')
  await expect.poll(asked, patience).not.toEqual([])
  const authorize = new URL('/oauth/authorize', platform.endpoints.authGateway)
  for (const [name, value] of Object.entries(asked()[0]?.query ?? {})) {
    authorize.searchParams.set(name, String(value))
  }
  return platform.signIn(authorize)
}

describe('the extension as on a desktop, in a real extension host', { timeout: 300_000 }, () => {
  it('signs in by its URI, and no other page’s URI disturbs it', async (context) => {
    const extension = await asOnDesktop({ uriScheme: 'vscode', appName: 'Visual Studio Code' })
    const bench = await openWorkbench(context, { extension })
    const { platform, page } = bench
    const callback = await signInOnPage(bench)
    expect(callback).toMatch(/^vscode:\/\/lanonasis\.mcp-client\/callback\?code=/)
    const input = page.locator('.quick-input-widget input').first()
    const forged = 'vscode://lanonasis.mcp-client/callback?code=forged&state=forged'
    for (const uri of [forged, callback]) {
      await page.keyboard.press('F1')
      await input.fill('>Open URL')
      await page.locator('.quick-input-list .monaco-list-row', { hasText: 'Open URL' }).click()
      await expect.poll(() => input.inputValue(), patience).toBe('')
      await input.fill(uri)
      await input.press('Enter')
      expect(await bench.answer(/^Open$/)).toContain('Lanonasis')
    }
    await bench.says('signed in')
    await bench.says('API key')
    const exchanges = platform.requestsTo('POST /oauth/token').map(({ body }) => body)
    expect(exchanges).toMatchObject([
      { redirect_uri: 'vscode://lanonasis.mcp-client/callback', client_id: 'vscode-extension' },
    ])
    await bench.reload()
    await bench.says('signed in')
  })

  it('signs in by a port of this machine in an editor whose URI is not registered', async (context) => {
    const extension = await asOnDesktop({ uriScheme: 'cursor', appName: 'Cursor' })
    const bench = await openWorkbench(context, { extension })
    const { platform } = bench
    const callback = await signInOnPage(bench)
    expect(callback).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/callback\?code=/)
    expect((await fetch(callback)).status).toBe(200)
    await bench.says('signed in')
    await bench.says('API key')
    const [exchange] = platform.requestsTo('POST /oauth/token')
    expect(exchange?.body).toMatchObject({ client_id: 'cursor-extension' })
    expect(platform.apiKeys.map(({ name }) => name)).toEqual(['Cursor'])
    await bench.reload()
    await bench.says('signed in')
  })
})

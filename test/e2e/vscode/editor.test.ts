import type { Page } from 'playwright-core'
import { describe, expect, it, onTestFinished, type TestContext } from 'vitest'
import { servePlatform } from '../../../src/testing-node.ts'
import { startEditor } from './editor.ts'

const pageUrl =
  'https://auth.example.com/web/login?return_to=%2Foauth%2Fauthorize%3Fredirect_uri%3Dvscode%253A%252F%252Fx%26state%3D1%2B2'

/** The editor with the extension, and the services that it signs in to. */
async function start(context: TestContext) {
  const platform = await servePlatform()
  onTestFinished(() => platform.close())
  const [client] = platform.clients.filter(({ clientId }) => clientId === 'vscode-extension')
  platform.addClient({
    clientId: 'vscode-extension',
    redirectUris: [...(client?.redirectUris ?? []), 'code-oss://lanonasis.mcp-client/callback'],
  })
  return { platform, ...(await startEditor(context, platform.env)) }
}

/** Answers what the editor asks. */
async function answer(page: Page, button: RegExp): Promise<string> {
  const dialog = page.locator('.monaco-dialog-box')
  const text = (await dialog.textContent()) ?? ''
  await dialog.locator('.monaco-button', { hasText: button }).first().click()
  return text
}

/** Has the system hand a URI to the editor: here, the person types it. */
async function handOver(page: Page, uri: string): Promise<void> {
  const input = page.locator('.quick-input-widget input').first()
  await input.waitFor({ state: 'visible' })
  await input.fill(uri)
  await input.press('Enter')
  await answer(page, /^Open$/)
}

describe('the extension in a real extension host', { timeout: 240_000 }, () => {
  it('tells why no flow fits in a page', async (context) => {
    const { perform } = await start(context)
    expect(await perform('host')).toEqual({
      value: {
        id: 'lanonasis.mcp-client',
        uriScheme: 'code-oss',
        uiKind: 2,
        clientId: 'vscode-extension',
      },
    })
    const { error } = await perform('signIn')
    expect(error).toMatchObject({ code: 'config_invalid' })
    const said = JSON.stringify(error)
    expect(said).toContain('code-oss://lanonasis.mcp-client is not registered')
    expect(said).toContain('loopback: the browser may be on another machine')
    expect(said).toContain('device: nobody shows its code')
  })

  it('signs in with another device where somebody shows its code', async (context) => {
    const { platform, perform } = await start(context)
    const signingIn = perform('signInWithPrompts')
    const shown = async () => JSON.stringify(await perform('prompts'))
    await expect.poll(shown).toContain('device-code')
    const address = /"urlComplete":"([^"]+)"/.exec(await shown())?.[1] ?? ''
    await platform.approveDevice(address)
    expect(await signingIn).toMatchObject({ value: { status: 'signed-in', tokenKind: 'jwt' } })
    expect(await perform('session')).toMatchObject({ value: { status: 'signed-in' } })
  })

  it('opens a page letter by letter when it is a text, and another one when it is a Uri', async (context) => {
    const { page, perform } = await start(context)
    const requested: string[] = []
    await page.context().route('https://auth.example.com/**', (route) => {
      requested.push(route.request().url())
      return route.fulfill({ body: 'A page to sign in on.' })
    })
    for (const action of ['open', 'openAsUri'] as const) {
      const opening = perform(action, pageUrl)
      await answer(page, /^Open$/)
      expect(await opening).toEqual({ value: action === 'open' ? 'opened' : true })
    }
    await expect.poll(() => requested).toHaveLength(2)
    expect(requested[0]).toBe(pageUrl)
    expect(requested[1]).not.toBe(pageUrl)
  })

  it('signs in by a URI of the editor, and keeps the session in its secrets', async (context) => {
    const { platform, page, perform } = await start(context)
    const signingIn = perform('signInAsOnDesktop')
    await expect.poll(() => platform.requestsTo('GET /oauth/authorize')).not.toEqual([])
    // A page of this machine is opened by way of the editor's server, so the person goes there directly.
    const query = platform.requestsTo('GET /oauth/authorize')[0]?.query ?? {}
    const authorize = new URL('/oauth/authorize', platform.endpoints.authGateway)
    for (const [name, value] of Object.entries(query)) {
      authorize.searchParams.set(name, String(value))
    }
    const callback = await platform.signIn(authorize)
    expect(callback).toMatch(/^code-oss:\/\/lanonasis\.mcp-client\/callback\?code=/)

    const asking = perform('askForUri')
    await handOver(page, callback)
    await asking
    expect(await signingIn).toMatchObject({ value: { status: 'signed-in' } })
    expect(await perform('session')).toMatchObject({ value: { status: 'signed-in' } })
    const [exchange] = platform.requestsTo('POST /oauth/token')
    expect(exchange?.body?.redirect_uri).toBe('code-oss://lanonasis.mcp-client/callback')
  })

  it('says that the person does not want the page, although the clipboard is not to be read', async (context) => {
    const { page, perform } = await start(context)
    const opening = perform('open', pageUrl)
    expect(await answer(page, /^Cancel$/)).toContain(pageUrl)
    expect(await opening).toEqual({ value: 'declined' })
  })
})

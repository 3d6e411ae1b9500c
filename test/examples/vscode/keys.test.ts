import { beforeAll, describe, expect, it } from 'vitest'
import { copyOf } from '../copies.ts'
import { openWorkbench, patience, remember } from './editor.ts'

const half = `pk_${'a'.repeat(16)}`

beforeAll(() => copyOf('vscode'))

describe('API keys in the extension, in a real extension host', { timeout: 240_000 }, () => {
  it('are rotated by a command: the new one is used, and the old one is dead', async (context) => {
    const bench = await openWorkbench(context)
    const { platform, status } = bench
    await bench.signIn()
    await bench.says('API key')
    const before = await status.getAttribute('aria-label')
    await bench.run('Rotate API Key')
    await bench.notification('is in use.').waitFor()
    // The editor writes it a moment after it is told.
    await expect.poll(() => status.getAttribute('aria-label'), patience).not.toBe(before)
    expect(platform.apiKeys.map(({ active }) => active)).toEqual([false, true])
    const used = () => platform.requestsTo('GET /memor*').at(-1)
    await bench.run('Refresh Memories')
    await expect.poll(() => used()?.status, patience).toBe(200)
  })

  it('are told from an ended session: half a key is named as such while it is typed', async (context) => {
    const bench = await openWorkbench(context)
    const { platform, page, tree } = bench
    await remember(platform, 'Seen with a key')
    await bench.run('Enter API Key')
    const input = page.locator('.quick-input-widget input').first()
    const said = page.locator('.quick-input-widget .quick-input-message')
    await bench.asks('Lanonasis API Key')
    await input.fill(half)
    await expect.poll(() => said.textContent(), patience).toContain('only the public half')
    await input.fill('nothing of the kind')
    await expect.poll(() => said.textContent(), patience).toMatch(/dashboard|white space|key/)
    const { key } = await platform.createApiKey({ name: 'from the dashboard' })
    await input.fill(key)
    await input.press('Enter')
    await bench.notification('The API key is kept in the secrets of the editor.').waitFor()
    // With a key and without a session.
    await expect.poll(() => tree.textContent(), patience).toContain('Seen with a key')
    await bench.says('signed out')
    const { authorization, 'x-api-key': sent } =
      platform.requestsTo('GET /memor*').at(-1)?.headers ?? {}
    expect({ authorization, sent }).toEqual({ authorization: undefined, sent: key })
  })

  it('are named when the services refuse them, and nobody is told to sign in', async (context) => {
    const bench = await openWorkbench(context)
    const { platform, page } = bench
    const { key, id } = await platform.createApiKey({ name: 'from the dashboard' })
    await bench.run('Enter API Key')
    const input = page.locator('.quick-input-widget input').first()
    await bench.asks('Lanonasis API Key')
    await input.fill(key)
    await input.press('Enter')
    await bench.notification('The API key is kept').waitFor()
    platform.expireApiKey(id)
    await bench.run('Refresh Memories')
    await bench.notification('Your Lanonasis API key has expired.').waitFor()
    // The status bar tells it from a session that has ended, too.
    await expect.poll(() => bench.status.textContent(), patience).toContain('API Key Expired')
    await bench.says('signed out')
    await bench.choose('Your Lanonasis API key has expired.', 'Enter API Key')
    await bench.asks('Lanonasis API Key')
    const good = await platform.createApiKey({ name: 'a new one' })
    await input.fill(good.key)
    await input.press('Enter')
    await expect.poll(() => bench.status.textContent(), patience).not.toContain('API Key Expired')
  })
})

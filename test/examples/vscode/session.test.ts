import { beforeAll, describe, expect, it } from 'vitest'
import { copyOf } from '../copies.ts'
import { openWorkbench, patience, remember } from './editor.ts'

beforeAll(() => copyOf('vscode'))

describe('signing in with the extension, in a real extension host', { timeout: 240_000 }, () => {
  it('takes one click in its view, shows the memories, and lasts when the window is loaded again', async (context) => {
    const bench = await openWorkbench(context)
    const { platform, page, status, tree } = bench
    await remember(platform, 'A first memory')
    await remember(platform, 'A second memory')
    await remember(platform, '/api/v1 notes')
    await expect.poll(() => status.textContent(), patience).toContain('Lanonasis: Sign In')
    await expect.poll(() => tree.textContent(), patience).toContain('Sign in to see your memories.')
    await tree.getByText('Sign In', { exact: true }).click()
    await bench.notification('waiting for you to allow it').waitFor()
    await page.getByText('Open Page').waitFor()
    await bench.picture('login')
    await bench.allow()
    // The key is made after the sign-in: a window that is loaded again meanwhile does not have it.
    await bench.says('API key')
    await expect.poll(() => tree.textContent(), patience).toContain('A second memory')
    // A title that is no path, which the editor would refuse as one.
    await expect.poll(() => tree.textContent(), patience).toContain('/api/v1 notes')
    await tree.getByText('A first memory').click()
    await expect
      .poll(() => page.locator('.monaco-editor .view-lines').first().textContent(), patience)
      .toMatch(/Details.of.A.first.memory/)
    await bench.picture('tree')

    const signIns = platform.requestsTo('POST /oauth/token').length
    await bench.reload()
    await bench.says('signed in')
    await expect.poll(() => tree.textContent(), patience).toContain('A first memory')
    expect(platform.requestsTo('POST /oauth/token')).toHaveLength(signIns)
    expect(platform.apiKeys.filter(({ name }) => name === 'code-server')).toHaveLength(1)
  })

  it('has the account in the editor’s menu, by which the person signs out for good', async (context) => {
    const bench = await openWorkbench(context)
    const { platform, page, tree } = bench
    const [user] = platform.users
    await bench.signIn()
    await bench.says('API key')
    const account = page.getByRole('menuitem', { name: `${user?.email} (Lanonasis)` })
    const question = page.locator('.monaco-dialog-box')
    const timeout = 5_000
    // A menu of the editor closes by itself when something else takes the focus.
    const ask = async () => {
      await page.keyboard.press('Escape')
      await page.locator('.activitybar [aria-label^="Accounts"]').first().click({ timeout })
      await account.click({ timeout })
      await page.getByRole('menuitem', { name: 'Sign Out' }).click({ timeout })
      await question.waitFor({ timeout })
      return true
    }
    await expect.poll(ask, patience).toBe(true)
    await question.locator('.monaco-button', { hasText: 'Sign Out' }).first().click()
    await bench.says('signed out')
    await expect.poll(() => tree.textContent(), patience).toContain('Sign in to see your memories.')
    await bench.reload()
    await bench.says('signed out')
  })

  it('signs out by its command: tokens and key are dead at the services', async (context) => {
    const bench = await openWorkbench(context)
    const { platform } = bench
    await bench.signIn()
    await expect.poll(() => platform.apiKeys.length, patience).toBe(1)
    await bench.says('API key')
    const { authorization = '' } = platform.requestsTo('POST /auth/api-keys')[0]?.headers ?? {}
    const tryToken = async () => {
      const url = `${platform.endpoints.mcpHttp}/auth/api-keys`
      return (await fetch(url, { headers: { authorization } })).status
    }
    expect(await tryToken()).toBe(200)
    await bench.run('Sign Out')
    await bench.says('signed out')
    await expect.poll(tryToken, patience).toBe(401)
    await expect.poll(() => platform.apiKeys.map(({ active }) => active), patience).toEqual([false])
  })

  it('shows the code again to whoever has closed it', async (context) => {
    const bench = await openWorkbench(context)
    const { page } = bench
    await bench.run('Sign In')
    const title = page.locator('.quick-input-title', { hasText: /with the code \S/ })
    await title.waitFor()
    await page.locator('.quick-input-widget input').first().press('Escape')
    await title.waitFor({ state: 'hidden' })
    await bench.choose(/The sign-in goes on, with the code \S/, 'Show Again')
    await bench.allow()
  })

  it('says that the memories cannot be read in an outage, and not that there are none', async (context) => {
    const bench = await openWorkbench(context)
    const { platform, tree } = bench
    await bench.signIn()
    await bench.says('API key')
    // With a new key the view is read again, which would be the end of the outage in it.
    const readings = () =>
      platform.requestsTo('GET /memor*').map(({ credential, status }) => `${credential} ${status}`)
    await expect.poll(readings, patience).toContain('api-key 200')
    await expect.poll(() => tree.textContent(), patience).toContain('There are no memories yet.')
    const mend = platform.order({ match: 'GET /memor*', action: { status: 503 } })
    await bench.run('Refresh Memories')
    await expect
      .poll(() => tree.textContent(), patience)
      .toContain('The memories cannot be read now.')
    expect(await tree.textContent()).not.toContain('There are no memories yet.')
    mend()
    await tree.getByText('The memories cannot be read now.').click()
    await expect.poll(() => tree.textContent(), patience).toContain('There are no memories yet.')
  })

  it('says that the session has ended, and goes on by signing in again', async (context) => {
    const bench = await openWorkbench(context)
    const { platform, status } = bench
    await bench.signIn()
    await bench.says('API key')
    platform.revokeTokens()
    platform.expireAccessTokens()
    await bench.run('Rotate API Key')
    await bench.notification('Your Lanonasis session has ended.').waitFor()
    await expect.poll(() => status.textContent(), patience).toContain('Session Expired')
    await bench.picture('expired')
    await bench.choose('Your Lanonasis session has ended.', 'Sign In')
    await bench.allow()
    await expect.poll(() => status.textContent(), patience).not.toContain('Session Expired')
  })
})

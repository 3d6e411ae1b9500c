import { describe, expect, it } from 'vitest'
import type { ServedPlatform } from '../../../src/testing-node.ts'
import { until } from '../../e2e/browser/redirect/dashboard.ts'
import { type BrowserTab, browserNames, closeBrowsersAfterwards } from '../../support/browsers.ts'
import { click, fill, focusOn, textOf, untilText, visitSignedIn } from './visit.ts'

closeBrowsersAfterwards()
const timeout = 90_000

/** Creates a key as a person does, and reads it in the dialog that shows it. */
async function createKey(tab: BrowserTab, name: string): Promise<string> {
  await click(tab, 'New key')
  await fill(tab, 'Name', name)
  await click(tab, 'Create key')
  await untilText(tab, 'Copy your key now')
  return textOf(tab, 'dialog code')
}

/** Whether MCP Core takes the key. */
async function statusWith(key: string, { endpoints }: ServedPlatform): Promise<number> {
  const headers = { 'x-api-key': key }
  return (await fetch(`${endpoints.mcpHttp}/memory`, { headers })).status
}

const warning = `document.querySelector('[role=alert]')?.innerText ?? ''`

describe.each(browserNames)('API keys in %s', (browser) => {
  it('shows a new key in full, once, and it works', { timeout }, async (context) => {
    const { tab, platform, violations } = await visitSignedIn({ browser }, context)
    await untilText(tab, 'No keys yet')
    const key = await createKey(tab, 'Build server')
    expect(key).toMatch(/^pk_\w+\.sk_\w+$/)
    expect(await statusWith(key, platform)).toBe(200)
    await click(tab, 'I have stored it')
    await untilText(tab, 'Build server')
    // The focus is where it was before the dialog.
    await until(tab, 'document.activeElement.innerText', 'New key')
    const [publicId = '', secret = ''] = key.split('.')
    const page = String(await tab.evaluate('document.documentElement.outerHTML'))
    expect(page).toContain(publicId)
    expect(page).not.toContain(secret)
    await tab.reload()
    await untilText(tab, publicId)
    await untilText(tab, secret, false)
    expect(violations).toEqual([])
  })

  it('copies the full key with the button, by keyboard alone', { timeout }, async (context) => {
    const { tab } = await visitSignedIn({ browser }, context)
    await createKey(tab, 'Laptop')
    // The dialog opens with the focus on it.
    await until(tab, 'document.activeElement.innerText', 'Copy full key')
    await tab.press('Enter')
    await untilText(tab, 'The full key is on your clipboard.')
    await tab.press('Tab')
    await tab.press('v', 'Control')
    await untilText(tab, 'This is the full key.')
    // Escape does not lose what nobody can show again.
    await tab.press('Escape')
    await untilText(tab, 'Copy your key now')
    await click(tab, 'Done')
    await untilText(tab, 'Copy your key now', false)
  })

  it('warns while only the pk_ half is selected, and when it is copied or pasted', {
    timeout,
  }, async (context) => {
    const { tab } = await visitSignedIn({ browser }, context)
    const key = await createKey(tab, 'Laptop')
    const [publicId = ''] = key.split('.')
    expect(await tab.evaluate(warning)).toBe('')

    const place = `document.querySelector('dialog .actions').getBoundingClientRect().top`
    const before = await tab.evaluate(place)
    await tab.doubleClick('dialog code span')
    await until(tab, 'String(getSelection()).trim()', publicId)
    const selected = 'You have selected only a part of the key. This is only the public half.'
    await until(tab, `(${warning}).startsWith(${JSON.stringify(selected)})`)
    // A press on a button ends the selection: what goes away then must not move the button.
    expect(await tab.evaluate(place)).toBe(before)
    await tab.evaluate('getSelection().removeAllRanges()')
    await until(tab, warning, '')

    await tab.doubleClick('dialog code span')
    await tab.press('c', 'Control')
    const copied = 'You have copied only a part of the key.'
    await until(tab, `(${warning}).startsWith(${JSON.stringify(copied)})`)
    // It stays: what is on the clipboard is still only a half.
    await tab.evaluate('getSelection().removeAllRanges()')
    await focusOn(tab, 'Paste it here to check your copy')
    await until(tab, `(${warning}).startsWith(${JSON.stringify(copied)})`)

    await tab.press('v', 'Control')
    await until(tab, 'document.activeElement.value', publicId)
    await untilText(tab, 'Copy the full string from the dashboard')
    expect(await tab.evaluate('document.activeElement.ariaInvalid')).toBe('true')

    await tab.evaluate(`getSelection().selectAllChildren(document.querySelector('dialog code'))`)
    await tab.press('c', 'Control')
    await until(tab, warning, '')
  })

  it('warns of a half in the list, and of a key that lacks its end', {
    timeout,
  }, async (context) => {
    const { tab } = await visitSignedIn({ browser }, context)
    const key = await createKey(tab, 'Laptop')
    await fill(tab, 'Paste it here to check your copy', key.slice(0, -1))
    await untilText(tab, 'a part is missing')
    await click(tab, 'I have stored it')
    await tab.doubleClick('.rows code')
    await until(tab, `(${warning}).includes('selected only a part')`)
    await fill(tab, 'Check a key', key)
    await untilText(tab, 'A full key of “Laptop”.')
    await fill(tab, 'Check a key', key.split('.')[1] ?? '')
    await untilText(tab, 'This is only the secret half.')
  })

  it('rotates a key: the new secret is shown, the old one is dead', {
    timeout,
  }, async (context) => {
    const { tab, platform } = await visitSignedIn({ browser }, context)
    const old = await createKey(tab, 'Laptop')
    await click(tab, 'I have stored it')
    await click(tab, 'Rotate Laptop')
    await click(tab, 'Rotate key')
    await untilText(tab, 'Copy your key now')
    const key = await textOf(tab, 'dialog code')
    expect(key).not.toBe(old)
    expect(key.split('.')[0]).toBe(old.split('.')[0])
    expect(await statusWith(key, platform)).toBe(200)
    expect(await statusWith(old, platform)).toBe(401)
  })

  it('revokes a key only after a question', { timeout }, async (context) => {
    const { tab, platform } = await visitSignedIn({ browser }, context)
    const key = await createKey(tab, 'Laptop')
    await click(tab, 'I have stored it')
    await click(tab, 'Revoke Laptop')
    await tab.press('Escape')
    await untilText(tab, 'Every program that uses this key', false)
    expect(await statusWith(key, platform)).toBe(200)
    await click(tab, 'Revoke Laptop')
    await click(tab, 'Revoke key')
    await untilText(tab, '“Laptop” is revoked.')
    expect(await statusWith(key, platform)).toBe(401)
    // Its button is gone: the focus is on the heading of the list.
    await until(tab, 'document.activeElement.innerText', 'API keys')
  })

  it('says in the dialog why a key could not be made', { timeout }, async (context) => {
    const { tab, platform } = await visitSignedIn({ browser }, context)
    await createKey(tab, 'Laptop')
    await click(tab, 'I have stored it')
    await click(tab, 'New key')
    await fill(tab, 'Name', 'Laptop')
    await click(tab, 'Create key')
    await until(tab, `(${warning}).includes('already exists')`)
    await fill(tab, 'Name', 'Another laptop')
    await click(tab, 'Create key')
    await untilText(tab, 'Copy your key now')
    expect(platform.apiKeys.map(({ name }) => name)).toEqual(['Laptop', 'Another laptop'])
  })
})

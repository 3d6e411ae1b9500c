import { describe, expect, it } from 'vitest'
import { decide, enterPassword, until } from '../../e2e/browser/redirect/dashboard.ts'
import { type BrowserTab, browserNames, closeBrowsersAfterwards } from '../../support/browsers.ts'
import { buildBeforehand, untilText, visit } from './visit.ts'

closeBrowsersAfterwards()
buildBeforehand()

/** The name of what has the focus, and whether the ring around it is seen. */
const focused = `(({ ariaLabel, labels, innerText }, { outlineStyle, outlineWidth }) => [
  (ariaLabel ?? labels?.[0]?.firstChild.data ?? innerText).trim(),
  outlineStyle !== 'none' && outlineWidth !== '0px',
].join())(document.activeElement, getComputedStyle(document.activeElement))`

/** Presses Tab once for each of these, which is where the focus has to be. */
async function tabThrough(tab: BrowserTab, names: readonly string[]): Promise<void> {
  const found: unknown[] = []
  for (const _ of names) {
    await tab.press('Tab')
    found.push(await tab.evaluate(focused))
  }
  expect(found).toEqual(names.map((name) => `${name},true`))
}

describe.each(browserNames)('by keyboard alone in %s', (browser) => {
  it('a person signs in, makes a key and revokes it', { timeout: 90_000 }, async (context) => {
    const { tab, platform } = await visit({ browser }, context)
    await untilText(tab, 'Continue with Lanonasis')
    await tabThrough(tab, ['Lanonasis', 'Continue with Lanonasis'])
    await tab.press('Enter')
    await enterPassword(tab, platform)
    await decide(tab)

    await untilText(tab, 'No keys yet')
    await untilText(tab, 'No memories yet')
    await tabThrough(tab, ['Lanonasis', 'Sign out in all tabs', 'New key'])
    await tab.press('Enter')
    await until(tab, focused, 'Name,true')
    await tab.type('Laptop')
    await tab.press('Enter')
    await until(tab, focused, 'Copy full key,true')
    await tabThrough(tab, ['Paste it here to check your copy', 'I have stored it'])
    await tab.press('Enter')

    await until(tab, focused, 'New key,true')
    await untilText(tab, 'Active')
    await tabThrough(tab, [
      'Rotate Laptop',
      'Revoke Laptop',
      'Check the form of a key',
      'New memory',
      'Search memories',
    ])
    for (const _ of ['New memory', 'Check the form of a key', 'Revoke Laptop']) {
      await tab.press('Tab', 'Shift')
    }
    await tab.press('Enter')
    // What does no harm has the focus.
    await until(tab, focused, 'Cancel,true')
    await tabThrough(tab, ['Revoke key'])
    await tab.press('Enter')
    await untilText(tab, '“Laptop” is revoked.')
    expect(platform.apiKeys).toMatchObject([{ name: 'Laptop', active: false }])
  })
})

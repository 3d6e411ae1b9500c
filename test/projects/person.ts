import { expect } from 'vitest'
import { LanonasisClient } from '../../src/client/lanonasis-client.ts'
import { memoryStore } from '../../src/store/memory-store.ts'
import type { ServedPlatform } from '../../src/testing-node.ts'
import { decide, enterPassword, until } from '../e2e/browser/redirect/dashboard.ts'
import type { BrowserTab } from '../support/browsers.ts'

/** Another program of the person's has written a memory. @returns its API key */
export async function rememberSomething(
  platform: ServedPlatform,
  tags: readonly string[] = [],
): Promise<string> {
  const { key } = await platform.createApiKey()
  const tool = new LanonasisClient({
    clientId: 'my-tool',
    apiKey: key,
    env: platform.env,
    store: memoryStore(),
  })
  await tool.memory.create({ title: 'Written by a tool', content: 'Something', tags })
  return key
}

/** The person presses the button of a page, signs in at the gateway, allows it, and is shown the memory; and signs out. */
export async function readMemoriesInPage(tab: BrowserTab, platform: ServedPlatform): Promise<void> {
  const button = `document.querySelector('button')?.innerText`
  const list = `document.querySelector('ul')?.innerText`
  await until(tab, button, 'Sign in')
  await tab.click('button')
  await enterPassword(tab, platform)
  await decide(tab)
  await until(tab, button, 'Sign out')
  await until(tab, list, 'Written by a tool')
  expect(platform.requestsTo('POST /oauth/token')).toHaveLength(1)
  expect(await tab.evaluate('location.search')).toBe('')

  await tab.reload()
  await until(tab, list, 'Written by a tool')
  expect(platform.requestsTo('POST /oauth/token')).toHaveLength(1)

  await tab.click('button')
  await until(tab, button, 'Sign in')
  await until(tab, list, '')
}

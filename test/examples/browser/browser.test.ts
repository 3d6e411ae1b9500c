import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { decide, enterPassword, until, untilAt } from '../../e2e/browser/redirect/dashboard.ts'
import { browserNames, closeBrowsersAfterwards, newProfile } from '../../support/browsers.ts'
import { root } from '../../tools/paths.mjs'
import { startExample } from '../start-example.ts'

closeBrowsersAfterwards()
const buttonText = `document.querySelector('button').innerText`
const listText = `document.querySelector('ul').innerText`

/** From now on memories arrive in this tab only when they are released. */
const holdMemories = `{
  const { fetch } = globalThis
  globalThis.fetch = async (input, init) => {
    const response = await fetch(input, init)
    if (!String(input.url ?? input).includes('/memor')) return response
    await new Promise((release) => { globalThis.release = release })
    setTimeout(() => { globalThis.hasArrived = true }, 200)
    return response
  }
}; void 0`

it('is shorter than 40 lines', async () => {
  const program = await readFile(join(root, 'examples/browser/src/page.ts'), 'utf8')
  expect(program.split('\n').length).toBeLessThan(40)
})

describe.each(browserNames)('in %s', (browser) => {
  it('signs in, lists memories, and signs out in all tabs, with one command', {
    timeout: 240_000,
  }, async (context) => {
    const example = await startExample('browser', 'try')
    const profile = await newProfile(browser, context)
    const tab = await profile.open(example.url)
    const other = await profile.open(example.url)
    await until(tab, buttonText, 'Sign in')
    await tab.click('button')
    await enterPassword(tab, { users: [example] })
    await untilAt(tab, 'Allow access?')
    await tab.click('[value=deny]')
    await until(tab, `document.querySelector('[role=alert]')?.innerText.includes('declined')`)
    await other.evaluate(holdMemories)
    await tab.click('button')
    await decide(tab)
    await until(tab, buttonText, 'Sign out')
    await until(tab, listText, 'Written by a tool')
    await until(other, buttonText, 'Sign out')
    await until(other, `typeof globalThis.release`, 'function')
    await other.click('button')
    await until(tab, buttonText, 'Sign in')
    await until(tab, listText, '')
    // The list of the session that has ended comes late, and is nobody's any more.
    await until(other, buttonText, 'Sign in')
    await other.evaluate(`globalThis.release()`)
    await until(other, `globalThis.hasArrived`)
    expect(await other.evaluate(listText)).toBe('')
  })
})

import { describe, expect, it, type TestContext } from 'vitest'
import type { User } from '../../../src/testing.ts'
import type { ServedPlatform } from '../../../src/testing-node.ts'
import { decide, enterPassword, until, untilAt } from '../../e2e/browser/redirect/dashboard.ts'
import { type BrowserTab, browserNames, closeBrowsersAfterwards } from '../../support/browsers.ts'
import {
  buildBeforehand,
  click,
  createKey,
  fill,
  rotateKey,
  signIn,
  statusWith,
  textOf,
  untilText,
  type VisitOptions,
  visit,
  visitSignedIn,
  visitWithKey,
} from './visit.ts'

closeBrowsersAfterwards()
buildBeforehand()
const timeout = 120_000

/** One signs out, and another person signs in at the gateway and here. */
async function changePerson(
  tab: BrowserTab,
  { platform, next }: { platform: ServedPlatform; next: User },
): Promise<void> {
  await click(tab, 'Sign out in all tabs')
  await untilText(tab, 'You are signed out')
  const { endpoints, issueTokens } = platform
  const { accessToken } = await issueTokens()
  const request = JSON.stringify({
    method: 'POST',
    credentials: 'include',
    headers: { authorization: `Bearer ${accessToken}` },
  })
  const logout = `fetch('${endpoints.authGateway}/v1/auth/logout', ${request})`
  expect(await tab.evaluate(`${logout}.then(({ status }) => status)`)).toBe(200)
  await click(tab, 'Continue with Lanonasis')
  await enterPassword(tab, { users: [next] })
  await decide(tab)
  await untilText(tab, 'Sign out in all tabs')
}

/** Whether the browser asks before it closes the tab: the page listens a moment after it shows why. */
async function expectAsks(tab: BrowserTab, isAsking: boolean): Promise<void> {
  const event = `new Event('beforeunload', { cancelable: true })`
  await until(tab, `dispatchEvent(${event})`, !isAsking)
}

/** Somebody has signed in, and there is somebody else who can. */
async function visitTwoPeople(options: VisitOptions, context: TestContext) {
  const visited = await visitSignedIn(options, context)
  return { ...visited, ...(await twoPeople(visited.tab, visited.platform)) }
}

/** Who the page says is signed in, and somebody else who can. */
async function twoPeople(tab: BrowserTab, platform: ServedPlatform) {
  const [owner] = platform.users
  if (owner === undefined) throw new Error('Nobody can sign in.')
  const next = platform.addUser({ email: 'grace@example.com', password: 'a long password' })
  await untilText(tab, `Signed in as ${owner.id}`)
  return { owner, next }
}

const isOnPage = (tab: BrowserTab, key: string) =>
  tab.evaluate(`document.documentElement.outerHTML.includes(${JSON.stringify(key.slice(-12))})`)

const warning = `document.querySelector('[role=alert]')?.innerText ?? ''`
const isHidden = 'A new key is hidden in this tab.'

describe.each(browserNames)('a key on show in %s', (browser) => {
  it('is hidden from the next person, also when that one signs out, and comes back to its owner', {
    timeout,
  }, async (context) => {
    const { tab, open, platform, owner, next } = await visitTwoPeople({ browser }, context)
    await expectAsks(tab, false)
    const key = await createKey(tab, 'Laptop')
    await expectAsks(tab, true)
    const other = await open()
    await changePerson(other, { platform, next })
    await untilText(tab, `Signed in as ${next.id}`)
    await untilText(tab, isHidden)
    expect(await isOnPage(tab, key)).toBe(false)
    await expectAsks(tab, true)
    await click(other, 'Sign out in all tabs')
    await untilText(tab, 'Sign in to your dashboard')
    await untilText(tab, isHidden)
    expect(await isOnPage(tab, key)).toBe(false)
    await click(other, 'Continue with Lanonasis')
    await decide(other)
    await changePerson(other, { platform, next: owner })
    await untilText(tab, 'Copy your key now')
    expect(await textOf(tab, 'dialog code')).toBe(key)
    await other.close()
    await click(tab, 'I have stored it')
    await untilText(tab, 'Copy your key now', false)
    await expectAsks(tab, false)
  })

  it('is hidden from whoever comes next where the gateway did not say who is signed in', {
    timeout,
  }, async (context) => {
    const { tab, open, platform, next } = await visitTwoPeople({ browser }, context)
    platform.order({ match: 'POST /oauth/introspect', action: { status: 429 } })
    await tab.reload()
    await untilText(tab, 'Live')
    const key = await createKey(tab, 'Laptop')
    await changePerson(await open(), { platform, next })
    await untilText(tab, isHidden)
    await untilText(tab, 'it is not shown again')
    expect(await isOnPage(tab, key)).toBe(false)
  })

  it('is hidden at once from who signs in elsewhere without a sign-out before', {
    timeout,
  }, async (context) => {
    const { tab, open, platform } = await visit({ browser }, context)
    const other = await open()
    await click(other, 'Continue with Lanonasis')
    await untilAt(other, 'Sign in')
    await signIn(tab, platform)
    const { owner, next } = await twoPeople(tab, platform)
    const key = await createKey(tab, 'Laptop')
    const recover = platform.order({ match: 'POST /oauth/introspect', action: { status: 429 } })
    await enterPassword(other, { users: [next] })
    await decide(other)
    await untilText(other, 'Sign out in all tabs')
    await untilText(tab, isHidden)
    expect(await isOnPage(tab, key)).toBe(false)
    await untilText(tab, 'Signed in as', false)
    recover()
    await changePerson(other, { platform, next: owner })
    await untilText(tab, 'Copy your key now')
    expect(await textOf(tab, 'dialog code')).toBe(key)
  })

  it('is of the person whom the gateway named only after it was made', {
    timeout,
  }, async (context) => {
    const { tab, open, platform, owner, next } = await visitTwoPeople({ browser }, context)
    const recover = platform.order({ match: 'POST /oauth/introspect', action: { status: 429 } })
    await tab.reload()
    await untilText(tab, 'Live')
    const key = await createKey(tab, 'Laptop')
    recover()
    platform.expireAccessTokens()
    platform.realtime.disconnect()
    await untilText(tab, `Signed in as ${owner.id}`)
    const other = await open()
    await changePerson(other, { platform, next })
    await untilText(tab, isHidden)
    await changePerson(other, { platform, next: owner })
    await untilText(tab, 'Copy your key now')
    expect(await textOf(tab, 'dialog code')).toBe(key)
  })

  it('belongs to the person who asked for it, however late the answer comes', {
    timeout,
  }, async (context) => {
    const { tab, open, platform, next } = await visitTwoPeople({ browser }, context)
    const other = await open()
    await untilText(other, 'Sign out in all tabs')
    platform.order({
      match: 'POST /api/v1/auth/api-keys',
      times: 1,
      action: { delayMs: 6_000 },
    })
    await click(tab, 'New key')
    await fill(tab, 'Name', 'Laptop')
    await click(tab, 'Create key')
    await until(tab, `[...document.querySelectorAll('button')].some(({ disabled }) => disabled)`)
    await expectAsks(tab, true)
    await changePerson(other, { platform, next })
    await untilText(tab, isHidden)
    await untilText(tab, 'Copy your key now', false)
  })

  it('stays when the session ends in another tab', { timeout }, async (context) => {
    const { tab, open, platform, key: old } = await visitWithKey({ browser }, context)
    const key = await rotateKey(tab, 'Laptop')
    const other = await open()
    await click(other, 'Sign out in all tabs')
    await untilText(other, 'You are signed out')
    await untilText(tab, 'Sign in to your dashboard')
    await untilText(tab, 'Copy your key now')
    expect(await textOf(tab, 'dialog code')).toBe(key)
    // Firefox is slow with a tab behind another one.
    await other.close()
    await click(tab, 'I have stored it')
    // Nobody is signed in who could revoke it.
    await until(tab, `(${warning}).includes('“Laptop”, could not be revoked and may still work.')`)
    expect(await statusWith(old, platform)).toBe(200)
    await click(tab, 'Close')
    await untilText(tab, 'Copy your key now', false)
  })

  it('stays when the session ends by itself', { timeout }, async (context) => {
    const { tab, platform } = await visitSignedIn({ browser }, context)
    await untilText(tab, 'Live')
    const key = await createKey(tab, 'Laptop')
    platform.revokeTokens()
    platform.realtime.disconnect()
    await untilText(tab, 'Your session has ended')
    expect(await textOf(tab, 'dialog code')).toBe(key)
    expect(await statusWith(key, platform)).toBe(200)
    await click(tab, 'I have stored it')
    await untilText(tab, 'Copy your key now', false)
  })
})

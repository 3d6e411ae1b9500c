import { describe, expect, it, onTestFinished, type TestContext } from 'vitest'
import type { ServedPlatform } from '../../../src/testing-node.ts'
import { servePlatform } from '../../../src/testing-node.ts'
import {
  type BrowserName,
  type BrowserTab,
  browserNames,
  closeBrowsersAfterwards,
  newProfile,
} from '../../support/browsers.ts'
import { servePage } from '../../support/page.ts'
import { pageProgram, perform } from './page.ts'

closeBrowsersAfterwards()
const page = servePage(pageProgram)
const timeout = 60_000
const refreshes = 'POST /oauth/token'

/** Tabs of one browser, all with a client on the same database, and somebody signed in with a token that has ended. */
async function signedInTabs(
  { name, count }: { readonly name: BrowserName; readonly count: number },
  context: TestContext,
) {
  const platform = await servePlatform({ corsOrigins: [page.origin] })
  onTestFinished(() => platform.close())
  const issued = await platform.issueTokens()
  platform.expireAccessTokens()
  const profile = await newProfile(name, context)
  const open = () => profile.open(page.origin)
  const tabs = await Promise.all(Array.from({ length: count }, open))
  const [first] = tabs
  if (first === undefined) throw new Error('There is no tab.')
  const place = { kind: 'indexeddb', name: 'tabs', issuer: platform.endpoints.authGateway } as const
  const tokens = {
    ...issued,
    kind: 'opaque',
    expiresAt: Date.now() - 1_000,
    origins: Object.values(platform.endpoints).map((url) =>
      new URL(url).origin.replace(/^ws/, 'http'),
    ),
  } as const
  await perform(first, 'put', place, { session: { status: 'signed-in', tokens } })
  const start = async (tab: BrowserTab) => {
    await perform(tab, 'start', place, platform.endpoints)
    return tab
  }
  await Promise.all(tabs.map(start))
  return {
    platform,
    tabs,
    first,
    place,
    issued,
    another: async () => start(await open()),
  }
}

/** The token of each, or the code of its failure. */
function accessTokens(
  outcomes: readonly ({ value: string | null } | { code: string })[],
): (string | null)[] {
  return outcomes.map((outcome) => ('value' in outcome ? outcome.value : outcome.code))
}

async function untilRefreshIsUnderWay(platform: ServedPlatform): Promise<void> {
  await expect.poll(() => platform.requestsTo(refreshes).length, { timeout: 10_000 }).toBe(1)
}

describe.each(browserNames)('in %s', (name) => {
  it('renews once for six tabs that need a token at the same time', {
    timeout,
  }, async (context) => {
    const { platform, tabs, issued } = await signedInTabs({ name, count: 6 }, context)

    const found = accessTokens(await Promise.all(tabs.map((tab) => perform(tab, 'token'))))

    expect(new Set(found).size).toBe(1)
    expect(found[0]).not.toBe(issued.accessToken)
    expect(found[0]).toHaveLength(64)
    expect(platform.requestsTo(refreshes)).toHaveLength(1)
  })

  it('renews once when six tabs are told to at the same time, and never twice the same token', {
    timeout,
  }, async (context) => {
    const { platform, tabs } = await signedInTabs({ name, count: 6 }, context)
    const outcomes = await Promise.all(tabs.map((tab) => perform(tab, 'refresh')))
    expect(outcomes.filter((outcome) => 'code' in outcome)).toEqual([])
    expect(platform.requestsTo(refreshes).map(({ status }) => status)).toEqual([200])
  })

  it('signs out in all tabs within a second', { timeout }, async (context) => {
    const { tabs, first, platform } = await signedInTabs({ name, count: 6 }, context)
    await Promise.all(tabs.map((tab) => perform(tab, 'token')))

    await perform(first, 'logout')

    const signedOutAt = async (tab: BrowserTab) => {
      await tab.waitFor("statusNow() === 'signed-out'")
      const { sessions } = await perform(tab, 'seen')
      return sessions.at(-1)?.at ?? Number.NaN
    }
    const since = await signedOutAt(first)
    const times = await Promise.all(tabs.map(signedOutAt))
    expect(Math.max(...times) - since).toBeLessThan(1_000)
    expect(await Promise.all(tabs.map((tab) => perform(tab, 'token')))).toEqual(
      tabs.map(() => ({ code: 'login_required' })),
    )
    expect(platform.requestsTo(refreshes)).toHaveLength(1)
  })

  it('brings nothing back when a renewal is under way in another tab at a sign-out', {
    timeout,
  }, async (context) => {
    const { platform, tabs, first, another, place } = await signedInTabs(
      { name, count: 3 },
      context,
    )
    platform.order({ match: refreshes, times: 1, action: { delayMs: 5_000 } })
    const renewing = tabs.slice(1).map((tab) => perform(tab, 'token'))
    await untilRefreshIsUnderWay(platform)

    await perform(first, 'logout')

    expect(await Promise.all(renewing)).toEqual(renewing.map(() => ({ code: 'login_required' })))
    for (const tab of [...tabs, await another()]) {
      expect(await perform(tab, 'session')).toMatchObject({ value: { status: 'signed-out' } })
      expect(await perform(tab, 'token')).toEqual({ code: 'login_required' })
    }
    expect(await perform(first, 'get', place)).toMatchObject({
      value: { value: { session: { status: 'signed-out' } } },
    })
    expect(platform.requestsTo(refreshes)).toHaveLength(1)
  })

  it('goes on in another tab when the one that renews is closed', { timeout }, async (context) => {
    const { platform, tabs, issued } = await signedInTabs({ name, count: 3 }, context)
    const [closing, ...others] = tabs
    platform.order({ match: refreshes, times: 1, action: 'hang' })
    closing?.evaluate("void perform('token', [])").catch(() => {})
    await untilRefreshIsUnderWay(platform)
    const waiting = others.map((tab) => perform(tab, 'token'))

    await closing?.close()

    const found = accessTokens(await Promise.all(waiting))
    expect(new Set(found).size).toBe(1)
    expect(found[0]).toHaveLength(64)
    expect(found[0]).not.toBe(issued.accessToken)
    expect(platform.requestsTo(refreshes)).toHaveLength(2)
  })

  it('shares a new session with tabs that are open, and with those that come later', {
    timeout,
  }, async (context) => {
    const { tabs, first, another, place, issued } = await signedInTabs({ name, count: 2 }, context)
    await perform(first, 'logout')
    await tabs[1]?.waitFor("statusNow() === 'signed-out'")
    const tokens = { ...issued, kind: 'opaque', expiresAt: Date.now() + 900_000 } as const

    await perform(first, 'put', place, { session: { status: 'signed-in', tokens } })

    await tabs[1]?.waitFor("statusNow() === 'signed-in'")
    expect(await perform(await another(), 'session')).toMatchObject({
      value: { status: 'signed-in' },
    })
  })
})

describe.each(browserNames)('the lock in %s', (name) => {
  const place = { kind: 'indexeddb', name: 'locks' } as const

  it('is free when the tab that holds it is closed', { timeout }, async (context) => {
    const profile = await newProfile(name, context)
    const [holder, other] = [await profile.open(page.origin), await profile.open(page.origin)]
    await perform(holder, 'holdLock', place)
    expect(await perform(other, 'enterLock', place, 100)).toEqual({ code: 'lock_timeout' })
    const waiting = perform(other, 'enterLock', place, 20_000)
    await holder.close()
    expect(await waiting).toEqual({ value: 'entered' })
  })

  it('is free when the tab that holds it goes to another page', { timeout }, async (context) => {
    const profile = await newProfile(name, context)
    const [holder, other] = [await profile.open(page.origin), await profile.open(page.origin)]
    await perform(holder, 'holdLock', place)
    const waiting = perform(other, 'enterLock', place, 20_000)
    await holder.goto('about:blank')
    expect(await waiting).toEqual({ value: 'entered' })
  })

  it('tells its holder when somebody has taken it away', { timeout }, async (context) => {
    const profile = await newProfile(name, context)
    const tab = await profile.open(page.origin)
    expect(await perform(tab, 'loseLock', place)).toEqual({ before: true, after: false })
  })
})

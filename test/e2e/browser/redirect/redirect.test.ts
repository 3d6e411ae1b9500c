import { describe, expect, it } from 'vitest'
import {
  type BrowserTab,
  browserNames,
  closeBrowsersAfterwards,
} from '../../../support/browsers.ts'
import {
  callbackPath,
  decide,
  enterPassword,
  perform,
  serveDashboard,
  signIn,
  until,
  untilAt,
  untilBack,
  untilReady,
  visitDashboard,
} from './dashboard.ts'

closeBrowsersAfterwards()
const dashboard = serveDashboard()
const timeout = 60_000
const exchanges = 'POST /oauth/token'

/** Every address of the tab's own history, read by going back through it to the first page. */
async function historyOf(tab: BrowserTab): Promise<string[]> {
  const found: string[] = []
  for (;;) {
    await expect
      .poll(() => addressOf(tab), { timeout: 10_000 })
      .toSatisfy((url) => typeof url === 'string' && url !== found.at(-1))
    const url = String(await addressOf(tab))
    found.push(url)
    if (url.includes('/projects/5')) return found
    await tab.goBack()
  }
}

/** Asked of the page: its driver hears nothing of one that is only shown again. */
function addressOf(tab: BrowserTab): Promise<unknown> {
  return tab.evaluate('location.href').catch(() => undefined)
}

describe.each(browserNames)('in %s', (browser) => {
  it.for(['redirect', 'login_required', 'AUTH_REQUIRED'] as const)(
    'signs in at a gateway of another origin that answers %s, under a strict policy',
    { timeout },
    async (authorize, context) => {
      const visit = await visitDashboard(dashboard, { browser, platform: { authorize } }, context)
      const { tab, platform, redirectUri } = visit
      await signIn(tab, platform)
      expect(await perform(tab, 'complete')).toMatchObject({ status: 'signed-in' })
      const seen = await perform(tab, 'seen')
      expect(seen.hrefAtStart).toBe(redirectUri)
      expect(seen.violations).toEqual([])
      expect(seen.returns).toEqual(['/projects/5?tab=keys#top'])
      expect(platform.requestsTo(exchanges).map(({ status }) => status)).toEqual([200])
    },
  )

  it('does not ask for the password again while the browser has a session at the gateway', {
    timeout,
  }, async (context) => {
    const platformOptions = { authorize: 'AUTH_REQUIRED' } as const
    const visit = await visitDashboard(dashboard, { browser, platform: platformOptions }, context)
    const { tab, platform } = visit
    await signIn(tab, platform)
    expect(await perform(tab, 'session')).toMatchObject({ status: 'signed-in' })
    await tab.reload()
    // In memory only: the reload has forgotten it.
    expect(await perform(tab, 'session')).toMatchObject({ status: 'signed-out' })
    await perform(tab, 'login')
    await decide(tab)
    await untilBack(tab)
    expect(await perform(tab, 'session')).toMatchObject({ status: 'signed-in' })
    expect(platform.requestsTo('POST /web/login')).toHaveLength(1)
  })

  it('leaves no code, state or verifier in the address, the history, the storage or a referrer', {
    timeout,
  }, async (context) => {
    const { tab, platform, origin } = await visitDashboard(dashboard, { browser }, context)
    await signIn(tab, platform)
    await perform(tab, 'complete')
    const [request] = platform.requestsTo(exchanges)
    const { code, code_verifier: verifier } = Object(request?.body)
    expect([typeof code, typeof verifier]).toEqual(['string', 'string'])
    const { kept } = await perform(tab, 'seen')
    expect(kept).not.toContain(code)
    expect(kept).not.toContain(verifier)
    await tab.goto(`${origin}/elsewhere`)
    expect(await tab.evaluate('document.referrer')).toBe('')
    const ours = (await historyOf(tab)).filter((url) => url.startsWith(origin))
    expect(ours).toHaveLength(3)
    expect(ours.filter((url) => /code=|state=/.test(url))).toEqual([])
  })

  it('signs in two tabs at once, each by its own answer', { timeout }, async (context) => {
    const visit = await visitDashboard(dashboard, { browser }, context)
    const { tab, open, platform } = visit
    const other = await open()
    await Promise.all([perform(tab, 'login'), perform(other, 'login')])
    await Promise.all([untilAt(tab, 'Sign in'), untilAt(other, 'Sign in')])
    await enterPassword(tab, platform)
    await enterPassword(other, platform)
    await decide(other)
    await decide(tab)
    await untilBack(tab)
    await untilBack(other)
    expect(await perform(tab, 'complete')).toMatchObject({ status: 'signed-in' })
    expect(await perform(other, 'complete')).toMatchObject({ status: 'signed-in' })
    expect(platform.requestsTo(exchanges).map(({ status }) => status)).toEqual([200, 200])
    const [one, two] = await Promise.all([perform(tab, 'token'), perform(other, 'token')])
    expect(one).not.toBe(two)
  })

  it('shows the sign-in of one tab to another that shares the store', {
    timeout,
  }, async (context) => {
    const config = { store: 'indexeddb' } as const
    const { tab, open, platform } = await visitDashboard(dashboard, { browser, config }, context)
    const other = await open()
    expect(await perform(other, 'session')).toMatchObject({ status: 'signed-out' })
    await signIn(tab, platform)
    await perform(tab, 'complete')
    await expect
      .poll(async () => perform(other, 'session'), { timeout: 10_000 })
      .toMatchObject({ status: 'signed-in' })
    expect(await perform(other, 'token')).toBe(await perform(tab, 'token'))
  })

  it('takes no answer that another tab asked for', { timeout }, async (context) => {
    const { tab, open, platform, redirectUri } = await visitDashboard(
      dashboard,
      { browser },
      context,
    )
    const other = await open()
    await perform(tab, 'login')
    await enterPassword(tab, platform)
    await untilAt(tab, 'Allow access?')
    const { kept } = await perform(other, 'seen')
    expect(kept).toBe('{}')
    await other.goto(`${redirectUri}?code=stolen&state=of-another-tab`)
    expect((await perform(other, 'seen')).hrefAtStart).toContain('state=of-another-tab')
    expect(await perform(other, 'complete')).toBeNull()
    expect(
      await perform(other, 'complete', `${redirectUri}?code=stolen&state=of-another-tab`),
    ).toMatchObject({ code: 'state_mismatch' })
    expect(platform.requestsTo(exchanges)).toEqual([])
  })

  it('survives a reload at each step', { timeout }, async (context) => {
    const platformOptions = { authorize: 'login_required' } as const
    const visit = await visitDashboard(dashboard, { browser, platform: platformOptions }, context)
    const { tab, platform } = visit
    await tab.reload()
    expect(await perform(tab, 'complete')).toBeNull()
    await perform(tab, 'login')
    await untilAt(tab, 'Sign in')
    await tab.reload()
    await enterPassword(tab, platform)
    await untilAt(tab, 'Allow access?')
    await tab.reload()
    // The page of the callback is there, and its program has taken nothing but the address so far.
    await decide(tab)
    await untilBack(tab)
    await tab.reload()
    await untilReady(tab)
    expect(await perform(tab, 'complete')).toMatchObject({ status: 'signed-in' })
    await tab.reload()
    expect(await perform(tab, 'complete')).toBeNull()
    expect(platform.requestsTo(exchanges).map(({ status }) => status)).toEqual([200])
  })

  it('says so when a reload has ended the exchange, and sends no code twice', {
    timeout,
  }, async (context) => {
    const { tab, platform } = await visitDashboard(dashboard, { browser }, context)
    await perform(tab, 'login')
    await enterPassword(tab, platform)
    platform.order({ match: exchanges, action: { delayMs: 600_000 } })
    await decide(tab)
    await untilBack(tab)
    await tab.evaluate(`void perform('complete', [])`)
    await expect.poll(() => platform.requestsTo(exchanges).length).toBe(1)
    await tab.reload()
    expect(await perform(tab, 'complete')).toMatchObject({
      code: 'login_required',
      message: expect.stringContaining('interrupted'),
    })
    await tab.reload()
    expect(await perform(tab, 'complete')).toBeNull()
    expect(platform.requestsTo(exchanges)).toHaveLength(1)
  })

  it('lets the person go on after the back button from the gateway', {
    timeout,
  }, async (context) => {
    const { tab, platform, origin } = await visitDashboard(dashboard, { browser }, context)
    await perform(tab, 'login')
    await untilAt(tab, 'Sign in')
    await tab.goBack()
    await until(tab, 'location.origin', origin)
    await untilReady(tab)
    // From the cache of the browser, or loaded anew.
    await expect
      .poll(() => perform(tab, 'loginEnd'))
      .toSatisfy((end) => end === 'not called' || Object(end).code === 'login_cancelled')
    expect(await perform(tab, 'session')).toMatchObject({ status: 'signed-out' })
    await signIn(tab, platform)
    expect(await perform(tab, 'complete')).toMatchObject({ status: 'signed-in' })
  })

  it('ends a sign-in whose page comes back alive, so that it can be begun again', {
    timeout,
  }, async (context) => {
    // Firefox keeps no page alive that has seen a redirect by fetch: it loads that one anew.
    const behaviour = { authorize: 'AUTH_REQUIRED' } as const
    const options = { browser, settings: { backForwardCache: true }, platform: behaviour }
    const { tab, platform, origin } = await visitDashboard(dashboard, options, context)
    await perform(tab, 'login')
    await untilAt(tab, 'Sign in')
    await tab.goBack()
    await until(tab, 'location.origin', origin)
    await expect
      .poll(() => perform(tab, 'loginEnd'), { timeout: 10_000 })
      .toMatchObject({ code: 'login_cancelled' })
    await signIn(tab, platform)
    expect(await perform(tab, 'complete')).toMatchObject({ status: 'signed-in' })
  })

  it('signs in at a gateway of another site, whose cookies no request of the page carries', {
    timeout,
  }, async (context) => {
    const platformOptions = { authorize: 'AUTH_REQUIRED' } as const
    const visit = await visitDashboard(
      dashboard,
      { browser, platform: platformOptions, host: 'localhost' },
      context,
    )
    const { tab, platform } = visit
    await signIn(tab, platform)
    expect(await perform(tab, 'complete')).toMatchObject({ status: 'signed-in' })
    expect(platform.requestsTo(exchanges)[0]?.headers).not.toHaveProperty('cookie')
  })

  it('uses no second answer to the same sign-in after the back button', {
    timeout,
  }, async (context) => {
    const { tab, platform, origin } = await visitDashboard(dashboard, { browser }, context)
    await signIn(tab, platform)
    await perform(tab, 'complete')
    await tab.goBack()
    await decide(tab)
    await untilBack(tab)
    expect((await perform(tab, 'seen')).hrefAtStart).toBe(`${origin}${callbackPath}`)
    // This page knows nobody any more: its store was the memory of the one before.
    expect(await perform(tab, 'complete')).toMatchObject({
      code: 'login_required',
      message: expect.stringContaining('used before'),
    })
    expect(platform.requestsTo(exchanges)).toHaveLength(1)
  })

  it('takes a second answer for what it is where the session is there', {
    timeout,
  }, async (context) => {
    const config = { store: 'indexeddb' } as const
    const { tab, platform } = await visitDashboard(dashboard, { browser, config }, context)
    await signIn(tab, platform)
    await perform(tab, 'complete')
    await tab.goBack()
    await decide(tab)
    await untilBack(tab)
    expect(await perform(tab, 'complete')).toMatchObject({ status: 'signed-in' })
    expect(platform.requestsTo(exchanges)).toHaveLength(1)
  })

  it('tells that the person declined', { timeout }, async (context) => {
    const { tab, platform, redirectUri } = await visitDashboard(dashboard, { browser }, context)
    await perform(tab, 'login')
    await enterPassword(tab, platform)
    await decide(tab, 'deny')
    await untilBack(tab)
    expect((await perform(tab, 'seen')).hrefAtStart).toBe(redirectUri)
    expect(await perform(tab, 'session')).toMatchObject({ status: 'signed-out' })
    expect(await perform(tab, 'complete')).toMatchObject({ code: 'access_denied' })
  })

  it('★8 fails before it leaves the page when the gateway does not know its origin', {
    timeout,
  }, async (context) => {
    const platformOptions = { corsOrigins: [] }
    const visit = await visitDashboard(dashboard, { browser, platform: platformOptions }, context)
    const { tab, origin } = visit
    await perform(tab, 'login')
    await expect
      .poll(() => perform(tab, 'loginEnd'))
      .toMatchObject({
        code: 'network_error',
        hint: expect.stringContaining('list of the gateway'),
      })
    expect(new URL(tab.url()).origin).toBe(origin)
  })

  it('★10 has what the gateway refuses in the page, and not on a page of the gateway', {
    timeout,
  }, async (context) => {
    const visit = await visitDashboard(dashboard, { browser }, context)
    const { tab, platform } = visit
    await signIn(tab, platform)
    await perform(tab, 'complete')
    await visit.configure({ clientId: 'nobody-knows-this' })
    await perform(tab, 'login')
    await expect.poll(() => perform(tab, 'loginEnd')).toMatchObject({ code: 'config_invalid' })
  })

  it('removes what it has kept of sign-ins under way', { timeout }, async (context) => {
    const { tab, origin } = await visitDashboard(dashboard, { browser }, context)
    await perform(tab, 'login')
    await untilAt(tab, 'Sign in')
    await tab.goto(`${origin}/`)
    expect((await perform(tab, 'seen')).kept).toContain('verifier')
    await perform(tab, 'destroy')
    expect((await perform(tab, 'seen')).kept).toBe('{}')
  })
})

import { describe, expect, it } from 'vitest'
import { decide, enterPassword, until, untilAt } from '../../e2e/browser/redirect/dashboard.ts'
import { browserNames, closeBrowsersAfterwards } from '../../support/browsers.ts'
import {
  buildBeforehand,
  click,
  createKey,
  fill,
  signIn,
  untilText,
  visit,
  visitSignedIn,
} from './visit.ts'

closeBrowsersAfterwards()
buildBeforehand()
const timeout = 90_000

describe.each(browserNames)('signing in in %s', (browser) => {
  it.for(['redirect', 'login_required', 'AUTH_REQUIRED'] as const)(
    'leads to the gateway and back to the page it began on, where authorize answers %s',
    { timeout },
    async (authorize, context) => {
      const visited = await visit({ browser, platform: { authorize } }, context)
      const { platform, origin, violations, open } = visited
      const tab = await open('/projects/5?tab=keys')
      await signIn(tab, platform)
      await until(tab, 'location.href', `${origin}/projects/5?tab=keys`)
      await tab.reload()
      await untilText(tab, 'Sign out in all tabs')
      expect(platform.requestsTo('POST /oauth/token')).toHaveLength(1)
      expect(violations).toEqual([])
    },
  )

  it('shows what one tab does in all of them', { timeout }, async (context) => {
    const { tab, open, platform } = await visit({ browser }, context)
    const other = await open()
    await untilText(other, 'Sign in to your dashboard')
    await signIn(tab, platform)
    await untilText(other, 'Sign out in all tabs')
    await untilText(other, 'Live')
    await click(tab, 'Sign out in all tabs')
    await untilText(tab, 'You are signed out in every tab of this browser.')
    // A page of another origin has no way to: the library says so, and the page says it on.
    await untilText(tab, 'they end by themselves')
    await until(tab, 'document.activeElement.innerText', 'Sign in to your dashboard')
    await untilText(other, 'Sign in to your dashboard')
    await until(other, `document.querySelector('[role=alert]') === null`)
    await tab.reload()
    await untilText(tab, 'Sign in to your dashboard')
    await expect.poll(() => platform.realtime.streams.length, { timeout: 10_000 }).toBe(0)
  })

  it('says who is signed in', { timeout }, async (context) => {
    const { tab, platform, open } = await visitSignedIn({ browser }, context)
    const [user] = platform.users
    await untilText(tab, `Signed in as ${user?.id}`)
    // The gateway may refuse to say; nothing else depends on it.
    platform.order({ match: 'POST /oauth/introspect', action: { status: 429 } })
    const other = await open()
    await untilText(other, 'Live')
    await untilText(other, 'Signed in as', false)
  })

  it('shows nothing of one person to the next, as whom a tab may wake up', {
    timeout,
  }, async (context) => {
    const { tab, platform, origin } = await visitSignedIn({ browser }, context)
    await untilText(tab, 'No keys yet')
    await fill(tab, 'Search memories', 'something private')
    const [user] = platform.users
    await untilText(tab, `Signed in as ${user?.id}`)
    const key = await createKey(tab, 'Laptop of the first')
    // Told by no event: who sees it has read the list again.
    await platform.createApiKey({ name: 'Laptop of the next' })
    await untilText(tab, 'Live')
    // The library asks first whether the old token is good: that is answered as it is.
    platform.order({ match: 'POST /oauth/token', action: { delayMs: 6_000 } })
    const timesAsked = () => platform.requestsTo('POST /oauth/introspect').length
    const asked = timesAsked()
    platform.expireAccessTokens()
    platform.realtime.disconnect()
    await expect.poll(timesAsked, { timeout: 20_000 }).toBeGreaterThan(asked)
    const body = { active: true, sub: 'the-next', user_id: 'the-next' }
    const headers = { 'access-control-allow-origin': origin }
    platform.order({ match: 'POST /oauth/introspect', action: { status: 200, body, headers } })
    await untilText(tab, 'Signed in as the-next')
    await untilText(tab, 'Laptop of the next')
    await untilText(tab, 'Copy your key now', false)
    expect(await tab.evaluate('document.documentElement.outerHTML')).not.toContain(key)
    expect(await tab.evaluate(`document.querySelector('[type=search]').value`)).toBe('')
  })

  it('renews the session once for all tabs', { timeout }, async (context) => {
    const { tab, open, platform } = await visitSignedIn({ browser }, context)
    const other = await open()
    await untilText(tab, 'Live')
    await untilText(other, 'Live')
    platform.expireAccessTokens()
    platform.realtime.disconnect()
    const renewed = () => platform.requestsTo('POST /oauth/token').length
    await expect.poll(renewed, { timeout: 30_000 }).toBe(2)
    await expect.poll(() => platform.realtime.streams.length, { timeout: 30_000 }).toBe(2)
    await untilText(tab, 'Live')
    await untilText(other, 'Live')
    expect(platform.requestsTo('POST /oauth/token')).toHaveLength(2)
  })

  it('says when the gateway is away, and that the person stays signed in', {
    timeout,
  }, async (context) => {
    const { tab, platform } = await visitSignedIn({ browser }, context)
    await untilText(tab, 'Live')
    const recover = platform.order({ match: 'POST /oauth/token', action: { status: 503 } })
    platform.expireAccessTokens()
    platform.realtime.disconnect()
    await untilText(tab, 'The sign-in service cannot be reached')
    recover()
    await untilText(tab, 'Sign out in all tabs')
  })

  it('tells a session that has ended from one that never was', { timeout }, async (context) => {
    const { tab, platform } = await visitSignedIn({ browser }, context)
    await untilText(tab, 'Live')
    platform.revokeTokens()
    platform.realtime.disconnect()
    await untilText(tab, 'Your session has ended')
    await click(tab, 'Continue with Lanonasis')
    await decide(tab)
    await untilText(tab, 'Sign out in all tabs')
  })

  it('says that the person declined, and lets them begin again', { timeout }, async (context) => {
    const { tab, platform } = await visit({ browser }, context)
    await click(tab, 'Continue with Lanonasis')
    await enterPassword(tab, platform)
    await untilAt(tab, 'Allow access?')
    await tab.click('[value=deny]')
    await untilText(tab, 'was declined.')
    await click(tab, 'Continue with Lanonasis')
    await decide(tab)
    await untilText(tab, 'Sign out in all tabs')
  })

  it('says why a sign-in has failed also where there is a session all the same', {
    timeout,
  }, async (context) => {
    const { tab, platform, open } = await visit({ browser }, context)
    await click(tab, 'Continue with Lanonasis')
    await enterPassword(tab, platform)
    await untilAt(tab, 'Allow access?')
    const other = await open()
    await click(other, 'Continue with Lanonasis')
    await decide(other)
    await untilText(other, 'Live')
    await tab.click('[value=deny]')
    await untilText(tab, 'Live')
    await untilText(tab, 'was declined.')
  })

  it('says how one session began or ended only until the next', { timeout }, async (context) => {
    const { tab, platform, open } = await visit({ browser }, context)
    await click(tab, 'Continue with Lanonasis')
    await enterPassword(tab, platform)
    await decide(tab, 'deny')
    await untilText(tab, 'was declined.')
    const other = await open()
    const signInAgain = async () => {
      await click(other, 'Continue with Lanonasis')
      await decide(other)
      await untilText(tab, 'Live')
    }
    await signInAgain()
    await untilText(tab, 'was declined.', false)
    await click(tab, 'Sign out in all tabs')
    await untilText(tab, 'You are signed out')
    await signInAgain()
    platform.revokeTokens()
    platform.realtime.disconnect()
    await untilText(tab, 'Your session has ended')
    await untilText(tab, 'You are signed out', false)
  })

  it('reports what its policy forbids', { timeout }, async (context) => {
    const { tab, violations } = await visit({ browser }, context)
    await untilText(tab, 'Sign in to your dashboard')
    expect(violations).toEqual([])
    await tab.evaluate(
      `void fetch('https://elsewhere.example').catch(() => {}); document.body.append(Object.assign(document.createElement('img'), { src: 'data:,' }))`,
    )
    await expect.poll(() => violations.join('\n')).toContain('connect-src')
    await expect.poll(() => violations.join('\n')).toContain('img-src')
    const isTaken = (code: string) =>
      tab.evaluate(`(() => { try { ${code}; return true } catch { return false } })()`)
    expect(await isTaken(`document.createElement('p').innerHTML = '<b>bold</b>'`)).toBe(false)
    expect(await isTaken(`trustedTypes.createPolicy('mine', {})`)).toBe(false)
    await expect.poll(() => violations.join('\n')).toContain('require-trusted-types-for')
  })
})

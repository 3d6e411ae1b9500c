import { describe, expect, it } from 'vitest'
import { decide, enterPassword, until, untilAt } from '../../e2e/browser/redirect/dashboard.ts'
import { browserNames, closeBrowsersAfterwards } from '../../support/browsers.ts'
import { click, signIn, untilText, visit, visitSignedIn } from './visit.ts'

closeBrowsersAfterwards()
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
      await untilText(tab, 'Sign out everywhere')
      expect(platform.requestsTo('POST /oauth/token')).toHaveLength(1)
      expect(violations).toEqual([])
    },
  )

  it('shows what one tab does in all of them', { timeout }, async (context) => {
    const { tab, open, platform } = await visit({ browser }, context)
    const other = await open()
    await untilText(other, 'Sign in to your dashboard')
    await signIn(tab, platform)
    await untilText(other, 'Sign out everywhere')
    await untilText(other, 'Live')
    await click(tab, 'Sign out everywhere')
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

  it('renews the session once for all tabs', { timeout }, async (context) => {
    const { tab, open, platform } = await visitSignedIn({ browser }, context)
    const other = await open()
    await untilText(tab, 'Live')
    await untilText(other, 'Live')
    platform.expireAccessTokens()
    platform.realtime.disconnect()
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
    await untilText(tab, 'Sign out everywhere')
  })

  it('tells a session that has ended from one that never was', { timeout }, async (context) => {
    const { tab, platform } = await visitSignedIn({ browser }, context)
    await untilText(tab, 'Live')
    platform.revokeTokens()
    platform.realtime.disconnect()
    await untilText(tab, 'Your session has ended')
    await click(tab, 'Continue with Lanonasis')
    await decide(tab)
    await untilText(tab, 'Sign out everywhere')
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
    await untilText(tab, 'Sign out everywhere')
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
  })
})

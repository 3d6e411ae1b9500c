import { describe, expect, it } from 'vitest'
import { browserNames, closeBrowsersAfterwards } from '../../../support/browsers.ts'
import { perform, serveDashboard, signIn, visitDashboard } from './dashboard.ts'

closeBrowsersAfterwards()
const dashboard = serveDashboard()
const timeout = 60_000

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
      expect(platform.requestsTo('POST /oauth/token').map(({ status }) => status)).toEqual([200])
    },
  )
})

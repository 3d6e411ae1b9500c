import { expect, onTestFinished, type TestContext } from 'vitest'
import type { PlatformOptions } from '../../../../src/testing.ts'
import { type ServedPlatform, servePlatform } from '../../../../src/testing-node.ts'
import {
  type BrowserName,
  type BrowserSettings,
  type BrowserTab,
  newProfile,
} from '../../../support/browsers.ts'
import { servePage, type TestPage } from '../../../support/page.ts'
import type { RedirectActions, RedirectPageConfig } from '../fixtures/redirect-page.ts'

const program = 'test/e2e/browser/fixtures/redirect-page.ts'
export const callbackPath = '/auth/callback'

/** A dashboard under a strict policy, whose settings each test chooses. */
export interface Dashboard {
  readonly page: TestPage
  config?: RedirectPageConfig
}

/** Call it where a test file declares its tests. */
export function serveDashboard(): Dashboard {
  const set: { config?: RedirectPageConfig } = {}
  const page = servePage(program, {
    headers: () => ({
      // No inline script, no eval; of other origins only the gateway, for the exchange of the code.
      'content-security-policy': `default-src 'self'; connect-src 'self' ${set.config?.endpoints.authGateway ?? ''}; require-trusted-types-for 'script'`,
      'referrer-policy': 'no-referrer',
      // A page that must not be stored is in no back/forward cache either.
      'cache-control': 'no-cache',
    }),
    head: () => `<meta name="config" content='${JSON.stringify(set.config ?? {})}'>`,
  })
  return Object.assign(set, { page })
}

export interface VisitOptions {
  readonly browser: BrowserName
  readonly platform?: PlatformOptions
  readonly settings?: BrowserSettings
  readonly config?: Partial<RedirectPageConfig>
  /** The name of the dashboard's host; default: that of the gateway, `127.0.0.1`. */
  readonly host?: string
}

/** The services, a dashboard at another origin that is registered there, and a person's browser. */
export async function visitDashboard(
  dashboard: Dashboard,
  { browser, platform: behaviour, settings, config, host = '127.0.0.1' }: VisitOptions,
  context: TestContext,
) {
  const origin = dashboard.page.origin.replace('127.0.0.1', host)
  const platform = await servePlatform({ corsOrigins: [origin], ...behaviour })
  onTestFinished(() => platform.close())
  const clientId = 'my-dashboard'
  const redirectUri = `${origin}${callbackPath}`
  platform.addClient({ clientId, redirectUris: [redirectUri] })
  dashboard.config = {
    clientId,
    endpoints: platform.endpoints,
    store: 'memory',
    redirectUri,
    ...config,
  }
  const profile = await newProfile(browser, context, settings)
  const open = async (path = '/projects/5?tab=keys#top') => {
    const tab = await profile.open(`${origin}${path}`)
    await untilReady(tab)
    return tab
  }
  const tab = await open()
  return {
    platform,
    open,
    tab,
    origin,
    redirectUri,
    /** Sets the dashboard up in another way, and loads it again. */
    async configure(changes: Partial<RedirectPageConfig>) {
      if (dashboard.config !== undefined) dashboard.config = { ...dashboard.config, ...changes }
      await tab.reload()
    },
  }
}

export async function perform<Action extends keyof RedirectActions>(
  tab: BrowserTab,
  action: Action,
  ...given: Parameters<RedirectActions[Action]>
): Promise<Awaited<ReturnType<RedirectActions[Action]>>> {
  await untilReady(tab)
  const result = await tab.evaluate(`perform(${JSON.stringify(action)}, ${JSON.stringify(given)})`)
  return JSON.parse(String(result))
}

/** Asked from here: under the policy of the page nothing waits by `eval` in it. */
export async function until(
  tab: BrowserTab,
  expression: string,
  expected: unknown = true,
): Promise<void> {
  const ask = () => tab.evaluate(expression).catch(() => 'between two pages')
  await expect.poll(ask, { timeout: 20_000, interval: 50 }).toBe(expected)
}

export async function untilReady(tab: BrowserTab): Promise<void> {
  await until(tab, `typeof globalThis.perform`, 'function')
}

/** Until the person is at a page of the gateway. */
export async function untilAt(tab: BrowserTab, title: string): Promise<void> {
  await until(tab, 'document.readyState === "complete" && document.title', title)
}

/** The person signs in on the gateway's form. */
export async function enterPassword(
  tab: BrowserTab,
  platform: { readonly users: readonly { readonly email: string; readonly password: string }[] },
): Promise<void> {
  await untilAt(tab, 'Sign in')
  const [user] = platform.users
  await tab.evaluate(
    `document.querySelector('[name=email]').value = ${JSON.stringify(user?.email)}; document.querySelector('[name=password]').value = ${JSON.stringify(user?.password)}`,
  )
  await tab.click('button')
}

/** … and decides on the consent page. */
export async function decide(tab: BrowserTab, decision: 'allow' | 'deny' = 'allow'): Promise<void> {
  await untilAt(tab, 'Allow access?')
  await tab.click(`[value=${decision}]`)
}

/** A whole sign-in from the page that the tab shows, until the person is back. */
export async function signIn(tab: BrowserTab, platform: ServedPlatform): Promise<void> {
  await perform(tab, 'login')
  await enterPassword(tab, platform)
  await decide(tab)
  await untilBack(tab)
}

export async function untilBack(tab: BrowserTab): Promise<void> {
  await until(tab, 'location.pathname', callbackPath)
  await untilReady(tab)
}

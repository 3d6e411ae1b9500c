import axe from 'axe-core'
import { describe, expect, it, onTestFinished, type TestContext } from 'vitest'
import { createClient } from '../../../src/node/create-client.ts'
import { loopbackFlow } from '../../../src/node/loopback/loopback-flow.ts'
import { memoryStore } from '../../../src/store/memory-store.ts'
import { servePlatform } from '../../../src/testing-node.ts'
import { deferred } from '../../support/async.ts'
import {
  type BrowserName,
  type BrowserTab,
  browserNames,
  closeBrowsersAfterwards,
  newProfile,
} from '../../support/browsers.ts'
import { decide, enterPassword, until } from './redirect/dashboard.ts'

closeBrowsersAfterwards()
const timeout = 60_000
/** Where pictures of the pages go, for a person to look at. */
const pictures = process.env.PICTURES
const schemes = ['light', 'dark'] as const

interface Visit {
  readonly browser: BrowserName
  readonly colorScheme: (typeof schemes)[number]
}

/** A program that signs in with a real browser, up to the page on which the person decides. */
async function untilDecision({ browser, colorScheme }: Visit, context: TestContext) {
  const platform = await servePlatform()
  onTestFinished(() => platform.close())
  const profile = await newProfile(browser, context, { colorScheme })
  const opened = deferred<BrowserTab>()
  const client = createClient({
    env: {},
    store: memoryStore(),
    endpoints: platform.endpoints,
    login: loopbackFlow({
      ports: [0],
      openUrl: async (url) => opened.resolve(await profile.open(String(url))),
    }),
  })
  onTestFinished(() => client.close())
  const login = client.login()
  login.catch(() => {})
  const tab = await opened.promise
  await enterPassword(tab, platform)
  return { tab, platform, login }
}

/** What is wrong with a page, by the rules of axe, and what a person reads on it. */
async function look(tab: BrowserTab, picture: string) {
  if (pictures !== undefined) await tab.screenshot({ path: `${pictures}/${picture}.png` })
  await tab.evaluate(`${axe.source}; void 0`)
  const found = await tab.evaluate('axe.run().then((found) => JSON.stringify(found))')
  const { violations, passes } = JSON.parse(String(found))
  return {
    rules: violations.map(({ id }: { readonly id: string }) => id),
    passes: passes.map(({ id }: { readonly id: string }) => id),
    heading: await tab.evaluate('document.querySelector("h1").textContent'),
    text: String(await tab.evaluate('document.body.innerText')),
    color: await tab.evaluate('getComputedStyle(document.body).color'),
  }
}

/** Light text stands on a dark canvas, which the browser chooses. */
const textColor = {
  light: /^rgb\(0, 0, 0\)$/,
  dark: /^rgb\(2[0-9]{2}, 2[0-9]{2}, 2[0-9]{2}\)$/,
}

describe.each(browserNames)('the page at the end of a sign-in, in %s', (browser) => {
  it.for(schemes)(
    'says that the person is signed in (%s)',
    { timeout },
    async (scheme, context) => {
      const { tab, login } = await untilDecision({ browser, colorScheme: scheme }, context)
      await decide(tab)
      expect(await login).toMatchObject({ status: 'signed-in' })
      await until(tab, 'document.title', 'You are signed in')
      const seen = await look(tab, `${browser}-${scheme}-success`)
      expect(seen).toMatchObject({ rules: [], heading: 'You are signed in' })
      expect(seen.passes).toContain('color-contrast')
      expect(seen.text).toContain('go back to the program')
      expect(seen.color).toMatch(textColor[scheme])
    },
  )

  it.for(schemes)('says why the sign-in failed (%s)', { timeout }, async (scheme, context) => {
    const { tab, login } = await untilDecision({ browser, colorScheme: scheme }, context)
    await decide(tab, 'deny')
    await expect(login).rejects.toMatchObject({ code: 'access_denied' })
    await until(tab, 'document.title', 'The sign-in did not succeed')
    const seen = await look(tab, `${browser}-${scheme}-declined`)
    expect(seen).toMatchObject({ rules: [], heading: 'The sign-in did not succeed' })
    expect(seen.passes).toContain('color-contrast')
    expect(seen.text).toMatch(/was declined.*sign in again/is)
    expect(seen.color).toMatch(textColor[scheme])
  })

  it.for(schemes)(
    'turns another sign-in’s answer away (%s)',
    {
      timeout,
    },
    async (scheme, context) => {
      const { tab } = await untilDecision({ browser, colorScheme: scheme }, context)
      await until(tab, 'document.title', 'Allow access?')
      const request = new URL(String(await tab.evaluate('location.href')))
      await tab.goto(`${request.searchParams.get('redirect_uri')}?code=1&state=of-another`)
      const seen = await look(tab, `${browser}-${scheme}-foreign`)
      expect(seen).toMatchObject({ rules: [], heading: 'Not this sign-in' })
      expect(seen.text).not.toContain('of-another')
      expect(seen.color).toMatch(textColor[scheme])
    },
  )
})

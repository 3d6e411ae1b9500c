import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { onTestFinished, type TestContext } from 'vitest'
import type { servePage } from '../../../examples/dashboard/src/server/serve-page.ts'
import type { PlatformOptions } from '../../../src/testing.ts'
import { type ServedPlatform, servePlatform } from '../../../src/testing-node.ts'
import { decide, enterPassword, until } from '../../e2e/browser/redirect/dashboard.ts'
import {
  type BrowserName,
  type BrowserSettings,
  type BrowserTab,
  newProfile,
} from '../../support/browsers.ts'
import { copyOf } from '../copies.ts'

export interface VisitOptions {
  readonly browser: BrowserName
  readonly settings?: BrowserSettings
  readonly platform?: PlatformOptions
}

/** The example as it is built, on an origin of its own, with services and a person's browser. */
export async function visit(
  { browser, settings, platform: behaviour }: VisitOptions,
  context: TestContext,
) {
  const folder = join(await copyOf('dashboard'), 'dist')
  const host: { servePage: typeof servePage } = await import(
    pathToFileURL(join(folder, 'server/serve-page.js')).href
  )
  const platform = await servePlatform({
    generation: 'roadmap',
    limits: false,
    ...behaviour,
  })
  onTestFinished(() => platform.close())
  const clientId = 'my-dashboard'
  const violations: string[] = []
  const { origin, server } = await host.servePage(join(folder, 'page'), {
    config: { clientId, env: platform.env },
    onViolation: (report) => violations.push(report),
  })
  onTestFinished(() => {
    server.close()
    server.closeAllConnections()
  })
  platform.allowOrigin(origin)
  platform.addClient({ clientId, redirectUris: [`${origin}/auth/callback`] })
  const profile = await newProfile(browser, context, settings)
  const open = (path = '/') => profile.open(`${origin}${path}`)
  return { platform, origin, violations, open, tab: await open() }
}

/** The same, and the person has signed in. */
export async function visitSignedIn(options: VisitOptions, context: TestContext) {
  const visited = await visit(options, context)
  await signIn(visited.tab, visited.platform)
  return visited
}

export async function signIn(tab: BrowserTab, platform: ServedPlatform): Promise<void> {
  await click(tab, 'Continue with Lanonasis')
  await enterPassword(tab, platform)
  await decide(tab)
  await untilText(tab, 'Sign out everywhere')
}

/** What the person reads. */
export async function textOf(tab: BrowserTab, selector = 'body'): Promise<string> {
  return String(await tab.evaluate(`document.querySelector(${JSON.stringify(selector)}).innerText`))
}

export async function untilText(tab: BrowserTab, text: string, isThere = true): Promise<void> {
  await until(tab, `document.body.innerText.includes(${JSON.stringify(text)})`, isThere)
}

/** Clicks the button of this name, in the dialog where one is open. */
export async function click(tab: BrowserTab, name: string): Promise<void> {
  await tab.click(await pathTo(tab, 'button', name))
}

/** Replaces what is in the field of this name. */
export async function fill(tab: BrowserTab, name: string, text: string): Promise<void> {
  await tab.click(await pathTo(tab, 'input, textarea', name))
  await tab.press('a', 'Control')
  await tab.type(text)
}

/** Puts the full focus of the keyboard there, without a mouse. */
export async function focusOn(tab: BrowserTab, name: string): Promise<void> {
  const path = await pathTo(tab, 'input, textarea, button', name)
  await tab.evaluate(`document.querySelector(${JSON.stringify(path)}).focus()`)
}

/** A selector for what a screen reader would call by this name, once it is there. */
async function pathTo(tab: BrowserTab, selector: string, name: string): Promise<string> {
  const find = `(${findNamed})(${JSON.stringify(selector)}, ${JSON.stringify(name)})`
  await until(tab, `${find} !== ''`)
  return String(await tab.evaluate(find))
}

const findNamed = `(selector, name) => {
  const named = (element) =>
    element.ariaLabel ?? (element.labels?.length ? element.labels[0].firstChild.data : element.innerText)
  const found = [...(document.querySelector('dialog[open]') ?? document).querySelectorAll(selector)]
    .find((element) => !element.disabled && named(element).trim() === name)
  const path = []
  for (let at = found; at?.parentElement; at = at.parentElement) {
    path.unshift(':nth-child(' + ([...at.parentElement.children].indexOf(at) + 1) + ')')
  }
  return path.join(' > ')
}`

import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { beforeAll, expect, onTestFinished, type TestContext } from 'vitest'
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

/** Call it where a test file declares its tests: the example takes longer to be built than a test may. */
export function buildBeforehand(): void {
  beforeAll(async () => void (await copyOf('dashboard')))
}

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

/** The same, and the person has a key, "Laptop", and has stored it; what the page asks for then has been asked. */
export async function visitWithKey(options: VisitOptions, context: TestContext) {
  const visited = await visitSignedIn(options, context)
  const key = await createKey(visited.tab, 'Laptop')
  await click(visited.tab, 'I have stored it')
  const { tab, platform } = visited
  await untilText(tab, 'Signed in as')
  await untilText(tab, 'Live')
  // The list is asked for where the page opens, where the key is shown, and where it is closed.
  await expect.poll(() => platform.requestsTo('GET /auth/api-keys')).toHaveLength(3)
  // The memories are where the page opens, and where it hears of changes.
  await expect.poll(() => platform.requestsTo('GET /memory')).toHaveLength(2)
  return { ...visited, key }
}

export async function signIn(tab: BrowserTab, platform: ServedPlatform): Promise<void> {
  await click(tab, 'Continue with Lanonasis')
  await enterPassword(tab, platform)
  await decide(tab)
  await untilText(tab, 'Sign out in all tabs')
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

/** Creates a key as a person does, and reads it in the dialog that shows it. */
export async function createKey(tab: BrowserTab, name: string): Promise<string> {
  await click(tab, 'New key')
  await fill(tab, 'Name', name)
  await click(tab, 'Create key')
  await untilText(tab, 'Copy your key now')
  return textOf(tab, 'dialog code')
}

/** Rotates a key, up to where the new one is shown. */
export async function rotateKey(tab: BrowserTab, name: string): Promise<string> {
  await click(tab, `Rotate ${name}`)
  await click(tab, 'Rotate key')
  await untilText(tab, 'Copy your key now')
  return textOf(tab, 'dialog code')
}

/** Whether MCP Core takes the key. */
export async function statusWith(key: string, { endpoints }: ServedPlatform): Promise<number> {
  const headers = { 'x-api-key': key }
  return (await fetch(`${endpoints.mcpHttp}/memory`, { headers })).status
}

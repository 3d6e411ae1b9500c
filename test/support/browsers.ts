import { chromium } from 'playwright-core'
import puppeteer from 'puppeteer-core'
import { afterAll, onTestFinished, type TestContext } from 'vitest'
import { requirePrograms } from './system-packages.ts'

/** The browsers that tests are run in. */
export const browserNames = ['chromium', 'firefox'] as const
export type BrowserName = (typeof browserNames)[number]

/** One tab. What it evaluates is a text, because it knows nothing of the test. */
export interface BrowserTab {
  goto(url: string): Promise<unknown>
  /** Gives what the expression evaluates to, awaited, as JSON carries it. */
  evaluate(expression: string): Promise<unknown>
  click(selector: string): Promise<void>
  doubleClick(selector: string): Promise<void>
  /** Types a text where the focus is. */
  type(text: string): Promise<void>
  /** Presses a key, such as `Tab`, or `v` with `Control`. */
  press(key: string, modifier?: 'Control' | 'Shift'): Promise<void>
  waitForSelector(selector: string): Promise<unknown>
  /** Waits until the expression is true. */
  waitFor(expression: string): Promise<void>
  url(): string
  reload(): Promise<unknown>
  /** Presses the back button, and waits for nothing: a page that is only shown again does not load. */
  goBack(): Promise<unknown>
  /** A picture of it, into a file that ends in `.png`. */
  screenshot(options: { readonly path: `${string}.png` }): Promise<unknown>
  close(): Promise<void>
}

/** What one person has in a browser: tabs that share cookies and storage, and nobody else's. */
export interface BrowserProfile {
  open(url: string): Promise<BrowserTab>
}

/** A browser that runs until the end of the test file. */
interface RunningBrowser {
  newProfile(): Promise<BrowserProfile & { close(): Promise<void> }>
  close(): Promise<void>
}

export const browserPrograms: Record<BrowserName, { names: readonly string[]; package: string }> = {
  chromium: {
    names: ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome'],
    package: 'chromium',
  },
  firefox: { names: ['firefox-esr', 'firefox'], package: 'firefox-esr' },
}

/** Root in a container has no sandbox; the rest keeps the browser from calling anybody. */
export const chromiumArguments = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/** What differs from a browser as it is installed. */
export interface BrowserSettings {
  /** Firefox: what `about:config` shows. */
  readonly preferences?: Readonly<Record<string, unknown>>
  /** What the person has chosen for their desktop; default: light. */
  readonly colorScheme?: 'light' | 'dark'
  /** How large a page is, in CSS pixels. */
  readonly size?: { readonly width: number; readonly height: number }
  /** Chromium: whether pages are kept alive for the back button, as they are outside of tests. Firefox does. */
  readonly backForwardCache?: boolean
}

const usualSize = { width: 1280, height: 720 }

const running = new Map<string, Promise<RunningBrowser | { readonly missing: string }>>()

/** Call it where a test file declares its tests: it ends the browsers after them. */
export function closeBrowsersAfterwards(): void {
  afterAll(async () => {
    const browsers = await Promise.all(running.values())
    running.clear()
    await Promise.all(browsers.map((browser) => 'close' in browser && browser.close()))
  }, 60_000)
}

/**
 * A new person's browser until the end of the test. A browser is installed where it is missing, and runs
 * until the end of the file; where that is not possible, the test is skipped with the reason.
 */
export async function newProfile(
  name: BrowserName,
  context: TestContext,
  settings: BrowserSettings = {},
): Promise<BrowserProfile> {
  const which = JSON.stringify([name, settings])
  const started = running.get(which) ?? start(name, settings)
  running.set(which, started)
  const browser = await started
  if ('missing' in browser) return context.skip(browser.missing)
  const profile = await browser.newProfile()
  onTestFinished(() => profile.close())
  return profile
}

/** Where a browser is; the test is skipped where it is not to be had. */
export async function browserPath(name: BrowserName, { skip }: TestContext): Promise<string> {
  const found = await find(name)
  return 'missing' in found ? skip(found.missing) : found.path
}

async function find(name: BrowserName): Promise<{ path: string } | { missing: string }> {
  const {
    paths: [path],
    missing,
  } = await requirePrograms(browserPrograms[name])
  return path === undefined ? { missing: missing ?? `There is no ${name}.` } : { path }
}

async function start(
  name: BrowserName,
  settings: BrowserSettings,
): Promise<RunningBrowser | { readonly missing: string }> {
  const found = await find(name)
  if ('missing' in found) return found
  return name === 'chromium'
    ? startChromium(found.path, settings)
    : startFirefox(found.path, settings)
}

async function startChromium(
  executablePath: string,
  { colorScheme = 'light', size = usualSize, backForwardCache = false }: BrowserSettings,
): Promise<RunningBrowser> {
  const browser = await chromium.launch({
    executablePath,
    args: chromiumArguments,
    ignoreDefaultArgs: backForwardCache ? ['--disable-back-forward-cache'] : [],
  })
  return {
    async newProfile() {
      const context = await browser.newContext({ colorScheme, viewport: size })
      return {
        open: async (url) => openTab(await context.newPage(), url),
        close: () => context.close(),
      }
    },
    close: () => browser.close(),
  }
}

async function startFirefox(
  executablePath: string,
  { preferences = {}, colorScheme = 'light', size }: BrowserSettings,
): Promise<RunningBrowser> {
  const browser = await puppeteer.launch({
    browser: 'firefox',
    executablePath,
    headless: true,
    ...(size === undefined ? {} : { defaultViewport: size }),
    extraPrefsFirefox: {
      'layout.css.prefers-color-scheme.content-override': colorScheme === 'dark' ? 0 : 1,
      ...preferences,
    },
  })
  return {
    async newProfile() {
      const context = await browser.createBrowserContext()
      return {
        open: async (url) => openTab(await context.newPage(), url),
        close: () => context.close(),
      }
    },
    close: () => browser.close(),
  }
}

/** What the pages of both libraries have in common. */
interface Page
  extends Omit<BrowserTab, 'waitFor' | 'click' | 'doubleClick' | 'type' | 'press' | 'goBack'> {
  waitForFunction(expression: string): Promise<unknown>
  /** Each library has its own name for the number of clicks. */
  click(selector: string, options?: { clickCount?: number; count?: number }): Promise<void>
  readonly keyboard: {
    down(key: string): Promise<void>
    up(key: string): Promise<void>
    press(key: string): Promise<void>
    type(text: string): Promise<void>
  }
}

/** What tests can do with a page of either library. */
export async function openTab(page: Page, url: string): Promise<BrowserTab> {
  await page.goto(url)
  return {
    goto: (address) => page.goto(address),
    evaluate: (expression) => page.evaluate(expression),
    click: (selector) => page.click(selector),
    doubleClick: (selector) => page.click(selector, { clickCount: 2, count: 2 }),
    type: (text) => page.keyboard.type(text),
    async press(key, modifier) {
      if (modifier !== undefined) await page.keyboard.down(modifier)
      await page.keyboard.press(key)
      if (modifier !== undefined) await page.keyboard.up(modifier)
    },
    waitForSelector: (selector) => page.waitForSelector(selector),
    async waitFor(expression) {
      await page.waitForFunction(expression)
    },
    url: () => page.url(),
    reload: () => page.reload(),
    goBack: () => page.evaluate('void setTimeout(() => history.back(), 0)'),
    screenshot: (options) => page.screenshot(options),
    close: () => page.close(),
  }
}

import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import axe from 'axe-core'
import { type Browser, chromium, type Page } from 'playwright-core'
import { afterAll, describe, expect, it, onTestFinished, type TestContext } from 'vitest'
import { browserPath, chromiumArguments } from '../../support/browsers.ts'
import { root } from '../../tools/paths.mjs'
import { brokenLinks } from './broken-links.ts'
import { buildSite } from './build-site.ts'
import { gapsIn } from './gaps.ts'

const site = buildSite()
const timeout = 120_000

/** A folder for pictures of the pages, for a person to look at. */
const pictures = process.env.PICTURES

let running: Promise<Browser> | undefined
afterAll(async () => (await running)?.close())

/** The site in a browser; what it complains of is collected. */
async function open(
  context: TestContext,
  { path, colorScheme = 'light' }: { path: string; colorScheme?: 'light' | 'dark' },
): Promise<{ page: Page; complaints: string[] }> {
  const executablePath = await browserPath('chromium', context)
  running ??= chromium.launch({ executablePath, args: chromiumArguments })
  const person = await (await running).newContext({ colorScheme })
  onTestFinished(() => person.close())
  const page = await person.newPage()
  const complaints: string[] = []
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()))
  page.on('pageerror', (error) => complaints.push(String(error)))
  await page.goto(`${site().origin}/${path}`)
  return { page, complaints }
}

/** A page of each kind: the front page, guides with tables, code and diagrams, an entry, a class, a function. */
const pages = [
  'index.html',
  'documents/Sessions.html',
  'documents/Choosing_a_flow_and_a_store.html',
  'documents/Troubleshooting,_by_error_code.html',
  'classes/_lanonasis_auth-client.LanonasisClient.html',
  'functions/_lanonasis_auth-client_node.createClient.html',
]

describe('the site of the documentation', () => {
  it('has no link that leads nowhere, within a page, between guides, and to the reference', async () => {
    const { broken, looked } = await brokenLinks(site().folder)
    expect(looked).toBeGreaterThan(5_000)
    expect(broken).toEqual([])
  })

  it('has every guide, in a part of the index, and nothing in the index that does not exist', async () => {
    const index = await readFile(`${root}docs/README.md`, 'utf8')
    const listed = [...index.matchAll(/^- \[.+?\]\((?<path>[^)]+)\)/gm)].map(
      ({ groups }) => groups?.path ?? '',
    )
    expect(listed.filter((path) => !existsSync(`${root}docs/${path}`))).toEqual([])
    const guides = await readdir(`${root}docs`, { recursive: true })
    const isGuide = (path: string) => path.endsWith('.md') && !path.startsWith('reference')
    const expected = guides.filter((path) => isGuide(path) && path !== 'README.md')
    expect(listed.toSorted()).toEqual(expected.toSorted())
    const groups = site().project.groups?.map(({ title }) => title)
    expect(groups).toEqual(
      expect.arrayContaining(['Begin', 'In operation', 'Moving in', 'Modules']),
    )
    expect(groups).not.toContain('Documents')
  })

  it('says of every public item what typedoc does not ask for: examples, errors, units', () => {
    expect(gapsIn(site().project)).toEqual([])
  })
})

describe('in a browser, the site', { timeout }, () => {
  const looks = pages.flatMap((path) => [
    { path, colorScheme: 'light' as const },
    { path, colorScheme: 'dark' as const },
  ])

  it.for(looks)('shows $path, $colorScheme, without a complaint', async (look, context) => {
    const { page, complaints } = await open(context, look)
    await page.waitForSelector('#tsd-nav-container a', { state: 'attached' })
    expect(await page.title()).toContain('@lanonasis/auth-client')
    expect(await brightness(page)).toSatisfy((value: number) =>
      look.colorScheme === 'light' ? value > 0.8 : value < 0.3,
    )
    expect(await faults(page)).toEqual([])
    expect(complaints).toEqual([])
    if (pictures === undefined) return
    const name = look.path.replace(/\W+/g, '-')
    await page.screenshot({ path: `${pictures}/${name}-${look.colorScheme}.png` })
  })

  it('draws diagrams in the theme that was chosen, whatever that of the system is', async (context) => {
    const { page } = await open(context, { path: 'documents/Sessions.html' })
    await page.evaluate("document.documentElement.dataset.theme = 'dark'")
    const schemes = await page.$$eval('img[src$=".svg"]', (images) =>
      images.map((image) => getComputedStyle(image).colorScheme),
    )
    expect(schemes.length).toBeGreaterThan(1)
    expect(new Set(schemes)).toEqual(new Set(['dark']))
  })

  it.for([
    ['LanonasisClient', 'LanonasisClient'],
    ['Choosing', 'Choosing a flow and a store'],
    ['Proxies', 'Proxies and certificates'],
  ] as const)('finds %s', async ([text, found], context) => {
    const { page, complaints } = await open(context, { path: 'index.html' })
    await page.click('#tsd-search-trigger')
    await page.fill('#tsd-search-input', text)
    await page.click(`#tsd-search-results a:has-text("${found}")`)
    await page.waitForSelector(`h1:has-text("${found}")`)
    expect(complaints).toEqual([])
  })
})

/** Of the background, from 0 to 1. */
async function brightness(page: Page): Promise<number> {
  const color = await page.evaluate<string>('getComputedStyle(document.body).backgroundColor')
  const [red = 0, green = 0, blue = 0] = (color.match(/[\d.]+/g) ?? []).map(Number)
  return (red + green + blue) / 3 / 255
}

/**
 * What keeps people from using what is on the page, by the rules of axe. One of them is left out:
 * typedoc puts the link to a section into the heading that folds it.
 */
async function faults(page: Page): Promise<unknown> {
  await page.evaluate(`${axe.source}; void 0`)
  const found = await page.evaluate<string>(
    "axe.run('.col-content', { rules: { 'nested-interactive': { enabled: false } } }).then((found) => JSON.stringify(found))",
  )
  const { violations, passes }: axe.AxeResults = JSON.parse(found)
  expect(passes.map(({ id }) => id)).toContain('color-contrast')
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => [id, ...nodes.map(({ html }) => html)])
}

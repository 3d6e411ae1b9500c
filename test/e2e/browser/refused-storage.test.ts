import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type BrowserContext, chromium } from 'playwright-core'
import { describe, expect, it, onTestFinished, type TestContext } from 'vitest'
import {
  browserNames,
  browserPath,
  chromiumArguments,
  closeBrowsersAfterwards,
  newProfile,
  openTab,
} from '../../support/browsers.ts'
import { temporaryDirectory } from '../../support/directories.ts'
import { servePage } from '../../support/page.ts'
import { secretAccount, secretMark, signedOut } from './accounts.ts'
import { pageProgram, perform } from './page.ts'

closeBrowsersAfterwards()
const page = servePage(pageProgram)
const timeout = 60_000

const place = { kind: 'indexeddb', name: 'sessions' } as const
const inLocalStorage = { ...place, kind: 'local' } as const

/** What a store does that the browser gives nothing, from the first. */
function inMemoryInsteadOf(kind: string) {
  return {
    before: expect.objectContaining({ kind, shared: 'tabs' }),
    first: { value: null },
    put: { value: { ok: true, revision: expect.any(String) } },
    found: { value: { value: signedOut, revision: expect.any(String) } },
    lock: 'entered',
    after: {
      kind: 'memory',
      insteadOf: kind,
      persistent: false,
      encrypted: false,
      shared: 'process',
      note: expect.stringContaining('ends with the page'),
    },
    fallbacks: [
      {
        code: 'store_unavailable',
        instead: expect.objectContaining({ kind: 'memory', insteadOf: kind }),
      },
    ],
  }
}

/** A Chromium with a profile on the disk, until the end of the test. */
async function persistentChromium(
  context: TestContext,
  { folder, preferences = {} }: { readonly folder: string; readonly preferences?: object },
): Promise<BrowserContext> {
  const executablePath = await browserPath('chromium', context)
  await mkdir(join(folder, 'Default'), { recursive: true })
  await writeFile(join(folder, 'Default', 'Preferences'), JSON.stringify(preferences))
  const browser = await chromium.launchPersistentContext(folder, {
    executablePath,
    args: chromiumArguments,
  })
  onTestFinished(() => browser.close())
  return browser
}

describe('a page in a frame without an origin', () => {
  it.for(browserNames)(
    'keeps everything in memory, and says so: %s',
    { timeout },
    async (name, context) => {
      const profile = await newProfile(name, context)
      const tab = await profile.open(`${page.origin}/framed`)
      await tab.waitFor('globalThis.said !== undefined')
      expect(JSON.parse(String(await tab.evaluate('globalThis.said')))).toEqual({
        inDatabase: inMemoryInsteadOf('indexeddb'),
        inStorage: inMemoryInsteadOf('localStorage'),
      })
    },
  )
})

describe('a browser that blocks storage', () => {
  it('is Firefox without cookies: everything is kept in memory', { timeout }, async (context) => {
    const preferences = { 'network.cookie.cookieBehavior': 2 }
    const profile = await newProfile('firefox', context, { preferences })
    const tab = await profile.open(page.origin)
    expect(await perform(tab, 'putAndGet', place, signedOut)).toEqual(
      inMemoryInsteadOf('indexeddb'),
    )
    expect(await perform(tab, 'putAndGet', inLocalStorage, signedOut)).toEqual(
      inMemoryInsteadOf('localStorage'),
    )
  })

  it('is Chromium without site data: everything is kept in memory', {
    timeout,
  }, async (context) => {
    const folder = await temporaryDirectory()
    const preferences = { profile: { default_content_setting_values: { cookies: 2 } } }
    const browser = await persistentChromium(context, { folder, preferences })
    const tab = await openTab(await browser.newPage(), page.origin)
    expect(await perform(tab, 'putAndGet', place, signedOut)).toEqual(
      inMemoryInsteadOf('indexeddb'),
    )
    expect(await perform(tab, 'putAndGet', inLocalStorage, signedOut)).toEqual(
      inMemoryInsteadOf('localStorage'),
    )
  })

  it('is told of by the client', { timeout }, async (context) => {
    const preferences = { 'network.cookie.cookieBehavior': 2 }
    const profile = await newProfile('firefox', context, { preferences })
    const tab = await profile.open(page.origin)
    const endpoints = {
      authGateway: 'https://auth.example.com',
      mcpHttp: 'https://mcp.example.com/api/v1',
      mcpWs: 'wss://mcp.example.com/ws',
      mcpSse: 'https://mcp.example.com/api/v1/events',
      restApi: 'https://api.example.com/api/v1',
    }
    expect(await perform(tab, 'start', place, endpoints)).toMatchObject({
      value: { status: 'signed-out' },
    })
    expect((await perform(tab, 'seen')).storeEvents).toMatchObject([
      { operation: 'open', code: 'store_unavailable', instead: { kind: 'memory' } },
    ])
  })
})

describe('a private window', () => {
  it('of Firefox keeps the session as long as it is open', { timeout }, async (context) => {
    const preferences = { 'browser.privatebrowsing.autostart': true }
    const profile = await newProfile('firefox', context, { preferences })
    const tab = await profile.open(page.origin)
    const result = await perform(tab, 'putAndGet', place, signedOut)
    expect(result).toMatchObject({ found: { value: { value: signedOut } }, fallbacks: [] })
    const second = await profile.open(page.origin)
    expect(await perform(second, 'get', place)).toMatchObject({ value: { value: signedOut } })
  })

  it('of Chromium does the same', { timeout }, async (context) => {
    // A context beside the one of the profile is what "incognito" is.
    const profile = await newProfile('chromium', context)
    const tab = await profile.open(page.origin)
    const result = await perform(tab, 'putAndGet', place, signedOut)
    expect(result).toMatchObject({ found: { value: { value: signedOut } }, fallbacks: [] })
    const second = await profile.open(page.origin)
    expect(await perform(second, 'get', place)).toMatchObject({ value: { value: signedOut } })
  })
})

describe('a profile on the disk', () => {
  it('holds no secret in any of its files, and gives the session back after a restart', {
    timeout,
  }, async (context) => {
    const folder = await temporaryDirectory()
    const first = await persistentChromium(context, { folder })
    const tab = await openTab(await first.newPage(), page.origin)
    await perform(tab, 'put', place, secretAccount)
    await first.close()

    const texts = await Promise.all(
      (await readdir(folder, { recursive: true, withFileTypes: true }))
        .filter((entry) => entry.isFile())
        .map((entry) => readFile(join(entry.parentPath, entry.name), 'latin1')),
    )
    const wide = [...secretMark].join('\0')
    expect(
      texts.some(
        (text) =>
          text.includes('auth.example.com') || text.includes([...'auth.example.com'].join('\0')),
      ),
    ).toBe(true)
    expect(texts.filter((text) => text.includes(secretMark) || text.includes(wide))).toEqual([])

    const second = await persistentChromium(context, { folder })
    const again = await openTab(await second.newPage(), page.origin)
    expect(await perform(again, 'get', place)).toMatchObject({ value: { value: secretAccount } })
  })
})

describe('a browser without space left for the site', () => {
  /** A tab of Firefox, which gives all sites together 2 MB. */
  async function smallTab(context: TestContext) {
    const preferences = {
      // A browser of its own: profiles of one share the limit.
      'test.title': context.task.name,
      'dom.quotaManager.temporaryStorage.fixedLimit': 2_048,
      'dom.quotaManager.temporaryStorage.chunkSize': 1,
    }
    return (await newProfile('firefox', context, { preferences })).open(page.origin)
  }

  it('keeps a new session in memory, and says so', { timeout }, async (context) => {
    const tab = await smallTab(context)
    await perform(tab, 'fillSpace')
    expect(await perform(tab, 'putAndGet', place, signedOut)).toEqual(
      inMemoryInsteadOf('indexeddb'),
    )
  })

  it('does not change a session that is stored, and does not lose it either', {
    timeout,
  }, async (context) => {
    const tab = await smallTab(context)
    await perform(tab, 'put', place, secretAccount)
    await perform(tab, 'fillSpace')
    // Where the database has room of its own left, that is used up first.
    const last = await perform(tab, 'putUntilRefused', place, secretAccount)
    expect(last).toEqual({ code: 'store_unavailable' })
    expect(await perform(tab, 'get', place)).toMatchObject({ value: { value: secretAccount } })
    await perform(tab, 'freeSpace')
    expect(await perform(tab, 'put', place, signedOut)).toMatchObject({ value: { ok: true } })
  })
})

import { describe, expect, it, type TestContext } from 'vitest'
import {
  type BrowserName,
  browserNames,
  closeBrowsersAfterwards,
  newProfile,
} from '../../support/browsers.ts'
import { servePage } from '../../support/page.ts'
import { secretAccount, secretMark, signedOut } from './accounts.ts'
import { pageProgram, perform } from './page.ts'

closeBrowsersAfterwards()
const page = servePage(pageProgram)
const timeout = 60_000

const place = { kind: 'indexeddb', name: 'sessions' } as const
const { name: database } = place
const other = { ...place, issuer: 'https://other.example.com' }

async function openTab(name: BrowserName, context: TestContext) {
  return (await newProfile(name, context)).open(page.origin)
}

describe.each(browserNames)('indexedDbStore in %s', (name) => {
  it('leaves nothing in the clear: not in the database, not in what tabs tell each other', {
    timeout,
  }, async (context) => {
    const tab = await openTab(name, context)
    await perform(tab, 'put', place, secretAccount)

    const dump = await perform(tab, 'dump', database)
    expect(dump).toContain('auth.example.com')
    expect(dump).toContain('AES-GCM false')
    expect(dump).not.toContain(secretMark)
    const messages = async () => (await perform(tab, 'seen')).messages
    await expect.poll(messages).toHaveLength(1)
    expect(JSON.stringify(await messages())).not.toContain(secretMark)
    expect(JSON.stringify(await perform(tab, 'description', place))).not.toContain(secretMark)
  })

  it('has a key that nobody can export', { timeout }, async (context) => {
    const tab = await openTab(name, context)
    await perform(tab, 'put', place, secretAccount)
    expect(await perform(tab, 'exportKey', database)).toBe('InvalidAccessError')
  })

  it('never uses a nonce twice', { timeout }, async (context) => {
    const tab = await openTab(name, context)
    const seen = new Set<string>()
    for (let write = 0; write < 10; write++) {
      await perform(tab, 'put', place, secretAccount)
      for (const iv of await perform(tab, 'ivs', database)) seen.add(iv)
    }
    expect(seen.size).toBe(10)
  })

  it('has one key when many tabs begin at the same time', { timeout }, async (context) => {
    const profile = await newProfile(name, context)
    const tabs = await Promise.all(Array.from({ length: 4 }, () => profile.open(page.origin)))
    const places = tabs.map((_, index) => ({ ...place, issuer: `https://${index}.example.com` }))
    await Promise.all(
      tabs.map((tab, index) => perform(tab, 'put', places[index] ?? place, secretAccount)),
    )
    const [reader = await profile.open(page.origin)] = tabs
    for (const each of places) {
      expect(await perform(reader, 'get', each)).toMatchObject({ value: { value: secretAccount } })
    }
  })

  it('does not open a record in the place of another account', { timeout }, async (context) => {
    const tab = await openTab(name, context)
    await perform(tab, 'put', place, secretAccount)
    await perform(tab, 'put', other, signedOut)
    await perform(tab, 'copyRecord', other, place)
    expect(await perform(tab, 'get', place)).toEqual({ code: 'store_corrupt' })
    expect(await perform(tab, 'get', other)).toMatchObject({ value: { value: signedOut } })
  })

  it('says store_corrupt once when the browser has lost the key, and begins anew', {
    timeout,
  }, async (context) => {
    const tab = await openTab(name, context)
    await perform(tab, 'put', place, secretAccount)
    await perform(tab, 'removeRecord', database, 'key')
    expect(await perform(tab, 'get', place)).toEqual({ code: 'store_corrupt' })
    expect(await perform(tab, 'get', place)).toEqual({ value: null })
    await perform(tab, 'put', place, signedOut)
    expect(await perform(tab, 'get', place)).toMatchObject({ value: { value: signedOut } })
  })

  it('leaves a record of a newer format alone', { timeout }, async (context) => {
    const tab = await openTab(name, context)
    await perform(tab, 'put', place, secretAccount)
    await perform(tab, 'makeNewer', database)
    expect(await perform(tab, 'get', place)).toEqual({ code: 'store_unavailable' })
    expect(await perform(tab, 'get', place)).toEqual({ code: 'store_unavailable' })
  })

  it('goes on when the data of the site is cleared under its hands', {
    timeout,
  }, async (context) => {
    const tab = await openTab(name, context)
    await perform(tab, 'put', place, secretAccount)
    await perform(tab, 'clearSite')
    expect(await perform(tab, 'get', place)).toEqual({ value: null })
    await perform(tab, 'put', place, secretAccount)
    expect(await perform(tab, 'get', place)).toMatchObject({ value: { value: secretAccount } })
  })

  it('makes no database by reading', { timeout }, async (context) => {
    const tab = await openTab(name, context)
    expect(await perform(tab, 'get', place)).toEqual({ value: null })
    expect(await perform(tab, 'hasDatabase', database)).toBe(false)
  })

  it('makes use of a database that was begun and not finished', { timeout }, async (context) => {
    const tab = await openTab(name, context)
    await perform(tab, 'makeEmptyDatabase', database)
    expect(await perform(tab, 'get', place)).toEqual({ value: null })
    await perform(tab, 'put', place, secretAccount)
    expect(await perform(tab, 'get', place)).toMatchObject({ value: { value: secretAccount } })
  })

  it('removes an account, and the key and the database with the last', {
    timeout,
  }, async (context) => {
    const tab = await openTab(name, context)
    await perform(tab, 'put', place, secretAccount)
    await perform(tab, 'put', other, secretAccount)

    await perform(tab, 'destroy', place)
    expect(await perform(tab, 'get', place)).toEqual({ value: null })
    expect(await perform(tab, 'get', other)).toMatchObject({ value: { value: secretAccount } })
    expect(await perform(tab, 'hasDatabase', database)).toBe(true)

    await perform(tab, 'destroy', other)
    expect(await perform(tab, 'hasDatabase', database)).toBe(false)
    expect(await perform(tab, 'destroy', other)).toEqual({ value: null })
  })

  it('removes what it cannot read, set aside or not', { timeout }, async (context) => {
    const tab = await openTab(name, context)
    await perform(tab, 'put', place, secretAccount)
    await perform(tab, 'removeRecord', database, 'key')
    await perform(tab, 'get', place)
    await perform(tab, 'put', place, secretAccount)
    await perform(tab, 'removeRecord', database, 'key')
    await perform(tab, 'destroy', place)
    expect(await perform(tab, 'hasDatabase', database)).toBe(false)
  })

  it('loses no commit of a tab to the removal of the last account by another', {
    timeout,
  }, async (context) => {
    const profile = await newProfile(name, context)
    const tabs = [await profile.open(page.origin), await profile.open(page.origin)]
    const places = [place, other]
    const losses = await Promise.all(
      tabs.map((tab, index) =>
        perform(tab, 'comeAndGo', places[index] ?? place, { account: secretAccount, times: 60 }),
      ),
    )
    expect(losses).toEqual([0, 0])
  })
})

import { readdir, readFile, unlink, writeFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { split, toAsciiJson } from '../../../src/node/keychain-store/parts.ts'
import { failure } from '../../support/async.ts'
import { readJson } from '../../support/directories.ts'
import { FakeKeychain, keychainHome } from '../../support/keychain.ts'
import { accessTokenOf, production, put, signedIn } from '../file-store/accounts.ts'

const work = { ...production, profile: 'work' }
const unavailable = { code: 'store_unavailable' }

describe('an index that was removed', () => {
  async function withoutIndex() {
    const home = await keychainHome()
    await put(home.store, production, signedIn('ada'))
    const text = await readFile(home.path, 'utf8')
    await unlink(home.path)
    return { ...home, text }
  }

  it('is told of once, and never looks like "nothing stored" before', async () => {
    const { open, path } = await withoutIndex()
    expect(await failure(open().read(production))).toMatchObject({
      code: 'store_corrupt',
      message: expect.stringContaining(path),
      hint: expect.stringContaining('sign in again'),
    })
    expect(await open().read(production)).toBeUndefined()
    await put(open(), production, signedIn('grace'))
    expect(await accessTokenOf(open(), production)).toBe('access-of-grace')
  })

  it('is told of to who writes first, too', async () => {
    const { open } = await withoutIndex()
    const first = open().commit(production, undefined, signedIn('grace'))
    expect(await failure(first)).toMatchObject({ code: 'store_corrupt' })
    expect((await open().commit(production, undefined, signedIn('grace'))).ok).toBe(true)
  })

  it('is told of to one only of many who read at the same time', async () => {
    const { open } = await withoutIndex()
    const reading = Array.from({ length: 8 }, () =>
      open()
        .read(production)
        .catch((error: { code: string }) => error.code),
    )
    const seen = await Promise.all(reading)
    expect(seen.filter((one) => one !== undefined)).toEqual(['store_corrupt'])
  })

  it('can be put back, and all is as before', async () => {
    const { open, path, text } = await withoutIndex()
    expect(await failure(open().read(production))).toMatchObject({ code: 'store_corrupt' })
    await put(open(), work, signedIn('work'))
    await writeFile(path, text)
    expect(await accessTokenOf(open(), production)).toBe('access-of-ada')
  })

  it('is not taken for one while the keychain cannot be asked', async () => {
    const { open, keychain } = await withoutIndex()
    keychain.state = 'refuses'
    expect(await failure(open().read(production))).toMatchObject(unavailable)
    keychain.state = 'answers'
    expect(await failure(open().read(production))).toMatchObject({ code: 'store_corrupt' })
  })

  it('leaves nothing in the keychain after destroy, which removes what only it has named', async () => {
    for (const isTold of [true, false]) {
      const { open, keychain, directory } = await withoutIndex()
      keychain.entries.set('of another program', 'a text')
      if (isTold) {
        await failure(open().read(production))
        await put(open(), production, signedIn('grace'))
      }
      await open().destroy(production)
      expect([...keychain.entries.keys()]).toEqual(['of another program'])
      expect(await readdir(directory)).toEqual([])
      expect(await open().read(production)).toBeUndefined()
    }
  })
})

describe('another keychain behind the same index', () => {
  /** As after a login to another session, or with a new keyring in the place of the old one. */
  async function elsewhere() {
    const home = await keychainHome()
    await put(home.store, production, signedIn('ada'))
    const other = new FakeKeychain()
    return { ...home, other, there: () => home.open(other) }
  }

  it('is store_unavailable to who reads, whether the account is in the index or not', async () => {
    const { there, open, path } = await elsewhere()
    const before = await readFile(path, 'utf8')
    for (const key of [production, work]) {
      expect(await failure(there().read(key))).toMatchObject({
        ...unavailable,
        message: expect.stringContaining('not the keychain'),
        hint: expect.stringContaining(path),
      })
    }
    expect(await readFile(path, 'utf8')).toBe(before)
    expect(await accessTokenOf(open(), production)).toBe('access-of-ada')
  })

  it('gets nothing, and nothing is destroyed', async () => {
    const { there, open, other, path } = await elsewhere()
    const before = await readFile(path, 'utf8')
    expect(await failure(there().commit(work, undefined, signedIn('w')))).toMatchObject(unavailable)
    expect(await failure(there().destroy(production))).toMatchObject(unavailable)
    expect(other.entries.size).toBe(0)
    expect(await readFile(path, 'utf8')).toBe(before)
    expect(await accessTokenOf(open(), production)).toBe('access-of-ada')
  })

  it('is recognised although it has accounts of its own', async () => {
    const { there, other, path } = await elsewhere()
    const index = await readFile(path, 'utf8')
    await unlink(path)
    await put(there(), production, signedIn('there'))
    await writeFile(path, index)
    expect(await failure(there().read(production))).toMatchObject(unavailable)
    expect(other.content).toContain('access-of-there')
  })

  it('can be begun with anew, without the index of the other one', async () => {
    const { there, path } = await elsewhere()
    await unlink(path)
    expect(await there().read(production)).toBeUndefined()
    await put(there(), production, signedIn('there'))
    expect(await accessTokenOf(there(), production)).toBe('access-of-there')
  })

  it('is as good as the first where the index has no account any more', async () => {
    const { there, store } = await elsewhere()
    await put(store, production, undefined)
    expect(await there().read(production)).toBeUndefined()
    await put(there(), production, signedIn('there'))
    expect(await accessTokenOf(there(), production)).toBe('access-of-there')
  })
})

describe('an index of the time before markers', () => {
  async function oldHome() {
    const home = await keychainHome()
    await put(home.store, production, signedIn('ada'))
    const { markers, ...index } = await readJson(home.path)
    const [entry] = Object.values<{ current: { id: string } }>(index.entries)
    const [name = ''] = home.keychain.values
    const text = home.keychain.entries.get(name) ?? ''
    home.keychain.entries.clear()
    home.keychain.entries.set('5f0c.0', text)
    if (entry !== undefined) entry.current.id = '5f0c'
    await writeFile(home.path, JSON.stringify(index))
    return home
  }

  it('goes on working, and is marked when an account was found', async () => {
    const { open, path, keychain } = await oldHome()
    expect(await open().read(work)).toBeUndefined()
    expect(await readJson(path)).not.toHaveProperty('markers')
    expect(await accessTokenOf(open(), production)).toBe('access-of-ada')
    expect(await readJson(path)).toHaveProperty('markers.test')
    await put(open(), work, signedIn('work'))
    expect(await failure(open(new FakeKeychain()).read(production))).toMatchObject(unavailable)
    await open().destroy(production)
    await open().destroy(work)
    expect(keychain.entries.size).toBe(0)
  })

  it('can be read although neither it nor the keychain can be changed', async () => {
    const { open, keychain } = await oldHome()
    keychain.before = (method) => {
      keychain.state = method === 'set' ? 'refuses' : 'answers'
    }
    expect(await accessTokenOf(open(), production)).toBe('access-of-ada')
  })

  it('that lost an entry says so once, as before', async () => {
    const { open, keychain } = await oldHome()
    keychain.entries.clear()
    expect(await failure(open().read(production))).toMatchObject({ code: 'store_corrupt' })
    expect(await open().read(production)).toBeUndefined()
  })
})

describe('the first use', () => {
  it('asks the keychain for little more than whether it works', async () => {
    const { store, keychain } = await keychainHome()
    expect(await store.read(production)).toBeUndefined()
    expect(keychain.calls.map((call) => call.split(' ')[0])).toEqual([
      'set',
      'get',
      'delete',
      'get',
    ])
    expect(keychain.entries.size).toBe(0)
  })

  it('that is cut short anywhere is not taken for a removed index', async () => {
    for (let count = 1; ; count++) {
      const { store, open, keychain } = await keychainHome()
      let calls = 0
      keychain.before = () => {
        calls += 1
        if (calls >= count) keychain.state = 'refuses'
      }
      await store.commit(production, undefined, signedIn('ada')).catch(() => {})
      keychain.before = () => {}
      keychain.state = 'answers'
      const { value } = (await open().read(production)) ?? {}
      expect([undefined, signedIn('ada')]).toContainEqual(value)
      await put(open(), production, signedIn('grace'))
      expect(keychain.content).not.toContain('access-of-ada')
      if (calls < count) break
    }
  })

  it('of two services in one home has a marker for each', async () => {
    const { open, path } = await keychainHome()
    const keychains = [new FakeKeychain(), new FakeKeychain()]
    const stores = keychains.map((keychain, index) => open(keychain, `app-${index}`))
    for (const store of stores) await put(store, production, signedIn('ada'))
    expect(Object.keys((await readJson(path)).markers)).toEqual(['app-0', 'app-1'])
    await stores[0]?.destroy(production)
    expect(keychains.map(({ entries }) => entries.size)).toEqual([0, 2])
    expect(await accessTokenOf(open(keychains[1], 'app-1'), production)).toBe('access-of-ada')
  })
})

describe('what a destroyed account leaves', () => {
  it('is removed with another one, where a process has died over it', async () => {
    const { open, store, keychain, path } = await keychainHome()
    await put(store, production, signedIn('ada'))
    const { id } = (await readJson(path)).markers.test
    keychain.entries.set(`${id}.of-nobody.0`, split(toAsciiJson({}), 1_000)[0] ?? '')
    await put(store, work, signedIn('work'))
    await open().destroy(work)
    expect(keychain.values).toHaveLength(1)
    expect(await accessTokenOf(open(), production)).toBe('access-of-ada')
  })

  it('stays in the keychain as long as a damaged index may be repaired', async () => {
    const { open, store, keychain, path } = await keychainHome()
    await put(store, production, signedIn('ada'))
    await put(store, work, signedIn('work'))
    await writeFile(path, '{')
    await failure(open().destroy(work))
    await open().destroy(work)
    await put(open(), work, signedIn('anew'))
    await open().destroy(work)
    expect(keychain.values).toHaveLength(2)
  })
})

import { readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { AuthError } from '../../src/errors/auth-error.ts'
import { guardKeychain } from '../../src/node/keychain-store/guarded-keychain.ts'
import { vault } from '../../src/node/keychain-store/vault.ts'
import { fileStore } from '../../src/node.ts'
import type { StoredAccount } from '../../src/store/account.ts'
import { memoryStore } from '../../src/store/memory-store.ts'
import type { StoreFallback, TokenStore } from '../../src/store/store.ts'
import { storeList } from '../../src/store/store-list.ts'
import { storeContract } from '../../src/testing.ts'
import { accessTokenOf, production, put, signedIn, staging } from '../node/file-store/accounts.ts'
import { failure, settle } from '../support/async.ts'
import { readJson } from '../support/directories.ts'
import { keychainHome } from '../support/keychain.ts'

const work = { ...production, profile: 'work' }

/** A machine with a keychain and a file, and lists of both as several processes have them. */
async function machine() {
  const home = await keychainHome()
  const config = join(home.directory, '.maas.config')
  const file = () => fileStore({ path: config })
  return {
    ...home,
    config,
    file,
    list: () => storeList([home.open(), file()]),
    choices: async () => (await readJson(home.path)).choices,
  }
}

describe('a list of stores, as any store,', () => {
  storeContract({
    describe,
    it,
    async createStore() {
      const { list } = await machine()
      return { store: list(), reopen: list }
    },
  })
})

describe('a list of stores whose first does not work, as any store,', () => {
  storeContract({
    describe,
    it,
    async createStore() {
      const { list, keychain } = await machine()
      keychain.state = 'refuses'
      return { store: list(), reopen: list }
    },
  })
})

describe('which store of a list is used', () => {
  it('is the first that works, and the machine remembers it', async () => {
    const { list, keychain, choices, directory } = await machine()
    const store = list()
    await put(store, production, signedIn('ada'))
    expect(store.describe()).toMatchObject({ kind: 'keychain' })
    expect(store.describe()).not.toHaveProperty('insteadOf')
    expect(await choices()).toEqual({ test: ['keychain:test'] })
    expect(keychain.content).toContain('access-of-ada')
    expect(await readdir(directory)).toEqual(['.maas.keychain'])
  })

  it('is not decided by reading only', async () => {
    const { list, directory } = await machine()
    expect(await list().read(production)).toBeUndefined()
    expect(await readdir(directory)).toEqual([])
  })

  it('is the next one where the first does not work, which is told', async () => {
    const { list, keychain, config, choices } = await machine()
    keychain.state = 'refuses'
    const store = list()
    const told: StoreFallback[] = []
    store.onFallback?.((fallback) => told.push(fallback))
    await put(store, production, signedIn('ada'))
    await put(store, production, signedIn('grace'))
    const description = { kind: 'file', location: config, insteadOf: 'keychain' }
    expect(store.describe()).toMatchObject(description)
    expect(told).toMatchObject([{ code: 'store_unavailable', instead: description }])
    expect(await choices()).toEqual({ test: [`file:${config}`] })
    const late: StoreFallback[] = []
    const stop = store.onFallback?.((fallback) => late.push(fallback))
    await settle()
    expect(late).toHaveLength(1)
    stop?.()
  })

  it('stays the file when the keychain works later, and the keychain when it does not', async () => {
    const first = await machine()
    first.keychain.state = 'refuses'
    await put(first.list(), production, signedIn('ada'))
    first.keychain.state = 'answers'
    expect(await accessTokenOf(first.list(), production)).toBe('access-of-ada')
    await put(first.list(), work, signedIn('work'))
    expect(first.keychain.entries.size).toBe(0)

    const second = await machine()
    await put(second.list(), production, signedIn('ada'))
    second.keychain.state = 'refuses'
    for (const key of [production, work]) {
      const error = await failure(second.list().read(key))
      expect(error).toMatchObject({
        code: 'store_unavailable',
        message: expect.stringContaining('keychain'),
        hint: expect.stringContaining('destroy()'),
      })
    }
    expect(await failure(second.list().commit(work, undefined, signedIn('x')))).toMatchObject({
      code: 'store_unavailable',
    })
    expect(await readdir(second.directory)).toEqual(['.maas.keychain'])
  })

  it('is the keychain, too, when it was used without a list before', async () => {
    const { open, list, keychain } = await machine()
    await put(open(), production, signedIn('ada'))
    keychain.state = 'refuses'
    expect(await failure(list().read(production))).toMatchObject({ code: 'store_unavailable' })
  })

  it('is the file for who is signed in there, although a keychain was put before it', async () => {
    const { file, list, keychain } = await machine()
    await put(file(), production, signedIn('ada'))
    const store = list()
    expect(await accessTokenOf(store, production)).toBe('access-of-ada')
    expect(store.describe()).toMatchObject({
      kind: 'file',
      insteadOf: 'keychain',
      note: expect.stringContaining('destroy()'),
    })
    await put(store, production, signedIn('renewed'))
    expect(await accessTokenOf(file(), production)).toBe('access-of-renewed')
    expect(keychain.entries.size).toBe(0)
  })

  it('is the file for that account even when another one has chosen the keychain', async () => {
    const { file, list } = await machine()
    await put(list(), work, signedIn('work'))
    await put(file(), production, signedIn('ada'))
    expect(await accessTokenOf(list(), production)).toBe('access-of-ada')
    expect(await accessTokenOf(list(), work)).toBe('access-of-work')
  })

  it('is the keychain after a sign-out there, whatever lies in the file', async () => {
    const { file, list } = await machine()
    await put(list(), production, { session: { status: 'signed-out' } })
    await put(list(), work, signedIn('work'))
    await put(file(), production, signedIn('of long ago'))
    expect((await list().read(production))?.value.session.status).toBe('signed-out')
  })

  it('is the one in which somebody has signed out later, wherever that is in the list', async () => {
    const signedOut = { session: { status: 'signed-out', since: 2_000 } } as const
    for (const [inKeychain, inFile] of [
      [signedOut, obtained('of before', 1_000)],
      [obtained('of before', 1_000), signedOut],
      // Nobody knows how old these are: they may be what was signed out of.
      [signedOut, obtained('nobody knows when', undefined)],
    ]) {
      const { open, file } = await machine()
      await open().commit(production, undefined, inKeychain)
      await file().commit(production, undefined, inFile)
      for (const stores of [
        [withoutChoice(open()), file()],
        [file(), withoutChoice(open())],
      ]) {
        expect((await storeList(stores).read(production))?.value).toMatchObject(signedOut)
      }
    }
  })

  it('is the one in which somebody has signed in after a sign-out in another', async () => {
    const { open, file } = await machine()
    await open().commit(production, undefined, { session: { status: 'signed-out', since: 2_000 } })
    await file().commit(production, undefined, obtained('later', 3_000))
    const store = storeList([withoutChoice(open()), file()])
    expect(await accessTokenOf(store, production)).toBe('access-of-later')
  })

  it('is the one with the latest session, where several have one and none was chosen', async () => {
    const { open, file } = await machine()
    await open().commit(production, undefined, obtained('before', 1_000))
    await file().commit(production, undefined, obtained('later', 3_000))
    for (const stores of [
      [withoutChoice(open()), file()],
      [file(), withoutChoice(open())],
    ]) {
      expect(await accessTokenOf(storeList(stores), production)).toBe('access-of-later')
    }
  })

  it('is one, although two processes decide at the same time', async () => {
    const { list, open, file, keychain } = await machine()
    const [desktop, overSsh] = [list(), storeList([brokenLike(open()), file()])]
    await Promise.all([desktop.read(production), overSsh.read(production)])
    await put(desktop, production, signedIn('ada'))
    const late = overSsh.commit(production, undefined, signedIn('late'))
    expect(await failure(late)).toMatchObject({ code: 'store_unavailable' })
    expect(keychain.content).not.toContain('access-of-late')
    expect(await file().read(production)).toBeUndefined()
  })

  it('is one, too, for who has seen a sign-out in another store before', async () => {
    const { open, file, list } = await machine()
    const overSsh = storeList([brokenLike(open()), file()])
    const revision = await put(overSsh, production, { session: { status: 'signed-out' } })
    await overSsh.read(production)
    await put(list(), production, signedIn('ada'))
    const late = overSsh.commit(production, revision, signedIn('late'))
    expect(await failure(late)).toMatchObject({ code: 'store_unavailable' })
    expect((await file().read(production))?.value.session.status).toBe('signed-out')
  })

  it('is forgotten with the last account, and decided anew', async () => {
    const { list, keychain, directory, config } = await machine()
    keychain.state = 'refuses'
    await put(list(), production, signedIn('ada'))
    keychain.state = 'answers'
    await list().destroy?.(production)
    expect(await readdir(directory)).toEqual([])
    const store = list()
    await put(store, production, signedIn('ada'))
    expect(store.describe().kind).toBe('keychain')
    expect(await readdir(directory)).not.toContain(config)
  })

  it('is not forgotten while other accounts are in the keychain', async () => {
    const { list, keychain } = await machine()
    await put(list(), production, signedIn('ada'))
    await put(list(), work, signedIn('work'))
    await list().destroy?.(production)
    keychain.state = 'refuses'
    expect(await failure(list().read(work))).toMatchObject({ code: 'store_unavailable' })
  })

  it('is not forgotten while other accounts are in the file that was chosen', async () => {
    const { list, keychain, choices, config, directory } = await machine()
    keychain.state = 'refuses'
    for (const key of [production, work]) await put(list(), key, signedIn(key.profile))
    keychain.state = 'answers'
    await list().destroy?.(production)
    expect(await choices()).toEqual({ test: [`file:${config}`] })
    await put(list(), staging, signedIn('staging'))
    expect(keychain.entries.size).toBe(0)
    for (const key of [work, staging]) await list().destroy?.(key)
    expect(await readdir(directory)).toEqual([])
  })

  it('is remembered for each service by itself', async () => {
    const { open, file, keychain, choices } = await machine()
    const listOf = (service: string) => storeList([open(keychain, service), file()])
    await put(listOf('app-a'), production, signedIn('ada'))
    await put(listOf('app-b'), production, signedIn('grace'))
    expect(await choices()).toEqual({ 'app-a': ['keychain:app-a'], 'app-b': ['keychain:app-b'] })
    keychain.state = 'refuses'
    for (const service of ['app-a', 'app-b']) {
      const store = listOf(service)
      expect(await failure(store.read(production))).toMatchObject({ code: 'store_unavailable' })
      const second = store.commit(production, undefined, signedIn('second'))
      expect(await failure(second)).toMatchObject({ code: 'store_unavailable' })
    }
    expect(await file().read(production)).toBeUndefined()
  })

  it('is remembered although another list of that service has chosen what is not in this one', async () => {
    const { open, file, keychain, directory } = await machine()
    const elsewhere = () =>
      storeList([open(), fileStore({ path: join(directory, 'elsewhere.config') })])
    const here = () => storeList([open(), file()])
    keychain.state = 'refuses'
    await put(elsewhere(), production, signedIn('ada'))
    keychain.state = 'answers'
    await put(here(), work, signedIn('work'))
    expect(keychain.content).toContain('access-of-work')
    expect(await accessTokenOf(elsewhere(), production)).toBe('access-of-ada')
    keychain.state = 'refuses'
    expect(await failure(here().read(work))).toMatchObject({ code: 'store_unavailable' })
    expect(await accessTokenOf(elsewhere(), production)).toBe('access-of-ada')
  })

  it('is what an index remembers that has one choice for all services', async () => {
    const { list, path, config, keychain, directory } = await machine()
    await writeFile(path, JSON.stringify({ version: 1, choice: `file:${config}` }))
    const store = list()
    await put(store, production, signedIn('ada'))
    expect(store.describe()).toMatchObject({ kind: 'file' })
    expect(keychain.entries.size).toBe(0)
    await store.destroy?.(production)
    expect(await readdir(directory)).toEqual([])
  })

  it('is never remembered of a place that forgets', async () => {
    const { open, keychain, directory, path } = await machine()
    keychain.state = 'refuses'
    const store = storeList([open(), memoryStore()])
    await put(store, production, signedIn('ada'))
    expect(await accessTokenOf(store, production)).toBe('access-of-ada')
    expect(await readdir(directory)).toEqual([])
    // As it was remembered before.
    await writeFile(path, JSON.stringify({ version: 1, choice: 'memory' }))
    keychain.state = 'answers'
    await put(storeList([open(), memoryStore()]), work, signedIn('work'))
    expect(keychain.content).toContain('access-of-work')
  })

  it('is memory on a home where nothing can be written', async () => {
    const { keychain, path } = await machine()
    keychain.state = 'refuses'
    const readOnly = vault({
      keychain: guardKeychain({ backend: keychain, timeoutMs: 1_000 }),
      service: 'test',
      path,
      lock: { withLock: () => Promise.reject(new AuthError('store_unavailable', 'Read-only.')) },
      partLength: 2_000,
    })
    const store = storeList([readOnly, memoryStore()])
    await put(store, production, signedIn('ada'))
    expect(await accessTokenOf(store, production)).toBe('access-of-ada')
  })

  it('keeps accounts apart, wherever they are', async () => {
    const { list, file } = await machine()
    await put(file(), staging, signedIn('staging'))
    for (const key of [production, work]) await put(list(), key, signedIn(key.profile))
    for (const [key, name] of [
      [production, 'default'],
      [work, 'work'],
      [staging, 'staging'],
    ] as const) {
      expect(await accessTokenOf(list(), key)).toBe(`access-of-${name}`)
    }
    await list().destroy?.(staging)
    expect(await list().read(staging)).toBeUndefined()
    expect(await accessTokenOf(list(), work)).toBe('access-of-work')
  })
})

describe('a list of stores', () => {
  it('is store_unavailable when none of them works', async () => {
    const store = storeList([brokenLike(memoryStore()), brokenLike(memoryStore())])
    expect(await failure(store.read(production))).toMatchObject({ code: 'store_unavailable' })
  })

  it('has something in it', () => {
    expect(() => storeList([])).toThrow(expect.objectContaining({ code: 'config_invalid' }))
  })

  it('does not hide that something is damaged', async () => {
    const damaged: TokenStore = {
      ...memoryStore(),
      read: () => Promise.reject(new AuthError('store_corrupt', 'Damaged.')),
    }
    const store = storeList([damaged, memoryStore()])
    expect(await failure(store.read(production))).toMatchObject({ code: 'store_corrupt' })
  })

  it('passes over one whose package is not installed, and says so', async () => {
    const missing: TokenStore = {
      ...memoryStore(),
      describe: () => ({ kind: 'keychain', persistent: true, encrypted: true, shared: 'machine' }),
      read: () => Promise.reject(new AuthError('config_invalid', 'Not installed.')),
    }
    const store = storeList([missing, memoryStore()])
    const told: StoreFallback[] = []
    store.onFallback?.((fallback) => told.push(fallback))
    expect(await store.read(production)).toBeUndefined()
    await settle()
    expect(told).toMatchObject([{ code: 'config_invalid', instead: { kind: 'memory' } }])
  })

  it('locks what is locked by who uses one of its stores only', async () => {
    const { list, file } = await machine()
    await put(file(), production, signedIn('ada'))
    const name = JSON.stringify([production.issuer, production.clientId, production.profile, ''])
    await file().lock?.withLock(name, { timeoutMs: 1_000 }, async () => {
      const waiting = list().lock?.withLock(name, { timeoutMs: 50 }, async () => {})
      expect(await failure(waiting ?? Promise.resolve())).toMatchObject({ code: 'lock_timeout' })
    })
  })
})

/** As of a program that has no list yet: what this machine has chosen is not known. */
function withoutChoice(store: TokenStore): TokenStore {
  return { ...store, choice: undefined }
}

function obtained(name: string, obtainedAt: number | undefined): StoredAccount {
  const tokens = {
    accessToken: `access-of-${name}`,
    tokenType: 'Bearer',
    kind: 'opaque',
    obtainedAt,
  } as const
  return { session: { status: 'signed-in', tokens } }
}

/** A store that cannot be reached, on the same place; what it remembers can be. */
function brokenLike(store: TokenStore): TokenStore {
  const unreachable = () => Promise.reject(new AuthError('store_unavailable', 'Not here.'))
  return { ...store, read: unreachable, commit: unreachable }
}

import { readdir, readFile, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { describe, expect, it } from 'vitest'
import { failure } from '../../support/async.ts'
import { modeOf, readJson } from '../../support/directories.ts'
import { keychainHome } from '../../support/keychain.ts'
import { accessTokenOf, production, put, signedIn } from '../file-store/accounts.ts'

const work = { ...production, profile: 'work' }

describe('a commit that is cut short', () => {
  /** Runs one commit, whose process dies at the given call to the keychain. */
  async function dieAt(count: number) {
    const home = await keychainHome({ platform: 'win32', maximalBytes: 2_560, timeoutMs: 50 })
    const { keychain, store, open } = home
    const long = { ...signedIn('ada'), apiKey: { value: 'x'.repeat(3_000), origins: [] } }
    await put(store, production, long)
    const before = new Set(keychain.entries.keys())
    let calls = 0
    keychain.before = () => {
      calls += 1
      // Nothing that comes from this process is carried out any more.
      if (calls >= count) keychain.state = 'refuses'
    }
    const next = { ...signedIn('grace'), apiKey: { value: 'y'.repeat(3_000), origins: [] } }
    const result = await put(store, production, next).then(
      () => 'done',
      () => 'failed',
    )
    keychain.before = () => {}
    keychain.state = 'answers'
    return { ...home, result, calls, before, found: await accessTokenOf(open(), production) }
  }

  it('leaves the old or the new value whole, wherever that happens, and no entry for long', async () => {
    const seen = new Set<string>()
    for (let count = 1; ; count++) {
      const { result, found, calls, open, keychain } = await dieAt(count)
      seen.add(`${result}: ${found}`)
      // What is confirmed counts, and what counts was confirmed.
      expect(found).toBe(result === 'done' ? 'access-of-grace' : 'access-of-ada')
      // The next commit removes what is left over.
      await put(open(), production, signedIn('next'))
      expect(keychain.values).toHaveLength(1)
      expect(keychain.content).not.toMatch(/x{100}|y{100}/)
      if (calls < count) break
    }
    expect(seen).toEqual(new Set(['failed: access-of-ada', 'done: access-of-grace']))
  })

  it('is never taken for the newest when it lands late', async () => {
    const { keychain, open, store } = await keychainHome({ timeoutMs: 50 })
    const first = await put(store, production, signedIn('ada'))
    keychain.before = (method) => {
      if (method === 'set') keychain.state = 'hangs'
    }
    const late = await failure(store.commit(production, first, signedIn('late')))
    expect(late).toMatchObject({ code: 'store_unavailable' })
    keychain.before = () => {}
    keychain.state = 'answers'
    const revision = await put(open(), production, signedIn('grace'))
    // Only now the keychain carries out what it was asked for first.
    keychain.wakeUp()
    expect(keychain.content).toContain('access-of-late')
    for (const reader of [store, open()]) {
      expect(await reader.read(production)).toEqual({ value: signedIn('grace'), revision })
    }
    // It is not forgotten there either.
    await put(open(), production, signedIn('next'))
    expect(keychain.content).not.toContain('access-of-late')
  })
})

describe('what is in the keychain of an account', () => {
  it('is reported as damaged once when somebody has removed it, and the person can sign in again', async () => {
    const { keychain, open, store } = await keychainHome()
    await put(store, production, signedIn('ada'))
    await put(store, work, signedIn('work'))
    const [account = ''] = keychain.values
    keychain.entries.delete(account)
    const next = open()
    expect(await failure(next.read(production))).toMatchObject({ code: 'store_corrupt' })
    expect(await next.read(production)).toBeUndefined()
    expect(await accessTokenOf(open(), work)).toBe('access-of-work')
    await put(next, production, signedIn('grace'))
    expect(await accessTokenOf(open(), production)).toBe('access-of-grace')
  })

  it('is not taken for removed by a keychain that says "nothing" and is locked', async () => {
    const { keychain, open, store } = await keychainHome()
    await put(store, production, signedIn('ada'))
    const kept = new Map(keychain.entries)
    keychain.entries.clear()
    keychain.before = (method) => {
      keychain.state = method === 'get' ? 'answers' : 'refuses'
    }
    expect(await failure(open().read(production))).toMatchObject({ code: 'store_unavailable' })
    keychain.before = () => {}
    keychain.state = 'answers'
    for (const [account, text] of kept) keychain.entries.set(account, text)
    expect(await accessTokenOf(open(), production)).toBe('access-of-ada')
  })

  it('is read anew when somebody replaces it while it is being read', async () => {
    for (const outcome of ['nothing', 'a failure']) {
      const { keychain, open, store } = await keychainHome()
      await put(store, production, signedIn('ada'))
      keychain.before = async () => {
        keychain.before = () => {}
        await put(open(), production, signedIn('grace'))
        // As GNOME Keyring says of an entry that is removed while it is read.
        if (outcome === 'a failure') throw new Error('No such interface')
      }
      expect(await accessTokenOf(open(), production)).toBe('access-of-grace')
    }
  })

  it('is not asked for by waiters one by one', async () => {
    const { keychain, open, store } = await keychainHome()
    await put(store, production, signedIn('ada'))
    const reader = open()
    keychain.calls.length = 0
    await Promise.all(Array.from({ length: 50 }, () => reader.read(production)))
    for (let again = 0; again < 50; again++) await reader.read(production)
    expect(keychain.calls).toHaveLength(1)
    // A change by somebody else is seen all the same.
    await put(open(), production, signedIn('grace'))
    expect(await accessTokenOf(reader, production)).toBe('access-of-grace')
  })
})

describe('the index', () => {
  it('holds no secret, and is for its owner only', async () => {
    const { path, store, keychain } = await keychainHome()
    await put(store, production, {
      ...signedIn('ada'),
      apiKey: { value: 'pk_1.sk_2', origins: [] },
    })
    const text = await readFile(path, 'utf8')
    expect(text).not.toMatch(/-of-ada|sk_2/)
    expect(await modeOf(path)).toBe('0600')
    expect(keychain.content).toContain('sk_2')
  })

  it('is set aside when it is damaged, and that is told once', async () => {
    const { path, store, open } = await keychainHome()
    await put(store, production, signedIn('ada'))
    await writeFile(path, '{"entries":')
    expect(await failure(open().read(production))).toMatchObject({ code: 'store_corrupt' })
    expect(await open().read(production)).toBeUndefined()
    await open().destroy(production)
    expect(await readdir(dirname(path))).toEqual([expect.stringContaining('corrupt')])
  })

  it('of a newer version is left alone', async () => {
    const { path, open } = await keychainHome()
    await writeFile(path, '{"version":2,"sealed":true}')
    expect(await failure(open().read(production))).toMatchObject({
      code: 'store_unavailable',
      retryable: false,
    })
    expect(await readJson(path)).toEqual({ version: 2, sealed: true })
  })

  it('keeps what a newer version has added', async () => {
    const { path, open } = await keychainHome()
    await writeFile(path, '{"version":1,"added":"later"}')
    await put(open(), production, signedIn('ada'))
    expect(await readJson(path)).toMatchObject({ added: 'later' })
  })
})

describe('several accounts in one home', () => {
  it('are not lost without a word when one is destroyed and the index is damaged', async () => {
    const { open, path } = await keychainHome()
    for (const key of [production, work]) await put(open(), key, signedIn('ada'))
    const sound = await readFile(path, 'utf8')
    await writeFile(path, sound.slice(1))
    const error = await failure(open().destroy(production))
    expect(error).toMatchObject({ code: 'store_corrupt' })
    await open().destroy(production)
    const aside = /kept as (.+?):/.exec((error as { hint: string }).hint)?.[1] ?? ''
    expect(await readFile(aside, 'utf8')).toBe(sound.slice(1))
    await writeFile(path, sound)
    expect(await accessTokenOf(open(), work)).toBe('access-of-ada')
  })

  it('are destroyed one by one, and with the last one everything is gone', async () => {
    const { directory, keychain, open, store } = await keychainHome()
    const staging = { ...production, issuer: 'https://auth.lanonasis.com:3005' }
    for (const key of [production, work, staging]) {
      await put(store, key, signedIn(`${key.issuer} ${key.profile}`))
    }
    await open().destroy(work)
    expect(keychain.values).toHaveLength(2)
    expect(await open().read(work)).toBeUndefined()
    expect(await accessTokenOf(open(), staging)).toContain(staging.issuer)
    await open().destroy(production)
    await open().destroy(staging)
    expect(keychain.entries.size).toBe(0)
    expect(await readdir(directory)).toEqual([])
  })

  it('are not destroyed by halves: what the keychain does not give away now is tried again', async () => {
    const { keychain, open, store } = await keychainHome()
    await put(store, production, signedIn('ada'))
    keychain.state = 'refuses'
    expect(await failure(open().destroy(production))).toMatchObject({ code: 'store_unavailable' })
    keychain.state = 'answers'
    await open().destroy(production)
    expect(keychain.entries.size).toBe(0)
  })

  it('can be destroyed without a keychain where nothing is in it', async () => {
    const { directory, keychain, open } = await keychainHome()
    keychain.state = 'refuses'
    await open().destroy(production)
    expect(await readdir(directory)).toEqual([])
  })
})

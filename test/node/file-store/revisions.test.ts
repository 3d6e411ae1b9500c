import { writeFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { fileStore } from '../../../src/node.ts'
import { configPath, readJson } from '../../support/directories.ts'
import { accessTokenOf, production, put, signedIn, staging } from './accounts.ts'

describe('revisions of the file store', () => {
  it('refuses a commit over a revision that is not the latest, and says what is there', async () => {
    const store = fileStore({ path: await configPath() })
    const first = await put(store, production, signedIn('one'))
    const second = await put(store, production, signedIn('two'))

    const late = await store.commit(production, first, signedIn('late'))
    expect(late).toMatchObject({ ok: false, current: { revision: second } })
    expect(await accessTokenOf(store, production)).toBe('access-of-two')
  })

  it('refuses a first commit when there is an account already', async () => {
    const store = fileStore({ path: await configPath() })
    await put(store, production, signedIn('one'))
    expect(await store.commit(production, undefined, signedIn('other'))).toMatchObject({
      ok: false,
    })
    expect(await accessTokenOf(store, production)).toBe('access-of-one')
  })

  it('refuses to change or remove what is no longer there', async () => {
    const store = fileStore({ path: await configPath() })
    const revision = await put(store, production, signedIn('one'))
    await put(store, production, undefined)
    for (const value of [signedIn('two'), undefined]) {
      const result = await store.commit(production, revision, value)
      expect(result).toEqual({ ok: false, current: undefined })
    }
  })

  it('reports the revision that the next reader finds', async () => {
    const path = await configPath()
    const revision = await put(fileStore({ path }), production, signedIn('one'))
    expect((await fileStore({ path }).read(production))?.revision).toBe(revision)
  })

  it('never gives the same revision twice, whatever is written', async () => {
    const store = fileStore({ path: await configPath() })
    const revisions: string[] = []
    for (const name of ['one', 'two', 'one', 'one']) {
      revisions.push(await put(store, production, signedIn(name)))
    }
    await put(store, production, undefined)
    revisions.push(await put(store, production, signedIn('one')))
    expect(new Set(revisions).size).toBe(revisions.length)
  })

  it('notices a change by a program that knows no revisions', async () => {
    const path = await configPath()
    const store = fileStore({ path })
    const revision = await put(store, production, signedIn('one'))

    const config = await readJson(path)
    config.auth.tokens.access_token = 'by-another-program'
    await writeFile(path, JSON.stringify(config))

    const late = await store.commit(production, revision, signedIn('two'))
    expect(late).toMatchObject({ ok: false })
    expect(await accessTokenOf(store, production)).toBe('by-another-program')
  })

  it('does not take a change of another account for a change of this one', async () => {
    const store = fileStore({ path: await configPath() })
    const revision = await put(store, production, signedIn('one'))
    const other = await put(store, staging, signedIn('staging'))
    await put(store, { ...production, profile: 'work' }, signedIn('work'))
    expect(await store.commit(production, revision, signedIn('two'))).toMatchObject({ ok: true })
    expect(await store.commit(staging, other, signedIn('two'))).toMatchObject({ ok: true })
  })

  it('lets one of several commits over the same revision through', async () => {
    const path = await configPath()
    const stores = Array.from({ length: 8 }, () => fileStore({ path }))
    const revision = await put(fileStore({ path }), production, signedIn('before'))
    const results = await Promise.all(
      stores.map((store, index) => store.commit(production, revision, signedIn(`${index}`))),
    )
    expect(results.filter(({ ok }) => ok)).toHaveLength(1)
    expect(await accessTokenOf(fileStore({ path }), production)).toBe(
      `access-of-${results.findIndex(({ ok }) => ok)}`,
    )
  })

  it('loses no account when many are written at once', async () => {
    const path = await configPath()
    const keys = Array.from({ length: 20 }, (_, index) => ({ ...production, profile: `p${index}` }))
    await Promise.all(keys.map((key) => put(fileStore({ path }), key, signedIn(key.profile))))
    for (const key of keys) {
      expect(await accessTokenOf(fileStore({ path }), key)).toBe(`access-of-${key.profile}`)
    }
  })
})

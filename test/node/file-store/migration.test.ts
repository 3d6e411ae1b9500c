import { describe, expect, it, onTestFinished } from 'vitest'
import { createClient, fileStore } from '../../../src/node.ts'
import { configPath, readJson } from '../../support/directories.ts'
import { accountOf, production, put, signedIn, staging } from './accounts.ts'

describe('a file of the time before OAuth', () => {
  it('has its `token` moved to `auth.legacyToken` at the first read', async () => {
    const path = await configPath({ token: 'an-old-token', apiUrl: 'https://api.example.com' })
    const account = await accountOf(fileStore({ path }), production)
    expect(account).toMatchObject({
      session: { status: 'signed-out' },
      legacyToken: 'an-old-token',
    })
    expect(await readJson(path)).toEqual({
      apiUrl: 'https://api.example.com',
      auth: { legacyToken: 'an-old-token' },
    })
  })

  it('keeps what is in `auth` already', async () => {
    const path = await configPath({ token: 'an-old-token', auth: { api_key: 'pk_1.sk_2', mfa: 1 } })
    expect(await accountOf(fileStore({ path }), production)).toMatchObject({
      legacyToken: 'an-old-token',
      apiKey: { value: 'pk_1.sk_2' },
    })
    expect((await readJson(path)).auth).toMatchObject({ mfa: 1 })
  })

  it('is not migrated over a legacy token that is there', async () => {
    const path = await configPath({ token: 'older', auth: { legacyToken: 'newer' } })
    expect(await accountOf(fileStore({ path }), production)).toMatchObject({
      legacyToken: 'newer',
    })
  })

  it('is migrated by a commit too', async () => {
    const path = await configPath({ token: 'an-old-token' })
    const store = fileStore({ path })
    const work = { ...production, profile: 'work' }
    expect(await store.commit(work, undefined, signedIn('work'))).toMatchObject({ ok: true })
    const config = await readJson(path)
    expect(config).not.toHaveProperty('token')
    expect(config.auth.legacyToken).toBe('an-old-token')
  })

  it('leaves the revision good that the read gave', async () => {
    const store = fileStore({ path: await configPath({ token: 'an-old-token' }) })
    const entry = await store.read(production)
    const result = await store.commit(production, entry?.revision, signedIn('ada'))
    expect(result).toMatchObject({ ok: true })
  })

  it('shows its token to the production gateway only', async () => {
    const store = fileStore({ path: await configPath({ token: 'an-old-token' }) })
    expect(await store.read(staging)).toBeUndefined()
    expect(await accountOf(store, production)).toMatchObject({ legacyToken: 'an-old-token' })
  })

  it('makes a session that is signed out and says `legacy`', async () => {
    const path = await configPath({ token: 'an-old-token' })
    const client = createClient({ env: {}, store: fileStore({ path }) })
    onTestFinished(() => client.close())
    expect(await client.getSession()).toEqual({ status: 'signed-out', legacy: true })
  })

  it('is no longer `legacy` after a sign-in and a sign-out', async () => {
    const path = await configPath({ token: 'an-old-token' })
    const store = fileStore({ path })
    await put(store, production, { session: { status: 'signed-out' } })
    const client = createClient({ env: {}, store })
    onTestFinished(() => client.close())
    expect(await client.getSession()).toEqual({ status: 'signed-out', legacy: false })
    expect(await readJson(path)).not.toHaveProperty('token')
  })
})

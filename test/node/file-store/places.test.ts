import { describe, expect, it } from 'vitest'
import { fileStore } from '../../../src/node.ts'
import { configPath, readJson } from '../../support/directories.ts'
import { accessTokenOf, accountOf, production, put, signedIn, staging } from './accounts.ts'

const otherKeys = [
  ['of the staging gateway', staging],
  ['of another client', { ...production, clientId: 'vscode-extension' }],
  ['of another profile', { ...production, profile: 'work' }],
  ['of another resource', { ...production, resource: 'https://mcp.example.com' }],
  ['of another server', { ...production, issuer: 'https://id.example.com' }],
] as const

describe('several accounts in one file', () => {
  it.each(otherKeys)('★3 keeps the account %s apart from the roadmap’s own', async (_name, key) => {
    const path = await configPath()
    const store = fileStore({ path })
    await put(store, production, signedIn('production'))
    const before = (await readJson(path)).auth
    await put(store, key, signedIn('the other'))

    expect(await accessTokenOf(store, production)).toBe('access-of-production')
    expect(await accessTokenOf(store, key)).toBe('access-of-the other')
    const { accounts, ...after } = (await readJson(path)).auth
    expect(after).toEqual(before)
    expect(Object.keys(accounts)).toHaveLength(1)
  })

  it.each(otherKeys)('★3 ★14 shows the roadmap’s account to no client %s', async (_name, key) => {
    const store = fileStore({ path: await configPath() })
    await put(store, production, signedIn('production'))
    expect(await store.read(key)).toBeUndefined()
  })

  it.each(otherKeys)('★3 a sign-out %s leaves the roadmap’s account alone', async (_name, key) => {
    const store = fileStore({ path: await configPath() })
    await put(store, production, signedIn('production'))
    await put(store, key, signedIn('the other'))
    await put(store, key, { session: { status: 'signed-out' } })
    expect(await accessTokenOf(store, production)).toBe('access-of-production')

    await put(store, production, { session: { status: 'signed-out' } })
    await put(store, key, signedIn('the other'))
    expect(await accountOf(store, production)).toMatchObject({ session: { status: 'signed-out' } })
  })

  it('★3 gives the roadmap’s fields to the gateway that `services` names', async () => {
    const path = await configPath({
      services: { auth_gateway: 'https://auth.lanonasis.com:3005/' },
    })
    const store = fileStore({ path })
    await put(store, staging, signedIn('staging'))
    await put(store, production, signedIn('production'))

    const { auth } = await readJson(path)
    expect(auth.tokens.access_token).toBe('access-of-staging')
    expect(await accessTokenOf(store, production)).toBe('access-of-production')
  })

  it('★3 believes the tokens rather than a `services` block that was changed later', async () => {
    const path = await configPath()
    await put(fileStore({ path }), production, signedIn('production'))
    const config = await readJson(path)
    const services = { auth_gateway: 'https://auth.lanonasis.com:3005' }
    const store = fileStore({ path: await configPath({ ...config, services }) })

    expect(await store.read(staging)).toBeUndefined()
    expect(await accessTokenOf(store, production)).toBe('access-of-production')
  })

  it.each([
    ['signs out', { session: { status: 'signed-out' } }],
    ['ends', { session: { status: 'expired' } }],
    ['is removed', undefined],
  ] as const)(
    '★3 still finds both accounts when the one in the roadmap’s fields %s after `services` was changed',
    async (_name, ended) => {
      const path = await configPath({ services: { auth_gateway: staging.issuer } })
      const before = fileStore({ path })
      await put(before, staging, signedIn('staging'))
      await put(before, production, signedIn('production'))

      const config = await readJson(path)
      const services = { auth_gateway: production.issuer }
      const store = fileStore({ path: await configPath({ ...config, services }) })
      await put(store, staging, ended)

      expect(await accessTokenOf(store, production)).toBe('access-of-production')
      expect(await accountOf(store, staging)).toEqual(ended && expect.objectContaining(ended))
    },
  )

  it('gives the roadmap’s fields to the first client that signs in', async () => {
    const path = await configPath()
    const editor = { ...production, clientId: 'vscode-extension' }
    const store = fileStore({ path })
    await put(store, editor, signedIn('the editor'))
    await put(store, production, signedIn('the command line'))

    const { auth } = await readJson(path)
    expect(auth).toMatchObject({ client_id: 'vscode-extension' })
    expect(auth.tokens.access_token).toBe('access-of-the editor')
    expect(await accessTokenOf(store, production)).toBe('access-of-the command line')
  })

  it('takes credentials without a client id for those of the command line', async () => {
    const path = await configPath({ auth: { api_key: 'pk_1.sk_2' } })
    const store = fileStore({ path })
    expect(await store.read({ ...production, clientId: 'vscode-extension' })).toBeUndefined()
    expect(await accountOf(store, production)).toMatchObject({ apiKey: { value: 'pk_1.sk_2' } })
  })

  it('says of an account who it is, for people who read the file', async () => {
    const path = await configPath()
    await put(fileStore({ path }), { ...staging, profile: 'work' }, signedIn('staging'))
    const [section] = Object.values<object>((await readJson(path)).auth.accounts)
    expect(section).toMatchObject({
      issuer: 'https://auth.lanonasis.com:3005',
      client_id: 'lanonasis-cli',
      profile: 'work',
    })
  })
})

import { afterEach, describe, expect, it, vi } from 'vitest'
import { memoryStore } from '../../src/store/memory-store.ts'
import type { FaultAction } from '../../src/testing.ts'
import { deferred, failure } from '../support/async.ts'
import { clientFor, platformAt, signedIn } from '../support/setup.ts'
import { observedStore } from '../support/stores.ts'

afterEach(() => {
  vi.unstubAllGlobals()
})

describe('logout', () => {
  it('★17 forgets everything here, and has the tokens revoked there', async () => {
    const { client, platform, tokens, store } = await signedIn()
    const bystander = clientFor(platform, { store })
    expect(await client.logout()).toEqual({ revoked: true })
    expect(await client.getSession()).toEqual({ status: 'signed-out', legacy: false })
    expect(await bystander.getSession()).toMatchObject({ status: 'signed-out' })
    expect(await client.introspect(tokens.accessToken)).toEqual({ active: false })
    expect(await client.introspect(tokens.refreshToken)).toEqual({ active: false })
    expect(await failure(client.getAccessToken())).toMatchObject({ code: 'login_required' })
  })

  it('★17 ends a JWT session at the route for that', async () => {
    const { client, platform, tokens } = await signedIn({ family: 'jwt' })
    expect(await client.logout()).toEqual({ revoked: true })
    expect(platform.requests.map(({ path }) => path)).toEqual(['/v1/auth/logout'])
    expect(await client.introspect(tokens.accessToken)).toEqual({ active: false })
  })

  it('★17 cannot have opaque tokens revoked from a page, and says so', async () => {
    vi.stubGlobal('window', {})
    vi.stubGlobal('document', {})
    const { client, platform } = await signedIn()
    const result = await client.logout()
    expect(result).toEqual({ revoked: false, reason: expect.stringContaining('page') })
    expect(platform.requests).toEqual([])
    expect((await client.getSession()).status).toBe('signed-out')
  })

  const failing: [string, FaultAction][] = [
    ['a refused connection', 'refuse'],
    ['a failing gateway', { status: 503, body: {} }],
    ["a proxy's page", 'html'],
    ['a missing route', { status: 404, body: {} }],
  ]
  it.each(failing)(
    'forgets everything here, though the server does not confirm it: %s',
    async (_what, action) => {
      const { client, platform } = await signedIn()
      platform.order({ match: 'POST /oauth/revoke', action })
      const result = await client.logout()
      expect(result.revoked).toBe(false)
      expect(result.reason).toMatch(/auth\.lanonasis\.com/)
      expect((await client.getSession()).status).toBe('signed-out')
    },
  )

  it('ends the session in this process although it cannot be written, and has the tokens revoked', async () => {
    const platform = platformAt()
    const tokens = await platform.issueTokens()
    const { store, fail } = observedStore(memoryStore({ tokens }))
    const client = clientFor(platform, { store })
    await client.getAccessToken()
    fail.commits = true
    expect(await failure(client.logout())).toMatchObject({ code: 'store_unavailable' })
    expect(client.getSnapshot()).toMatchObject({ status: 'signed-out' })
    expect(await failure(client.getAccessToken())).toMatchObject({ code: 'login_required' })
    expect(await client.introspect(tokens.accessToken)).toEqual({ active: false })
    fail.commits = false
    expect(await client.getSession()).toMatchObject({ status: 'signed-out' })
    expect(await failure(client.getAccessToken())).toMatchObject({ code: 'login_required' })
    expect(await clientFor(platform, { store }).getSession()).toMatchObject({
      status: 'signed-out',
    })
  })

  it('says that nobody was signed in', async () => {
    const platform = platformAt()
    expect(await clientFor(platform).logout()).toMatchObject({ revoked: false })
    expect(platform.requests).toEqual([])
  })

  it('does not wait for a renewal under way, whose pair is revoked when it comes', async () => {
    const reached = deferred<string>()
    const gate = deferred()
    const platform = platformAt({ limits: false })
    const { client, expire } = await signedIn({
      platform,
      fetch: async (input, init) => {
        const response = await platform.fetch(input, init)
        if (!String(input).endsWith('/oauth/token')) return response
        reached.resolve((await response.clone().json()).access_token)
        await gate.promise
        return response
      },
    })
    expire()
    const renewing = failure(client.getAccessToken())
    const late = await reached.promise
    await client.logout()
    expect((await client.getSession()).status).toBe('signed-out')
    gate.resolve()
    expect(await renewing).toMatchObject({ code: 'login_required' })
    expect(await client.introspect(late)).toEqual({ active: false })
    expect((await client.getSession()).status).toBe('signed-out')
  })
})

describe('a sign-out that cannot be written', () => {
  it.each(['API key', 'legacy token'])(
    'holds in this process where there was only an %s, and is written with the next call',
    async (what) => {
      const inner = memoryStore(
        what === 'API key' ? { apiKey: 'pk_1.sk_2' } : { legacyToken: 'of the time before' },
      )
      const { store, fail } = observedStore(inner)
      const platform = platformAt()
      const client = clientFor(platform, { store })
      await client.getSession()
      fail.commits = true
      expect(await failure(client.logout())).toMatchObject({ code: 'store_unavailable' })
      expect(await client.getSession()).toEqual({ status: 'signed-out', legacy: false })
      expect(await failure(client.memory.list())).toMatchObject({ code: 'login_required' })
      expect(platform.requestsTo('GET /memor*')).toEqual([])
      fail.commits = false
      expect(await failure(client.memory.list())).toMatchObject({ code: 'login_required' })
      const other = clientFor(platform, { store: inner })
      expect(await other.getSession()).toEqual({ status: 'signed-out', legacy: false })
    },
  )

  it('gives way to a key that somebody has set since', async () => {
    const inner = memoryStore({ apiKey: 'pk_1.sk_2' })
    const { store, fail } = observedStore(inner)
    const platform = platformAt()
    const client = clientFor(platform, { store })
    await client.getSession()
    fail.commits = true
    await failure(client.logout())
    fail.commits = false
    await clientFor(platform, { store: inner }).setApiKey('pk_3.sk_4')
    await client.getSession()
    await failure(client.getAccessToken())
    expect(await client.getSession()).toMatchObject({ apiKey: { kind: 'pk' } })
  })

  it('leaves a key that is to be kept', async () => {
    const { store, fail } = observedStore(memoryStore({ apiKey: 'pk_1.sk_2' }))
    const client = clientFor(platformAt(), { store })
    await client.getSession()
    fail.commits = true
    await failure(client.logout({ apiKey: 'keep' }))
    fail.commits = false
    await failure(client.getAccessToken())
    expect(await client.getSession()).toMatchObject({ apiKey: { kind: 'pk' } })
  })
})

describe('the API key at a sign-out', () => {
  async function withOwnKey() {
    const setup = await signedIn()
    await setup.client.apiKeys.ensure({ name: 'my-laptop' })
    return setup
  }

  it('is forgotten, and lives on at the service', async () => {
    const { client, platform } = await withOwnKey()
    await client.logout()
    expect(await client.getSession()).not.toHaveProperty('apiKey')
    expect(platform.apiKeys).toMatchObject([{ active: true }])
  })

  it('is kept when it is asked for', async () => {
    const { client } = await withOwnKey()
    await client.logout({ apiKey: 'keep' })
    expect(await client.getSession()).toMatchObject({
      status: 'signed-out',
      apiKey: { kind: 'lano' },
    })
    expect((await client.memory.list()).items).toEqual([])
  })

  it('is revoked when it is asked for, while there is a session to do it with', async () => {
    const { client, platform } = await withOwnKey()
    expect(await client.logout({ apiKey: 'revoke' })).toEqual({ revoked: true })
    expect(platform.apiKeys).toMatchObject([{ active: false }])
    expect(await client.getSession()).toEqual({ status: 'signed-out', legacy: false })
  })

  it('goes here in any case, though it cannot be revoked there', async () => {
    const { client, platform } = await withOwnKey()
    platform.order({ match: 'POST /auth/api-keys/*', action: { status: 500, body: {} } })
    expect(await client.logout({ apiKey: 'revoke' })).toEqual({
      revoked: false,
      reason: expect.stringContaining('500'),
    })
    expect(await client.getSession()).toEqual({ status: 'signed-out', legacy: false })
  })

  it('cannot be revoked by its text alone', async () => {
    const { client, platform } = await signedIn()
    await client.setApiKey((await platform.createApiKey()).key)
    const result = await client.logout({ apiKey: 'revoke' })
    expect(result.reason).toMatch(/dashboard/)
    expect(platform.apiKeys).toMatchObject([{ active: true }])
    expect(await client.getSession()).toEqual({ status: 'signed-out', legacy: false })
  })
})

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Fetch } from '../../src/http/transport.ts'
import { memoryLock } from '../../src/lock/memory-lock.ts'
import { memoryStore } from '../../src/store/memory-store.ts'
import type { TokenStore } from '../../src/store/store.ts'
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
    const reason = expect.stringContaining('page')
    expect(result).toEqual({ revoked: false, reason, alive: ['tokens'] })
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

  it('says that a token of the time before OAuth lives on', async () => {
    const store = memoryStore({ legacyToken: 'of the time before' })
    const client = clientFor(platformAt(), { store })
    expect(await client.logout()).toMatchObject({ revoked: false, alive: ['tokens'] })
    expect(await client.getSession()).toEqual({ status: 'signed-out', legacy: false })
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

describe('a sign-out that its caller gives up', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  })

  afterEach(() => {
    vi.useRealTimers()
  })

  /** Somebody with a key, at a store that can be made to hang. */
  async function atHangingStore() {
    const platform = platformAt({ limits: false })
    const inner = memoryStore({ tokens: await platform.issueTokens() })
    const gate = deferred()
    let hangs = false
    const store: TokenStore = {
      ...inner,
      async read(key) {
        if (hangs) await gate.promise
        return inner.read(key)
      },
    }
    const hang = () => {
      hangs = true
    }
    const fetch: Fetch = async (input, init) => {
      const response = await platform.fetch(input, init)
      if (String(input instanceof Request ? input.url : input).endsWith('/revoke')) hang()
      return response
    }
    const client = clientFor(platform, { store, fetch })
    await client.apiKeys.ensure({ name: 'my-laptop' })
    platform.requests.length = 0
    return { platform, inner, store, client, hang, recover: () => gate.resolve() }
  }

  it.each(['forget', 'revoke'] as const)(
    'does not wait for a store that hangs, and says that it does not know: %s',
    async (apiKey) => {
      const { platform, inner, client, hang, recover } = await atHangingStore()
      hang()
      const controller = new AbortController()
      let ended = false
      const leaving = failure(client.logout({ apiKey, signal: controller.signal })).finally(() => {
        ended = true
      })
      await vi.advanceTimersByTimeAsync(5_000)
      expect(ended).toBe(false)
      controller.abort()
      await vi.advanceTimersByTimeAsync(4_000)
      expect(ended).toBe(true)
      expect(await leaving).toMatchObject({
        code: 'store_unavailable',
        message: expect.stringContaining('given up'),
        hint: expect.stringContaining('Sign out again'),
      })
      expect(client.getSnapshot()).toEqual({ status: 'signed-out', legacy: false })
      expect(platform.requests).toEqual([])
      recover()
      await vi.advanceTimersByTimeAsync(0)
      const other = clientFor(platform, { store: inner })
      expect(await other.getSession()).toEqual({ status: 'signed-out', legacy: false })
    },
  )

  it('does not wait for a store that hangs since the API key was revoked', async () => {
    const { platform, client } = await atHangingStore()
    const controller = new AbortController()
    const leaving = failure(client.logout({ apiKey: 'revoke', signal: controller.signal }))
    await vi.advanceTimersByTimeAsync(5_000)
    expect(platform.apiKeys).toMatchObject([{ active: false }])
    controller.abort()
    await vi.advanceTimersByTimeAsync(4_000)
    expect(client.getSnapshot()).toEqual({ status: 'signed-out', legacy: false })
    expect(await leaving).toMatchObject({ code: 'store_unavailable' })
  })

  it('does not wait for a store that hangs, though nothing was read from it before', async () => {
    const { platform, store, hang } = await atHangingStore()
    hang()
    const signal = AbortSignal.abort()
    for (const apiKey of ['forget', 'revoke'] as const) {
      const leaving = failure(clientFor(platform, { store }).logout({ apiKey, signal }))
      await vi.advanceTimersByTimeAsync(4_000)
      expect(await leaving).toMatchObject({ code: 'store_unavailable' })
    }
  })

  it('forgets everything here all the same, where the store answers', async () => {
    const { platform, inner, client } = await atHangingStore()
    const result = await client.logout({ apiKey: 'revoke', signal: AbortSignal.abort() })
    expect(result).toMatchObject({ revoked: false, alive: ['tokens', 'api-key'] })
    expect(platform.requests).toEqual([])
    const other = clientFor(platform, { store: inner })
    expect(await other.getSession()).toEqual({ status: 'signed-out', legacy: false })
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

  it('is revoked although another process made it, and nobody told of that', async () => {
    const { platform, store, client } = await signedIn()
    const { watch: _, ...silent } = store
    const late = clientFor(platform, { store: silent })
    await late.getSession()
    await client.apiKeys.ensure({ name: 'my-laptop' })
    expect(await late.logout({ apiKey: 'revoke' })).toEqual({ revoked: true })
    expect(platform.apiKeys).toMatchObject([{ active: false }])
  })

  it('is revoked as it was seen last, while the store cannot be read', async () => {
    const platform = platformAt({ limits: false })
    const { store, fail } = observedStore(memoryStore({ tokens: await platform.issueTokens() }))
    const client = clientFor(platform, { store })
    await client.apiKeys.ensure({ name: 'my-laptop' })
    fail.reads = true
    const logout = client.logout({ apiKey: 'revoke' })
    expect(await failure(logout)).toMatchObject({ code: 'store_unavailable' })
    expect(platform.apiKeys).toMatchObject([{ active: false }])
  })

  it('gets no successor when a request finds it revoked before it is forgotten here', async () => {
    const waits = deferred()
    const inside = new Set<string>()
    const { withLock } = memoryLock()
    let listing: PromiseLike<unknown> = Promise.resolve()
    const platform = platformAt({ limits: false })
    const { client } = await signedIn({
      platform,
      lock: {
        withLock(name, options, work) {
          if (inside.has(name) && name.endsWith('#api-key')) waits.resolve()
          return withLock(name, options, (lease) => {
            inside.add(name)
            return work(lease).finally(() => inside.delete(name))
          })
        },
      },
      fetch: async (input, init) => {
        const answer = await platform.fetch(input, init)
        const url = input instanceof Request ? input.url : ''
        if (!/api-keys.*revoke$/.test(url)) return answer
        listing = client.memory.list().then(
          () => {},
          () => {},
        )
        await Promise.race([listing, waits.promise])
        return answer
      },
    })
    await client.apiKeys.ensure({ name: 'my-laptop' })
    expect(await client.logout({ apiKey: 'revoke' })).toEqual({ revoked: true })
    await listing
    expect(platform.apiKeys).toMatchObject([{ active: false }])
  })

  it('goes here in any case, though it cannot be revoked there', async () => {
    const { client, platform } = await withOwnKey()
    platform.order({ match: 'POST /auth/api-keys/*', action: { status: 500, body: {} } })
    expect(await client.logout({ apiKey: 'revoke' })).toEqual({
      revoked: false,
      reason: expect.stringContaining('500'),
      alive: ['api-key'],
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

  it.each([
    { tokens: 'revoked', key: 'revoked', alive: undefined, says: [] },
    { tokens: 'revoked', key: 'pasted', alive: ['api-key'], says: ['dashboard'] },
    { tokens: 'refused', key: 'revoked', alive: ['tokens'], says: ['500'] },
    { tokens: 'refused', key: 'pasted', alive: ['tokens', 'api-key'], says: ['500', 'dashboard'] },
  ])('is told from the tokens: tokens $tokens, key $key', async ({ tokens, key, alive, says }) => {
    const setup = key === 'pasted' ? await signedIn() : await withOwnKey()
    const { client, platform } = setup
    if (key === 'pasted') await client.setApiKey((await platform.createApiKey()).key)
    if (tokens === 'refused') {
      platform.order({ match: 'POST /oauth/revoke', action: { status: 500, body: {} } })
    }
    const { revoked, reason = '', ...rest } = await client.logout({ apiKey: 'revoke' })
    expect({ revoked, ...rest }).toEqual({ revoked: alive === undefined, ...(alive && { alive }) })
    expect(['500', 'dashboard'].filter((part) => reason.includes(part))).toEqual(says)
    // What it says is so.
    const { active } = await client.introspect(setup.tokens.accessToken)
    expect(active).toBe(alive?.includes('tokens') === true)
    expect(platform.apiKeys).toMatchObject([{ active: alive?.includes('api-key') === true }])
  })

  it('is all that may live on where nobody was signed in', async () => {
    const platform = platformAt()
    const client = clientFor(platform)
    await client.setApiKey((await platform.createApiKey()).key)
    const result = await client.logout({ apiKey: 'revoke' })
    expect(result).toMatchObject({ revoked: false, alive: ['api-key'] })
    expect(await client.logout()).toEqual({ revoked: false, reason: 'Nobody was signed in.' })
  })
})

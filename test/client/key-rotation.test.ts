import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import type { LanonasisClient } from '../../src/client/lanonasis-client.ts'
import type { Fetch } from '../../src/http/transport.ts'
import { memoryStore } from '../../src/store/memory-store.ts'
import type { FaultAction, Platform, PlatformOptions } from '../../src/testing.ts'
import { deferred, failure, settle } from '../support/async.ts'
import { clientFor, epoch, platformAt, signedIn } from '../support/setup.ts'
import { observedStore } from '../support/stores.ts'

beforeEach(() => {
  // The least of each wait: nothing is repeated later than it has to be.
  vi.spyOn(Math, 'random').mockReturnValue(0)
})

afterEach(() => {
  vi.restoreAllMocks()
})

const laptop = {
  name: 'my-laptop',
  accessLevel: 'team',
  description: 'The laptop',
  scopes: ['memories:read'],
  expiresInDays: 30,
}

/** A person with a key that this library made, and a look into the store at each request. */
async function withOwnKey(behaviour: PlatformOptions = {}) {
  const platform = platformAt({ limits: false, ...behaviour })
  const tokens = await platform.issueTokens()
  const { store, fail } = observedStore(memoryStore({ tokens }))
  const entry = {
    issuer: platform.endpoints.authGateway,
    clientId: 'lanonasis-cli',
    profile: 'default',
  }
  const storedKey = async () => (await store.read(entry))?.value.apiKey?.value
  /** `route` → the stored key when it was asked. */
  const log: [route: string, storedKey: string | undefined][] = []
  let onRequest = (_route: string, send: () => Promise<Response>) => send()
  const fetch: Fetch = async (input, init) => {
    const request = new Request(input, init)
    const route = `${request.method} ${new URL(request.url).pathname.replace('/api/v1', '')}`
    log.push([route, await storedKey()])
    return onRequest(route, () => platform.fetch(request))
  }
  const client = clientFor(platform, { store, fetch, timeoutMs: 1_000 })
  const old = await client.apiKeys.ensure(laptop)
  const oldKey = (await storedKey()) ?? ''
  log.length = 0
  platform.requests.length = 0
  return {
    platform,
    client,
    store,
    fail,
    old,
    oldKey,
    storedKey,
    log,
    /** Does something before a request goes out. */
    beforeSending: (work: (route: string) => Promise<void>) => {
      onRequest = async (route, send) => {
        await work(route)
        return send()
      }
    },
    /** Lets the process die at one of its requests, before it is sent or before it is answered. */
    dieAt(step: number, { sent }: { sent: boolean }): Promise<void> {
      const died = deferred()
      let requests = 0
      onRequest = async (_route, send) => {
        requests += 1
        if (requests < step) return send()
        if (sent) await send()
        died.resolve()
        return new Promise(() => {})
      }
      return died.promise
    },
    /** Whether another program gets on with what is stored. */
    async worksElsewhere() {
      const { items } = await clientFor(platform, { store }).memory.list()
      return items.length === 0
    },
  }
}

const states = (platform: Platform) => platform.apiKeys.map(({ active }) => active)

describe('apiKeys.rotate()', () => {
  it.each(['roadmap', '2026'] as const)(
    '★21 creates, tries, stores, and only then revokes the old one (%s)',
    async (generation) => {
      const { client, old, oldKey, storedKey, log, platform } = await withOwnKey({ generation })
      const rotated = await client.apiKeys.rotate()
      const newKey = await storedKey()
      expect(newKey).not.toBe(oldKey)
      expect(log).toEqual([
        [`GET /auth/api-keys/${old.id}`, oldKey],
        ['POST /auth/api-keys', oldKey],
        ['POST /v1/auth/introspect', oldKey],
        [`POST /auth/api-keys/${old.id}/revoke`, newKey],
      ])
      const [, , tried] = platform.requests
      expect(tried).toMatchObject({ credential: 'api-key', status: 200 })
      expect(tried?.headers['x-api-key']).toBe(newKey)
      expect(rotated).toEqual({
        id: platform.apiKeys[1]?.id,
        name: platform.apiKeys[1]?.name,
        publicId: rotated.publicId,
        kind: old.kind,
        created: true,
        replaced: { id: old.id, revoked: true },
      })
      expect(newKey?.startsWith(rotated.publicId)).toBe(true)
      expect(JSON.stringify(rotated)).not.toContain(newKey)
      expect(states(platform)).toEqual([false, true])
    },
  )

  it('gives the new key the rights, the life and the name of the old one', async () => {
    const { client, platform } = await withOwnKey()
    platform.clock.advance(86_400_000)
    await client.refresh()
    await client.apiKeys.rotate()
    const [before, after] = platform.apiKeys
    expect(after).toMatchObject({
      name: expect.stringMatching(/^my-laptop-[0-9a-f]{8}$/),
      accessLevel: 'team',
      description: 'The laptop',
      permissions: ['memories:read'],
      expiresAt: platform.clock.now() + 30 * 86_400_000,
    })
    // The suffix does not grow with each rotation.
    await client.apiKeys.rotate()
    const third = platform.apiKeys[2]
    expect(third?.name).toMatch(/^my-laptop-[0-9a-f]{8}$/)
    expect(new Set([before?.name, after?.name, third?.name]).size).toBe(3)
    expect(states(platform)).toEqual([false, false, true])
  })

  it('tells the session which key is in use, and when it ends', async () => {
    const { client, old } = await withOwnKey()
    const month = 30 * 24 * 3_600_000
    const { id, name, publicId } = old
    expect((await client.getSession()).apiKey).toEqual({
      kind: 'lano',
      publicId,
      id,
      name,
      expiresAt: epoch + month,
    })
  })

  it('goes on without the old one when key management does not know it any more', async () => {
    const { client, platform, old, worksElsewhere } = await withOwnKey()
    const elsewhere = memoryStore({ tokens: await platform.issueTokens() })
    await clientFor(platform, { store: elsewhere }).apiKeys.delete(old.id ?? '')
    expect(await client.apiKeys.rotate()).toMatchObject({
      created: true,
      name: expect.stringMatching(/^my-laptop-[0-9a-f]{8}$/),
    })
    expect(states(platform)).toEqual([true])
    expect(await worksElsewhere()).toBe(true)
  })

  it('is the same for the id of the key in use', async () => {
    const { client, old, platform } = await withOwnKey()
    const rotated = await client.apiKeys.rotate(old.id ?? '')
    expect(rotated.id).not.toBe(old.id)
    expect(rotated).not.toHaveProperty('key')
    expect(platform.requestsTo('POST */rotate')).toEqual([])
  })

  it('replaces the key for every client on the same store', async () => {
    const { client, platform, store } = await withOwnKey()
    const another = clientFor(platform, { store })
    await another.memory.list()
    await client.apiKeys.rotate()
    platform.requests.length = 0
    expect(await another.memory.list()).toMatchObject({ items: [] })
    expect(platform.requestsTo('POST /auth/api-keys')).toEqual([])
  })

  it('is one at a time over all clients on the same store', async () => {
    const { client, platform, store, worksElsewhere } = await withOwnKey()
    const another = clientFor(platform, { store })
    await Promise.all([client.apiKeys.rotate(), another.apiKeys.rotate()])
    expect(states(platform)).toEqual([false, false, true])
    expect(await worksElsewhere()).toBe(true)
  })

  it.each([
    ['nobody has a key', async (client: LanonasisClient) => client],
    [
      'the key was set by hand',
      async (client: LanonasisClient) => {
        await client.setApiKey('pk_1.sk_canary')
        return client
      },
    ],
  ])('has nothing to rotate when %s', async (_what, prepare) => {
    const { client, platform } = await signedIn()
    await prepare(client)
    const error = await failure(client.apiKeys.rotate())
    expect(error).toMatchObject({ code: 'not_found', retryable: false })
    expect(JSON.stringify(error)).not.toContain('canary')
    expect(platform.requests).toEqual([])
  })

  it("never replaces the caller's own key", async () => {
    const { platform, store } = await withOwnKey()
    const client = clientFor(platform, { store, apiKey: 'pk_1.sk_canary' })
    expect(await failure(client.apiKeys.rotate())).toMatchObject({ code: 'not_found' })
    expect(platform.requests).toEqual([])
  })

  it('★8 is not tried in a browser, whose preflight the gateway would refuse', async () => {
    const { client: old, platform, store, worksElsewhere } = await withOwnKey()
    await old.close()
    vi.stubGlobal('document', {})
    vi.stubGlobal('window', {})
    onTestFinished(() => void vi.unstubAllGlobals())
    const page = clientFor(platform, { store })
    expect(await page.apiKeys.rotate()).toMatchObject({ created: true })
    expect(platform.requests.map(({ method, path }) => `${method} ${path.split('/')[2]}`)).toEqual([
      'GET api-keys',
      'POST api-keys',
      'POST api-keys',
    ])
    expect(states(platform)).toEqual([false, true])
    expect(await worksElsewhere()).toBe(true)
  })

  it('needs a session', async () => {
    const { client, platform } = await withOwnKey()
    await client.logout({ apiKey: 'keep' })
    platform.requests.length = 0
    expect(await failure(client.apiKeys.rotate())).toMatchObject({ code: 'login_required' })
    expect(platform.requests).toEqual([])
  })
})

describe('a rotation that does not come to its end', () => {
  const invalid = { status: 401, body: { valid: false, error: { code: 'invalid_credential' } } }

  it.each([
    ['key management cannot be asked', 'GET /auth/api-keys/*', { status: 500 }, 'server_error'],
    ['creating is refused', 'POST /auth/api-keys', { status: 403 }, 'forbidden'],
    ['★20 creating fails', 'POST /auth/api-keys', { status: 500 }, 'server_error'],
    ['creating is not possible now', 'POST /auth/api-keys', { status: 503 }, 'service_unavailable'],
    ['the new key gets lost on its way', 'POST /auth/api-keys', 'lose-answer', 'network_error'],
    ['creating is not answered', 'POST /auth/api-keys', 'hang', 'timeout'],
    [
      'every name is taken',
      'POST /auth/api-keys',
      { status: 409, body: { error: 'exists', code: 'KEY_EXISTS' } },
      'conflict',
    ],
    [
      'the new key cannot be read',
      'POST /auth/api-keys',
      { status: 201, body: { success: true } },
      'invalid_response',
    ],
  ] as [string, string, FaultAction, string][])(
    '★21 leaves the old key in use and alive when %s',
    async (_what, match, action, code) => {
      const { client, platform, oldKey, storedKey, worksElsewhere } = await withOwnKey()
      platform.order({ match, action })
      const error = await failure(client.apiKeys.rotate())
      expect(error).toMatchObject({ code })
      expect(await storedKey()).toBe(oldKey)
      expect(states(platform)[0]).toBe(true)
      expect(platform.requestsTo('POST */revoke')).toEqual([])
      expect(platform.requestsTo('POST /auth/api-keys').length).toBeLessThanOrEqual(3)
      expect(await worksElsewhere()).toBe(true)
    },
  )

  it.each([
    ['is refused', invalid, 'api_key_rejected'],
    ['cannot be tried now', { status: 503, body: {} }, 'service_unavailable'],
    ['is tried, and nobody answers', 'hang', 'service_unavailable'],
  ] as [string, FaultAction, string][])(
    '★21 revokes the new key and keeps the old one when the new one %s',
    async (_what, action, code) => {
      const { client, platform, oldKey, storedKey, worksElsewhere } = await withOwnKey()
      const restore = platform.order({ match: 'POST /v1/auth/*', action })
      const error = await failure(client.apiKeys.rotate())
      expect(error).toMatchObject({ code })
      restore()
      expect(await storedKey()).toBe(oldKey)
      expect(states(platform)).toEqual([true, false])
      expect(await worksElsewhere()).toBe(true)
    },
  )

  it('★21 says why the new key is no good, although it cannot be revoked either', async () => {
    const { client, platform, oldKey, storedKey, worksElsewhere } = await withOwnKey()
    const restore = platform.order({ match: 'POST /v1/auth/introspect', action: invalid })
    platform.order({ match: 'POST */revoke', action: { status: 500 } })
    expect(await failure(client.apiKeys.rotate())).toMatchObject({
      code: 'api_key_left_over',
      message: expect.stringContaining(platform.apiKeys[1]?.id ?? 'none'),
      cause: { code: 'api_key_rejected' },
    })
    restore()
    expect(await storedKey()).toBe(oldKey)
    expect(await worksElsewhere()).toBe(true)
  })

  it('★21 takes a new key as it is where the gateway has no route to try it', async () => {
    const { client, platform, oldKey, storedKey } = await withOwnKey()
    platform.order({ match: 'POST /v1/auth/*', action: { status: 404 } })
    expect(await client.apiKeys.rotate()).toMatchObject({ created: true })
    expect(await storedKey()).not.toBe(oldKey)
  })

  it('★21 leaves both keys alive when the new one cannot be stored', async () => {
    const { client, platform, fail, oldKey, storedKey, worksElsewhere } = await withOwnKey()
    fail.commits = true
    const id = () => platform.apiKeys[1]?.id ?? 'none'
    expect(await failure(client.apiKeys.rotate())).toSatisfy(
      ({ code, retryable, message, hint }) =>
        code === 'store_unavailable' && !retryable && message.includes(id()) && hint.includes(id()),
    )
    fail.commits = false
    expect(await storedKey()).toBe(oldKey)
    // The write may have gone through after all: then the new one is needed.
    expect(states(platform)).toEqual([true, true])
    expect(await worksElsewhere()).toBe(true)
    expect(await client.memory.list()).toMatchObject({ items: [] })
  })

  it.each([
    ['fails', { status: 500 }],
    ['is limited for long', { status: 429, headers: { 'retry-after': '900' } }],
    ['loses the connection', 'drop'],
    ['finds no key', { status: 404, body: { error: 'API key not found', code: 'KEY_NOT_FOUND' } }],
  ] as [string, FaultAction][])(
    '★21 succeeds with the new key when revoking the old one %s',
    async (_what, action) => {
      const { client, platform, oldKey, storedKey, worksElsewhere } = await withOwnKey()
      platform.order({ match: 'POST */revoke', action })
      const rotated = await client.apiKeys.rotate()
      expect(rotated).toMatchObject({ created: true })
      expect(await storedKey()).not.toBe(oldKey)
      expect(states(platform)).toEqual([true, true])
      expect(await worksElsewhere()).toBe(true)
    },
  )

  it.each([1, 2, 3, 4])(
    '★21 leaves a key that works when the process dies at its request %i',
    async (step) => {
      for (const sent of [false, true]) {
        const { client, platform, storedKey, dieAt, worksElsewhere } = await withOwnKey()
        const death = dieAt(step, { sent })
        client.apiKeys.rotate().catch(() => {})
        await death
        await settle()
        platform.requests.length = 0
        expect(await worksElsewhere()).toBe(true)
        expect(platform.requests.map(({ headers }) => headers['x-api-key'])).toEqual([
          await storedKey(),
        ])
      }
    },
  )

  it.each([1, 2, 3, 4])(
    '★21 leaves a key that works when the caller gives up at its request %i',
    async (step) => {
      const { client, platform, beforeSending, worksElsewhere } = await withOwnKey()
      const controller = new AbortController()
      let requests = 0
      beforeSending(async () => {
        requests += 1
        if (requests === step) controller.abort()
      })
      await client.apiKeys.rotate({ signal: controller.signal }).catch(() => {})
      expect(await worksElsewhere()).toBe(true)
      expect(states(platform)).toContain(true)
      // And the lock is free.
      beforeSending(async () => {})
      expect(await client.apiKeys.rotate()).toMatchObject({ created: true })
    },
  )

  it('stores no key for a person who has signed out meanwhile', async () => {
    const { client, platform, beforeSending, storedKey } = await withOwnKey()
    beforeSending(async (route) => {
      if (route === 'POST /v1/auth/introspect') await client.logout()
    })
    const error = await failure(client.apiKeys.rotate())
    // Nobody is left who could revoke it.
    expect(error).toMatchObject({
      code: 'api_key_left_over',
      message: expect.stringContaining(platform.apiKeys.at(-1)?.id ?? 'none'),
    })
    expect(await storedKey()).toBeUndefined()
    expect(await client.getSession()).toEqual({ status: 'signed-out', legacy: false })
    expect(platform.requestsTo('POST /v1/auth/introspect')).toHaveLength(1)
  })

  it('gives way to a key that was set by hand meanwhile', async () => {
    const { client, platform, beforeSending, storedKey } = await withOwnKey()
    const { key } = await platform.createApiKey({ form: 'roadmap' })
    beforeSending(async (route) => {
      if (route === 'POST /v1/auth/introspect') await client.setApiKey(key)
    })
    expect(await client.apiKeys.rotate()).toMatchObject({ kind: 'pk', created: false })
    expect(await storedKey()).toBe(key)
    expect(states(platform)).toEqual([true, true, false])
  })
})

describe('a key that is being made', () => {
  it('is not stored for a person who has signed out meanwhile', async () => {
    const { platform, client, store } = await signedIn()
    const [reached, gate] = [deferred(), deferred()]
    const slow = clientFor(platform, {
      store,
      fetch: async (input, init) => {
        const response = await platform.fetch(input, init)
        if (init?.method === 'POST') {
          reached.resolve()
          await gate.promise
        }
        return response
      },
    })
    const ensuring = failure(slow.apiKeys.ensure(laptop))
    await reached.promise
    await client.logout()
    gate.resolve()
    // Nobody is left who could revoke it.
    expect(await ensuring).toMatchObject({
      code: 'api_key_left_over',
      hint: expect.stringContaining(platform.apiKeys[0]?.id ?? 'none'),
    })
    expect(await client.getSession()).toEqual({ status: 'signed-out', legacy: false })
  })
})

describe('apiKeys.rotate(id) of another key', () => {
  it.each(['roadmap', '2026'] as const)(
    '★19 ★21 keeps the id, kills the old secret at once, and shows the new one once (%s)',
    async (generation) => {
      const { client, platform, oldKey, storedKey } = await withOwnKey({ generation })
      const other = await client.apiKeys.create({ name: 'other' })
      platform.requests.length = 0
      const rotated = await client.apiKeys.rotate(other.id)
      expect(platform.requests).toMatchObject([
        {
          method: 'POST',
          path: `/auth/api-keys/${other.id}/rotate`,
          contentType: 'application/json',
          body: {},
          credential: 'bearer',
          status: 200,
        },
      ])
      if (!('key' in rotated)) throw new Error('The new key is missing.')
      expect(rotated).toMatchObject({ id: other.id, name: 'other', active: true })
      expect(rotated.key).not.toBe(other.key)
      expect(rotated.key.startsWith(rotated.publicId)).toBe(true)
      expect(Object.keys(rotated)).not.toContain('key')
      expect(JSON.stringify({ ...rotated })).not.toContain(rotated.key)

      const works = (apiKey: string) => clientFor(platform, { apiKey }).memory.list()
      expect(await works(rotated.key)).toMatchObject({ items: [] })
      expect(await failure(works(other.key))).toMatchObject({ code: 'api_key_rejected' })
      expect(await storedKey()).toBe(oldKey)
    },
  )

  it.each([
    ['the answer is lost', 'lose-answer', 'network_error'],
    ['the answer is cut', 'cut-answer', 'network_error'],
    ['the service is busy', { status: 503 }, 'service_unavailable'],
    ['★20 the service fails', { status: 500 }, 'server_error'],
    ['it is limited', { status: 429 }, 'rate_limited'],
  ] as [string, FaultAction, string][])(
    '★21 is sent once when %s: a second one would kill the key of the first',
    async (_what, action, code) => {
      const { client, platform } = await withOwnKey()
      const other = await client.apiKeys.create({ name: 'other' })
      platform.order({ match: 'POST */rotate', action })
      expect(await failure(client.apiKeys.rotate(other.id))).toMatchObject({ code })
      expect(platform.requestsTo('POST */rotate')).toHaveLength(1)
    },
  )

  it('is not_found for a key that is not there', async () => {
    const { client } = await withOwnKey()
    expect(await failure(client.apiKeys.rotate('nothing'))).toMatchObject({ code: 'not_found' })
  })
})

describe('the key in use', () => {
  it.each(['revoke', 'delete'] as const)(
    'is forgotten when the person asks to %s it, and not made anew behind their back',
    async (end) => {
      const { client, platform, old, storedKey } = await withOwnKey()
      await client.apiKeys[end](old.id ?? '')
      expect(await storedKey()).toBeUndefined()
      expect(await client.memory.list()).toMatchObject({ items: [] })
      expect(platform.requestsTo('GET /memory')).toMatchObject([{ credential: 'bearer' }])
      expect(platform.requestsTo('POST /auth/api-keys')).toEqual([])
    },
  )

  it.each(['revoke', 'delete'] as const)('stays when it is another key to %s', async (end) => {
    const { client, oldKey, storedKey } = await withOwnKey()
    const { id } = await client.apiKeys.create({ name: 'other' })
    await client.apiKeys[end](id)
    expect(await storedKey()).toBe(oldKey)
  })

  it('stays when it could not be revoked', async () => {
    const { client, platform, old, oldKey, storedKey } = await withOwnKey()
    platform.order({ match: 'POST */revoke', action: { status: 500 } })
    expect(await failure(client.apiKeys.revoke(old.id ?? ''))).toMatchObject({
      code: 'server_error',
    })
    expect(await storedKey()).toBe(oldKey)
  })
})

describe('the id of a key', () => {
  const calls = [
    ['get', ({ apiKeys }: LanonasisClient, id: string) => apiKeys.get(id)],
    ['rotate', ({ apiKeys }: LanonasisClient, id: string) => apiKeys.rotate(id)],
    ['revoke', ({ apiKeys }: LanonasisClient, id: string) => apiKeys.revoke(id)],
    ['delete', ({ apiKeys }: LanonasisClient, id: string) => apiKeys.delete(id)],
  ] as const

  it.each(calls)('is one segment of the path of %s, whatever is in it', async (_name, call) => {
    const { client, platform } = await signedIn()
    for (const id of ['a/b', '../memory', '%2e%2e', 'a?b=c', 'a#b', 'é']) {
      platform.requests.length = 0
      expect(await failure(call(client, id))).toMatchObject({ code: 'not_found' })
      const [request] = platform.requests
      const segments = request?.path.split('/').slice(0, 4) ?? []
      expect(segments.map(decodeURIComponent)).toEqual(['', 'auth', 'api-keys', id])
      expect([platform.requests.length, request?.query]).toEqual([1, {}])
    }
  })

  it.each(calls)('never leads %s to another place', async (_name, call) => {
    const { client, platform } = await signedIn()
    for (const id of ['', ' ', '.', '..']) {
      expect(await failure(call(client, id))).toMatchObject({ code: 'validation_failed' })
    }
    expect(platform.requests).toEqual([])
  })
})

describe('the address of key management', () => {
  const places = [
    ['the default', () => undefined],
    ['the gateway', (p: Platform) => `${p.endpoints.authGateway}/api/v1/auth/api-keys`],
    ['the gateway, shorter', (p: Platform) => `${p.endpoints.authGateway}/api/v1/api-keys/`],
    ['the REST API', (p: Platform) => `${p.endpoints.restApi}/api-keys`],
  ] as const

  it.each(places)('can be %s, for the whole life of a key', async (_place, url) => {
    const platform = platformAt({ limits: false })
    const apiKeysUrl = url(platform)
    const { client } = await signedIn({ platform, apiKeysUrl })
    const { id } = await client.apiKeys.ensure({ name: 'my-laptop' })
    expect(await client.apiKeys.list()).toMatchObject([{ id, name: 'my-laptop', active: true }])
    expect(await client.apiKeys.get(id ?? '')).toMatchObject({ id })
    const next = await client.apiKeys.rotate()
    await client.apiKeys.delete(id ?? '')
    await client.apiKeys.revoke(next.id ?? '')
    expect(platform.apiKeys).toMatchObject([{ id: next.id, active: false }])
    const base = (apiKeysUrl ?? `${platform.endpoints.mcpHttp}/auth/api-keys`).replace(/\/$/, '')
    const management = platform.requests.filter(({ path }) => path.includes('/api-keys'))
    expect(management).toHaveLength(8)
    for (const { url, credential } of management) {
      expect([url.startsWith(base), credential]).toEqual([true, 'bearer'])
    }
  })

  it.each([
    ['another origin', 'https://evil.example.com/api-keys'],
    ['another port', 'https://mcp.lanonasis.com:8443/api/v1/auth/api-keys'],
    ['a host that looks alike', 'https://mcp.lanonasis.com.evil.example.com/api-keys'],
    ['no encryption', 'http://mcp.lanonasis.com/api/v1/auth/api-keys'],
    ['user information', 'https://user:canary@mcp.lanonasis.com/api/v1/auth/api-keys'],
    ['a query', 'https://mcp.lanonasis.com/api/v1/auth/api-keys?x=canary'],
    ['no address', 'api-keys'],
    // It would get the API key for a credential, which manages no keys.
    ['another path', 'https://mcp.lanonasis.com/api/v1/keys'],
  ])('is refused with %s when the client is made', (_what, apiKeysUrl) => {
    const platform = platformAt()
    expect(() => clientFor(platform, { apiKeysUrl })).toThrow(
      expect.objectContaining({
        code: 'config_invalid',
        message: expect.stringMatching(/^apiKeysUrl (?!.*canary)/),
      }),
    )
  })
})

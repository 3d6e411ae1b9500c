import { describe, expect, it, onTestFinished, vi } from 'vitest'
import type { LanonasisClient } from '../../src/client/lanonasis-client.ts'
import type { LanonasisClientOptions } from '../../src/client/options.ts'
import { AuthError } from '../../src/errors/auth-error.ts'
import { createClient } from '../../src/node.ts'
import { type InitialCredentials, memoryStore } from '../../src/store/memory-store.ts'
import type { TokenStore } from '../../src/store/store.ts'
import type { FaultAction, Platform, PlatformOptions } from '../../src/testing.ts'
import { deferred, failure, settle } from '../support/async.ts'
import { clientFor, epoch, lifeMs, personFlow, platformAt, signedIn } from '../support/setup.ts'

const unlimited = { limits: false } as const

/** How often the services were asked what. */
function counts(platform: Platform) {
  const to = (route: string) => platform.requestsTo(route).length
  return {
    memory: to('* /memor*'),
    introspections: to('POST /oauth/introspect') + to('POST /v1/auth/introspect'),
    renewals: to('POST /oauth/token') + to('POST /v1/auth/refresh'),
    newKeys: to('POST /auth/api-keys'),
  }
}

/** What a gateway that cannot answer does. */
const noAnswer: [string, FaultAction][] = [
  ['cannot be reached', 'refuse'],
  ['loses the connection', 'drop'],
  ['is behind a proxy that fails', 'html'],
  ['has its own limit', { status: 429, body: { error: 'rate_limit_exceeded', retry_after: 30 } }],
  ['fails', { status: 500, body: { error: 'Internal server error', code: 'INTERNAL_ERROR' } }],
  ['answers with nonsense', { status: 200, body: { hello: 'world' } }],
  ['does not answer', 'hang'],
]

/** A store that does not say when it changes: as another process sees a file between two looks. */
function silent({ watch: _watch, ...store }: TokenStore): TokenStore {
  return store
}

function listed(client: LanonasisClient) {
  return client.memory.list().then(({ items }) => items.length)
}

const unavailable = { code: 'service_unavailable', status: 401, retryable: true }

describe('a 401 for an access token', () => {
  it('★23 is no proof while the token is active: service_unavailable, nothing renewed or forgotten', async () => {
    const { platform, client, tokens } = await signedIn()
    platform.order({ match: 'GET /memory', action: 'edge-401' })
    expect(await failure(client.memory.list())).toMatchObject(unavailable)
    expect(counts(platform)).toMatchObject({ memory: 1, introspections: 1, renewals: 0 })
    expect(await client.getAccessToken()).toBe(tokens.accessToken)
    expect(await client.getSession()).toMatchObject({ status: 'signed-in' })
  })

  it('★23 is what a person without an organisation gets: service_unavailable, nothing renewed', async () => {
    const platform = platformAt(unlimited)
    const { email } = platform.addUser({
      email: 'new@example.com',
      password: 'x',
      organization: null,
    })
    const store = memoryStore({ tokens: await platform.issueTokens({ email }) })
    expect(await failure(clientFor(platform, { store }).memory.list())).toMatchObject(unavailable)
    expect(counts(platform)).toMatchObject({ memory: 1, renewals: 0 })
  })

  it.each(noAnswer)('★23 decides nothing while the gateway %s', async (_how, action) => {
    const { platform, client } = await signedIn({ timeoutMs: 1_000 })
    platform.expireAccessTokens()
    const restore = platform.order({ match: 'POST /oauth/introspect', action })
    const error = await failure(client.memory.list())
    expect(error).toMatchObject(unavailable)
    expect(counts(platform)).toMatchObject({ memory: 1, introspections: 1, renewals: 0 })
    // And it is not held against the gateway once that answers again.
    restore()
    expect(await listed(client)).toBe(0)
    expect(counts(platform).renewals).toBe(1)
  })

  it('★23 decides nothing when the introspection has used up its limit', async () => {
    const introspection = { max: 0, windowMs: 60_000 }
    const platform = platformAt({ limits: { introspection } })
    const { client } = await signedIn({ platform })
    platform.expireAccessTokens()
    expect(await failure(client.memory.list())).toMatchObject(unavailable)
    expect(counts(platform).renewals).toBe(0)
  })

  it('renews once and asks once more when the token is inactive', async () => {
    const { platform, client, tokens } = await signedIn()
    platform.expireAccessTokens()
    expect(await listed(client)).toBe(0)
    expect(counts(platform)).toMatchObject({ memory: 2, introspections: 1, renewals: 1 })
    const [first, second] = platform.requestsTo('GET /memory')
    expect(first?.headers.authorization).toBe(`Bearer ${tokens.accessToken}`)
    expect(second?.headers.authorization).toBe(`Bearer ${await client.getAccessToken()}`)
  })

  it('★16 renews a token of the JWT family where that is renewed', async () => {
    const { platform, client } = await signedIn({ family: 'jwt' })
    platform.expireAccessTokens()
    expect(await listed(client)).toBe(0)
    expect(platform.requestsTo('POST /v1/auth/refresh')).toHaveLength(1)
    expect(platform.requestsTo('POST /oauth/token')).toEqual([])
  })

  it('is looked into although other processes would renew the token by now', async () => {
    vi.spyOn(Math, 'random').mockReturnValue(0.99)
    onTestFinished(() => void vi.restoreAllMocks())
    const { platform, client } = await signedIn()
    expect(await listed(client)).toBe(0)
    platform.clock.advance(lifeMs - 55_000)
    platform.expireAccessTokens()
    expect(await listed(client)).toBe(0)
    expect(counts(platform)).toMatchObject({ introspections: 1, renewals: 1 })
  })

  it('★24 counts although key management says that no token was sent', async () => {
    const { platform, client } = await signedIn()
    platform.expireAccessTokens()
    expect(await client.apiKeys.list()).toEqual([])
    expect(platform.requestsTo('GET /auth/api-keys')).toMatchObject([
      { status: 401 },
      { status: 200 },
    ])
    expect(counts(platform).renewals).toBe(1)
  })

  it.each([0, 5])(
    'asks and renews once for ten requests at the same time (answers take %i ms)',
    async (delayMs) => {
      const { platform, client } = await signedIn()
      platform.expireAccessTokens()
      platform.order({ match: '*', action: { delayMs } })
      const all = Array.from({ length: 10 }, () => listed(client))
      expect(await Promise.all(all)).toEqual(Array(10).fill(0))
      expect(counts(platform)).toMatchObject({ memory: 20, introspections: 1, renewals: 1 })
    },
  )

  it('asks about a token that is active once in half a minute', async () => {
    const { platform, client } = await signedIn()
    platform.order({ match: 'GET /memory', action: 'edge-401' })
    const ask = async () => {
      expect(await failure(client.memory.list())).toMatchObject(unavailable)
      return counts(platform).introspections
    }
    expect([await ask(), await ask()]).toEqual([1, 1])
    platform.clock.advance(29_999)
    expect(await ask()).toBe(1)
    platform.clock.advance(1)
    expect(await ask()).toBe(2)
  })

  it('asks again after a clock that was ahead was set back', async () => {
    let aheadMs = 3_600_000
    const { platform, client } = await signedIn({ now: () => epoch + aheadMs, initial: {} })
    const restore = platform.order({ match: 'GET /memory', action: 'edge-401' })
    await client.refresh()
    expect(await failure(client.memory.list())).toMatchObject(unavailable)
    aheadMs = 0
    platform.expireAccessTokens()
    restore()
    expect(await listed(client)).toBe(0)
  })

  it('is looked into once: the answer to the second sending stands', async () => {
    const { platform, client } = await signedIn()
    platform.expireAccessTokens()
    platform.order({ match: 'GET /memory', action: 'edge-401' })
    expect(await failure(client.memory.list())).toMatchObject(unavailable)
    expect(counts(platform)).toMatchObject({ memory: 2, introspections: 1, renewals: 1 })
  })

  it('ends the session when the refresh token is dead too, and leaves the API key', async () => {
    const platform = platformAt(unlimited)
    const { key: apiKey } = await platform.createApiKey()
    const { client } = await signedIn({ platform, initial: { apiKey } })
    platform.revokeTokens()
    const error = await failure(client.apiKeys.list())
    expect(error).toMatchObject({ code: 'session_expired' })
    expect(counts(platform)).toMatchObject({ introspections: 1, renewals: 1 })
    expect(await client.getSession()).toMatchObject({
      status: 'expired',
      apiKey: { publicId: apiKey.slice(0, 8) },
    })
    expect(await listed(client)).toBe(0)
  })

  it('ends the session when there is no refresh token, and leaves the API key', async () => {
    const platform = platformAt(unlimited)
    const { key: apiKey } = await platform.createApiKey()
    const { accessToken, expiresAt } = await platform.issueTokens()
    const store = memoryStore({ tokens: { accessToken, expiresAt }, apiKey })
    const client = clientFor(platform, { store })
    platform.expireAccessTokens()
    expect(await failure(client.apiKeys.list())).toMatchObject({ code: 'session_expired' })
    expect(counts(platform)).toMatchObject({ introspections: 1, renewals: 0 })
    expect(await client.getSession()).toMatchObject({ status: 'expired', apiKey: {} })
    platform.requests.length = 0
    expect(await failure(client.apiKeys.list())).toMatchObject({ code: 'session_expired' })
    expect(platform.requests).toEqual([])
    expect(await listed(client)).toBe(0)
  })

  it('ends the session without a refresh token, although the clock that first saw it was ahead', async () => {
    const platform = platformAt(unlimited)
    const { accessToken, expiresAt = 0 } = await platform.issueTokens()
    let aheadMs = 3_600_000
    const now = () => platform.clock.now() + aheadMs
    const store = memoryStore({ tokens: { accessToken, expiresAt: expiresAt + 2 * aheadMs } })
    const client = clientFor(platform, { store, now })
    await client.getAccessToken()
    aheadMs = 0
    platform.expireAccessTokens()
    expect(await failure(client.apiKeys.list())).toMatchObject({ code: 'session_expired' })
  })

  it('is answered by the other token that the store has by now, without asking or renewing', async () => {
    const { platform, store, client: other } = await signedIn()
    const client = clientFor(platform, { store: silent(store) })
    await client.getAccessToken()
    await other.refresh()
    expect(counts(platform).renewals).toBe(1)
    expect(await listed(client)).toBe(0)
    expect(counts(platform)).toMatchObject({ memory: 2, introspections: 0, renewals: 1 })
  })

  it('is login_required once somebody has signed out elsewhere', async () => {
    const { platform, store, client: other } = await signedIn()
    const client = clientFor(platform, { store: silent(store) })
    await client.getAccessToken()
    await other.logout()
    expect(await failure(client.memory.list())).toMatchObject({ code: 'login_required' })
    expect(counts(platform)).toMatchObject({ introspections: 0, renewals: 0 })
    expect(await client.getSession()).toEqual({ status: 'signed-out', legacy: false })
  })

  it('is login_required and session_expired for client.fetch, too', async () => {
    const { platform, store, client: other } = await signedIn()
    const url = `${platform.endpoints.mcpHttp}/memory`
    const signedOut = clientFor(platform, { store: silent(store) })
    const expired = clientFor(platform, { store: silent(store) })
    for (const client of [signedOut, expired]) await client.getAccessToken()
    platform.revokeTokens()
    expect(await failure(other.fetch(url))).toMatchObject({
      code: 'session_expired',
    })
    expect(await failure(expired.fetch(url))).toMatchObject({ code: 'session_expired' })
    await other.logout()
    expect(await failure(signedOut.fetch(url))).toMatchObject({ code: 'login_required' })
  })

  it('renews once for two clients on one store', async () => {
    const { platform, store, client } = await signedIn()
    const another = clientFor(platform, { store })
    await Promise.all([client.getSession(), another.getSession()])
    platform.expireAccessTokens()
    expect(await Promise.all([listed(client), listed(another)])).toEqual([0, 0])
    expect(counts(platform)).toMatchObject({ memory: 4, introspections: 2, renewals: 1 })
  })

  it('does not renew what another client has renewed while we asked', async () => {
    const { platform, store, client } = await signedIn()
    const gate = deferred()
    const slow = clientFor(platform, {
      store,
      fetch: async (input, init) => {
        const response = await platform.fetch(input, init)
        if (String(input).endsWith('/oauth/introspect')) await gate.promise
        return response
      },
    })
    platform.expireAccessTokens()
    const waiting = listed(slow)
    await expect.poll(() => counts(platform).introspections).toBe(1)
    expect(await listed(client)).toBe(0)
    await settle()
    gate.resolve()
    expect(await waiting).toBe(0)
    expect(counts(platform).renewals).toBe(1)
    expect(await listed(client)).toBe(0)
  })

  it('leaves no answer open that nobody will read', async () => {
    const { platform, store, client: other } = await signedIn()
    const cancel = vi.fn()
    const client = clientFor(platform, {
      store: silent(store),
      fetch: async (input, init) => {
        const { status, headers } = await platform.fetch(input, init)
        return new Response(new ReadableStream({ cancel }), { status, headers })
      },
    })
    await client.getAccessToken()
    await other.logout()
    const call = client.fetch(`${platform.endpoints.mcpHttp}/memory`)
    expect(await failure(call)).toMatchObject({ code: 'login_required' })
    expect(cancel).toHaveBeenCalledOnce()
  })

  it('does not end the session that somebody has begun while we asked', async () => {
    const platform = platformAt(unlimited)
    const { accessToken, expiresAt } = await platform.issueTokens()
    const gate = deferred()
    const client = clientFor(platform, {
      store: memoryStore({ tokens: { accessToken, expiresAt } }),
      login: personFlow(platform),
      fetch: async (input, init) => {
        const response = await platform.fetch(input, init)
        if (String(input).endsWith('/oauth/introspect')) await gate.promise
        return response
      },
    })
    platform.expireAccessTokens()
    const waiting = listed(client)
    await expect.poll(() => counts(platform).introspections).toBe(1)
    await client.login()
    gate.resolve()
    expect(await waiting).toBe(0)
    expect(await client.getSession()).toMatchObject({ status: 'signed-in' })
  })

  it('does not hold a caller who gives up while we ask', async () => {
    const { platform, client } = await signedIn()
    platform.order({ match: 'GET /memory', action: 'edge-401' })
    platform.order({ match: 'POST /oauth/introspect', action: 'hang' })
    const controller = new AbortController()
    const { signal } = controller
    const calls = [
      failure(client.memory.list({ signal })),
      failure(client.fetch(`${platform.endpoints.mcpHttp}/memory`, { signal })),
    ]
    await expect.poll(() => counts(platform).introspections).toBe(1)
    await settle()
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    onTestFinished(() => void vi.useRealTimers())
    controller.abort()
    expect(await Promise.all(calls)).toMatchObject([{ code: 'aborted' }, { code: 'aborted' }])
  })
})

describe('a request that was refused for its access token', () => {
  const init = { method: 'POST', headers: { 'content-type': 'application/json' } }
  const body = JSON.stringify({ title: 'Example', content: 'Details' })
  const url = (platform: Platform) => `${platform.endpoints.mcpHttp}/memory`

  function stream() {
    return new Blob([body]).stream()
  }

  it.each([
    ['a text', () => body],
    ['bytes', () => new TextEncoder().encode(body)],
    ['a blob', () => new Blob([body])],
  ])('is sent again with %s', async (_what, make) => {
    const { platform, client } = await signedIn()
    platform.expireAccessTokens()
    const response = await client.fetch(url(platform), { ...init, body: make() })
    expect(response.status).toBe(201)
    const sent = platform.requestsTo('POST /memory')
    expect(sent.map(({ body }) => body)).toEqual([JSON.parse(body), JSON.parse(body)])
    expect(platform.memories).toHaveLength(1)
  })

  it.each([
    ['a stream', () => [{ ...init, body: stream(), duplex: 'half' } as RequestInit]],
    ["a Request's body", (to: string) => [new Request(to, { ...init, body })]],
  ])('is never sent twice with %s: its 401 is returned', async (_what, make) => {
    const { platform, client } = await signedIn()
    platform.expireAccessTokens()
    const [given] = make(url(platform))
    const sending =
      given instanceof Request ? client.fetch(given) : client.fetch(url(platform), given)
    const response = await sending
    expect(response.status).toBe(401)
    expect(await response.json()).toMatchObject({ code: 'UNAUTHORIZED' })
    expect(platform.requestsTo('POST /memory')).toMatchObject([{ body: JSON.parse(body) }])
    // The caller, who has the body, can send it again: there is a good token now.
    const again = await client.fetch(url(platform), { ...init, body })
    expect([again.status, counts(platform).renewals]).toEqual([201, 1])
  })

  it('keeps its 401 where nothing can be done, with a body that can be read', async () => {
    const { platform, client } = await signedIn()
    platform.order({ match: 'GET /memory', action: 'edge-401' })
    const response = await client.fetch(url(platform))
    expect(response.status).toBe(401)
    expect(await response.json()).toMatchObject({ code: 'UNAUTHORIZED' })
    expect(counts(platform)).toMatchObject({ memory: 1, renewals: 0 })
  })
})

interface KeyHolder {
  readonly options?: Partial<LanonasisClientOptions>
  readonly platform?: PlatformOptions
  readonly initial?: InitialCredentials
}

/** A program with a key from the dashboard and nobody signed in. */
async function withKey({ options = {}, platform: behaviour, initial }: KeyHolder = {}) {
  const platform = platformAt({ ...unlimited, ...behaviour })
  const { id, key } = await platform.createApiKey({ name: 'from the dashboard' })
  const store = memoryStore({ apiKey: key, ...initial })
  return { platform, id, key, store, client: clientFor(platform, { store, ...options }) }
}

/** A person who is signed in, with a key that `ensure` made. */
async function withOwnKey({ options = {}, platform: behaviour }: KeyHolder = {}) {
  const platform = platformAt({ ...unlimited, ...behaviour })
  const { client, store } = await signedIn({ platform, ...options })
  const { id = '', publicId } = await client.apiKeys.ensure({
    name: 'my-laptop',
    description: 'The laptop',
    scopes: ['memories:read'],
    expiresInDays: 30,
  })
  platform.requests.length = 0
  return { platform, client, store, id, publicId }
}

/** The gateway calls every key invalid. */
const invalidKey = { status: 401, body: { valid: false, error: { code: 'invalid_credential' } } }

describe('a 401 for an API key', () => {
  it('is api_key_expired when the gateway says so', async () => {
    const { platform, client, id, key } = await withKey()
    platform.expireApiKey(id)
    expect(await failure(client.memory.list())).toMatchObject({
      code: 'api_key_expired',
      status: 401,
      retryable: false,
    })
    expect(counts(platform)).toEqual({ memory: 1, introspections: 1, renewals: 0, newKeys: 0 })
    expect(platform.requests.map(({ credential }) => credential)).toEqual(['api-key', 'api-key'])
    // It stays: the person may have it prolonged.
    expect(await client.getSession()).toMatchObject({ apiKey: { publicId: key.slice(0, 8) } })
  })

  it('is api_key_rejected when the gateway calls it invalid', async () => {
    const { platform, client, id } = await withKey()
    platform.revokeApiKey(id)
    expect(await failure(client.memory.list())).toMatchObject({
      code: 'api_key_rejected',
      retryable: false,
    })
    expect(counts(platform)).toMatchObject({ memory: 1, introspections: 1, newKeys: 0 })
  })

  it('★23 is service_unavailable while the gateway calls it valid', async () => {
    const { platform, client } = await withKey()
    platform.order({ match: 'GET /memory', times: 1, action: 'edge-401' })
    expect(await failure(client.memory.list())).toMatchObject(unavailable)
    expect(counts(platform)).toMatchObject({ memory: 1, introspections: 1 })
    expect(await listed(client)).toBe(0)
  })

  it('★23 is service_unavailable for a person without an organisation', async () => {
    const platform = platformAt(unlimited)
    const { email } = platform.addUser({
      email: 'new@example.com',
      password: 'x',
      organization: null,
    })
    const { key: apiKey } = await platform.createApiKey({ email })
    expect(await failure(clientFor(platform, { apiKey }).memory.list())).toMatchObject(unavailable)
  })

  it.each([
    ...noAnswer,
    [
      'cannot tell',
      { status: 503, body: { valid: false, error: { code: 'gateway_unavailable' } } },
    ],
    [
      'refuses the scope',
      { status: 403, body: { valid: false, error: { code: 'unauthorized_project_scope' } } },
    ],
  ] as [string, FaultAction][])(
    '★23 is service_unavailable while the gateway %s, and is asked about again',
    async (_how, action) => {
      const { platform, client, id } = await withKey({ options: { timeoutMs: 1_000 } })
      platform.expireApiKey(id)
      const restore = platform.order({ match: 'POST /v1/auth/*', action })
      const error = await failure(client.memory.list())
      expect(error).toMatchObject(unavailable)
      restore()
      expect(await failure(client.memory.list())).toMatchObject({ code: 'api_key_expired' })
    },
  )

  it('is answered by the other key that the store has by now', async () => {
    const { platform, store, id } = await withKey()
    const client = clientFor(platform, { store: silent(store) })
    await client.getSession()
    const { key } = await platform.createApiKey()
    await clientFor(platform, { store }).setApiKey(key)
    platform.revokeApiKey(id)
    expect(await listed(client)).toBe(0)
    const sent = platform.requestsTo('GET /memory').map(({ headers }) => headers['x-api-key'])
    expect(sent[1]).toBe(key)
    expect(counts(platform)).toMatchObject({ memory: 2, introspections: 0 })
  })

  it('is answered by the access token when the key was forgotten elsewhere', async () => {
    const platform = platformAt(unlimited)
    const { id, key: apiKey } = await platform.createApiKey()
    const { store } = await signedIn({ platform, initial: { apiKey } })
    const client = clientFor(platform, { store: silent(store) })
    await client.getSession()
    const key = {
      issuer: platform.endpoints.authGateway,
      clientId: 'lanonasis-cli',
      profile: 'default',
    }
    const entry = await store.read(key)
    await store.commit(key, entry?.revision, {
      session: entry?.value.session ?? { status: 'signed-out' },
    })
    platform.revokeApiKey(id)
    expect(await listed(client)).toBe(0)
    expect(platform.requestsTo('GET /memory').map(({ credential }) => credential)).toEqual([
      'api-key',
      'bearer',
    ])
  })

  it('returns the answer itself from client.fetch', async () => {
    const { platform, client, id } = await withKey()
    platform.expireApiKey(id)
    const response = await client.fetch(`${platform.endpoints.mcpHttp}/memory`)
    expect(response.status).toBe(401)
    expect(await response.json()).toMatchObject({ code: 'UNAUTHORIZED' })
  })

  it('asks about a key once for ten requests at the same time', async () => {
    const { platform, client, id } = await withKey()
    platform.expireApiKey(id)
    const all = await Promise.all(Array.from({ length: 10 }, () => failure(client.memory.list())))
    expect(all).toMatchObject(Array(10).fill({ code: 'api_key_expired' }))
    expect(counts(platform).introspections).toBe(1)
  })

  it('★8 is not looked into in a browser, whose preflight the gateway would refuse', async () => {
    vi.stubGlobal('document', {})
    vi.stubGlobal('window', {})
    onTestFinished(() => void vi.unstubAllGlobals())
    const { platform, client, id } = await withKey()
    platform.expireApiKey(id)
    expect(await failure(client.memory.list())).toMatchObject({
      ...unavailable,
      message: expect.stringContaining('did not say that it is bad'),
    })
    expect(platform.requests).toHaveLength(1)
  })
})

describe('a refused API key on an older deployment', () => {
  const withoutIntrospection = {
    match: 'POST /v1/auth/introspect',
    action: { status: 404, body: { error: 'Not found', code: 'ROUTE_NOT_FOUND' } },
  } as const
  const withoutVerification = { ...withoutIntrospection, match: 'POST /v1/auth/verify-api-key' }

  it('is judged by the older route, which does not tell why it is not valid', async () => {
    const { platform, client, id } = await withKey({ platform: { faults: [withoutIntrospection] } })
    platform.expireApiKey(id)
    expect(await failure(client.memory.list())).toMatchObject({ code: 'api_key_rejected' })
    expect(
      platform.requestsTo('POST /v1/auth/*').map(({ path, status }) => [path, status]),
    ).toEqual([
      ['/v1/auth/introspect', 404],
      ['/v1/auth/verify-api-key', 401],
    ])
  })

  it('★23 is service_unavailable when the older route calls it valid', async () => {
    const { platform, client } = await withKey({ platform: { faults: [withoutIntrospection] } })
    platform.order({ match: 'GET /memory', action: 'edge-401' })
    expect(await failure(client.memory.list())).toMatchObject(unavailable)
  })

  const neither = { platform: { faults: [withoutIntrospection, withoutVerification] } }

  it('is api_key_rejected where neither route exists', async () => {
    const { platform, client } = await withKey(neither)
    platform.order({ match: 'GET /memory', action: 'edge-401' })
    expect(await failure(client.memory.list())).toMatchObject({ code: 'api_key_rejected' })
  })

  it('★23 is not replaced on the strength of a plain 401 alone', async () => {
    const { platform, client } = await withOwnKey(neither)
    platform.order({ match: 'GET /memory', action: 'edge-401' })
    expect(await failure(client.memory.list())).toMatchObject({ code: 'api_key_rejected' })
    expect(counts(platform).newKeys).toBe(0)
  })

  it('is replaced where neither route exists but key management says that it was revoked', async () => {
    const { platform, client, id } = await withOwnKey(neither)
    platform.revokeApiKey(id)
    expect(await listed(client)).toBe(0)
    expect(counts(platform).newKeys).toBe(1)
  })
})

describe("the user's own word for a key", () => {
  it('is never replaced as an option, though somebody is signed in', async () => {
    const platform = platformAt(unlimited)
    const { id, key: apiKey } = await platform.createApiKey()
    const { client } = await signedIn({ platform, apiKey })
    platform.expireApiKey(id)
    expect(await failure(client.memory.list())).toMatchObject({ code: 'api_key_expired' })
    platform.revokeApiKey(id)
    platform.clock.advance(30_000)
    expect(await failure(client.memory.list())).toMatchObject({ code: 'api_key_rejected' })
    expect(platform.requestsTo('* /auth/api-keys*')).toEqual([])
  })

  it('is never replaced as LANONASIS_API_KEY, though a managed key is stored', async () => {
    const { platform, store } = await withOwnKey()
    const { id, key } = await platform.createApiKey()
    const client = createClient({
      env: { LANONASIS_API_KEY: key },
      store,
      endpoints: platform.endpoints,
      fetch: platform.fetch,
      now: platform.clock.now,
    })
    onTestFinished(() => void client.close())
    platform.expireApiKey(id)
    expect(await failure(client.memory.list())).toMatchObject({ code: 'api_key_expired' })
    expect(counts(platform)).toMatchObject({ memory: 1, newKeys: 0 })
  })

  it('is never replaced when it was set by hand', async () => {
    const platform = platformAt(unlimited)
    const { client } = await signedIn({ platform })
    const { id, key } = await platform.createApiKey()
    await client.setApiKey(key)
    platform.expireApiKey(id)
    expect(await failure(client.memory.list())).toMatchObject({ code: 'api_key_expired' })
    expect(platform.requestsTo('* /auth/api-keys*')).toEqual([])
  })
})

describe('a refused API key that ensure had made', () => {
  it.each(['expireApiKey', 'revokeApiKey'] as const)(
    'is replaced by one like it after %s, and the request goes out once more',
    async (end) => {
      const { platform, client, id, publicId } = await withOwnKey()
      platform[end](id)
      expect(await listed(client)).toBe(0)
      expect(counts(platform)).toMatchObject({ memory: 2, introspections: 1, newKeys: 1 })
      const [old, made] = platform.apiKeys
      expect(made).toMatchObject({
        name: expect.stringMatching(/^my-laptop-[0-9a-f]{8}$/),
        description: 'The laptop',
        permissions: ['memories:read'],
        accessLevel: 'authenticated',
        active: true,
      })
      expect(made?.id).not.toBe(old?.id)
      const { apiKey } = await client.getSession()
      expect(apiKey?.publicId).not.toBe(publicId)

      platform.requests.length = 0
      expect(await listed(client)).toBe(0)
      expect(platform.requests).toMatchObject([{ credential: 'api-key', status: 200 }])
    },
  )

  it('is replaced once for ten requests at the same time, and two clients', async () => {
    const { platform, client, store, id } = await withOwnKey()
    const another = clientFor(platform, { store })
    await another.getSession()
    platform.expireApiKey(id)
    const all = Array.from({ length: 10 }, (_, index) => listed(index % 2 ? client : another))
    expect(await Promise.all(all)).toEqual(Array(10).fill(0))
    expect(counts(platform)).toMatchObject({ memory: 20, newKeys: 1 })
  })

  it('is not replaced a second time when the new one is refused too', async () => {
    const { platform, client } = await withOwnKey()
    platform.order({ match: 'GET /memory', action: 'edge-401' })
    platform.order({ match: 'POST /v1/auth/introspect', action: invalidKey })
    expect(await failure(client.memory.list())).toMatchObject({ code: 'api_key_rejected' })
    expect(counts(platform)).toMatchObject({ memory: 2, newKeys: 1 })
    expect(await failure(client.memory.list())).toMatchObject({ code: 'api_key_rejected' })
    platform.clock.advance(599_999)
    expect(await failure(client.memory.list())).toMatchObject({ code: 'api_key_rejected' })
    expect(counts(platform)).toMatchObject({ newKeys: 1 })
    expect(platform.apiKeys).toHaveLength(2)
  })

  it.each([
    ['expireApiKey', 'api_key_expired'],
    ['revokeApiKey', 'api_key_revoked'],
  ] as const)('after %s is %s when no other can be had', async (end, code) => {
    const { platform, client, id } = await withOwnKey()
    platform.order({
      match: 'POST /auth/api-keys',
      action: { status: 403, body: { error: 'Not allowed', code: 'FORBIDDEN' } },
    })
    platform[end](id)
    expect(await failure(client.memory.list())).toMatchObject({ code, status: 401 })
    expect(counts(platform)).toMatchObject({ memory: 1, newKeys: 1 })
  })

  it('is api_key_rejected when key management calls it active, or cannot be asked', async () => {
    const { platform, client } = await withOwnKey()
    platform.order({ match: 'GET /memory', action: 'edge-401' })
    platform.order({ match: 'POST /v1/auth/introspect', action: invalidKey })
    platform.order({ match: 'POST /auth/api-keys', action: { status: 403 } })
    expect(await failure(client.memory.list())).toMatchObject({ code: 'api_key_rejected' })
    platform.order({ match: 'GET /auth/api-keys/*', action: { status: 500 } })
    expect(await failure(client.memory.list())).toMatchObject({ code: 'api_key_rejected' })
  })

  it('is api_key_rejected when nobody is signed in any more: nobody can ask, or replace it', async () => {
    const { platform, client, id } = await withOwnKey()
    await client.logout({ apiKey: 'keep' })
    platform.requests.length = 0
    platform.revokeApiKey(id)
    expect(await failure(client.memory.list())).toMatchObject({ code: 'api_key_rejected' })
    expect(platform.requestsTo('* /auth/api-keys*')).toEqual([])
  })

  it('is not replaced with each request while the answers of key management get lost', async () => {
    const { platform, client, id } = await withOwnKey()
    platform.order({ match: 'POST /auth/api-keys', action: 'lose-answer' })
    platform.expireApiKey(id)
    for (let request = 1; request <= 5; request++) {
      expect(await failure(client.memory.list())).toMatchObject({ code: 'api_key_expired' })
    }
    expect(platform.apiKeys).toHaveLength(2)
  })

  it('is replaced later when key management was out of order for a while', async () => {
    const { platform, client, id } = await withOwnKey()
    platform.order({ match: 'POST /auth/api-keys', times: 1, action: { status: 503 } })
    platform.expireApiKey(id)
    expect(await failure(client.memory.list())).toMatchObject({ code: 'api_key_expired' })
    expect(await listed(client)).toBe(0)
    expect(platform.apiKeys).toHaveLength(2)
  })

  it('is not replaced while the new one cannot be stored', async () => {
    const { platform, client, store, id, publicId } = await withOwnKey()
    const { commit } = store
    vi.spyOn(store, 'commit').mockImplementation(async (key, revision, value) =>
      value?.apiKey?.id === id
        ? commit(key, revision, value)
        : Promise.reject(new AuthError('store_unavailable', 'The disk is full.')),
    )
    platform.expireApiKey(id)
    const error = await failure(client.memory.list())
    const made = platform.apiKeys.at(-1)?.id ?? ''
    expect(made).not.toBe(id)
    expect(error).toMatchObject({
      code: 'store_unavailable',
      retryable: false,
      message: expect.stringContaining(made),
      hint: expect.stringContaining(made),
    })
    expect((await client.getSession()).apiKey?.publicId).toBe(publicId)
    // Not one more with each request.
    expect(await failure(client.memory.list())).toMatchObject({ code: 'api_key_expired' })
    expect(platform.apiKeys).toHaveLength(2)
  })
})

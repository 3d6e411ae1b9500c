import { describe, expect, it } from 'vitest'
import type { ClientEvents } from '../../src/client/events.ts'
import { memoryStore } from '../../src/store/memory-store.ts'
import type { FaultAction } from '../../src/testing.ts'
import { failure, withQuickTimers } from '../support/async.ts'
import { clientFor, lifeMs, personFlow, platformAt, signedIn } from '../support/setup.ts'
import { observedStore } from '../support/stores.ts'

const busy = { status: 503, body: { error: 'busy' } } as const
const limited = {
  status: 429,
  body: { error: 'Too many login attempts', code: 'AUTH_RATE_LIMITED', retryAfter: '15 minutes' },
} as const

describe('getAccessToken', () => {
  it('gives the token that is held, without a request', async () => {
    const { client, tokens, platform } = await signedIn()
    expect(await client.getAccessToken()).toBe(tokens.accessToken)
    expect(platform.requests).toEqual([])
  })

  it('reads the store once, and never again while the token is fresh', async () => {
    const { platform, tokens } = await signedIn()
    const { store, seen } = observedStore(memoryStore({ tokens }))
    const client = clientFor(platform, { store })
    for (let call = 0; call < 5; call++) await client.getAccessToken()
    expect(seen).toEqual({ reads: 1, commits: 0 })
  })

  it('★13 ★15 sends one token request for ten callers who find it expired', async () => {
    const { client, tokens, expire, tokenRequests } = await signedIn()
    expire()
    const all = await Promise.all(Array.from({ length: 10 }, () => client.getAccessToken()))
    expect(new Set(all).size).toBe(1)
    expect(all[0]).not.toBe(tokens.accessToken)
    expect(tokenRequests()).toHaveLength(1)
  })

  it('★15 sends one token request for several clients on one store, within the limits', async () => {
    const { platform, store, expire, tokenRequests } = await signedIn({ platform: platformAt() })
    const clients = Array.from({ length: 8 }, () => clientFor(platform, { store }))
    for (let round = 1; round <= 3; round++) {
      expire()
      const all = await Promise.all(clients.map((client) => client.getAccessToken()))
      expect(new Set(all).size).toBe(1)
      expect(tokenRequests()).toHaveLength(round)
    }
    expect(tokenRequests().map(({ status }) => status)).toEqual([200, 200, 200])
  })

  it('is renewed when it was obtained by a clock that was ahead, and is set right by now', async () => {
    const platform = platformAt({ limits: false })
    const { clock } = platform
    let aheadMs = 3 * 3_600_000
    const store = memoryStore()
    const now = () => clock.now() + aheadMs
    const client = clientFor(platform, { store, now, login: personFlow(platform) })
    await client.login()
    aheadMs = 0
    clock.advance(lifeMs)
    expect(await client.introspect(await client.getAccessToken())).toMatchObject({ active: true })
    await client.getAccessToken()
    expect(platform.requestsTo('POST /oauth/token')).toHaveLength(2)
  })

  it.each([400, 403, 404, 405, 421, 451])(
    'keeps the session, to be tried again, when the page of a proxy comes for the pair: %i',
    async (status) => {
      const { client, platform, expire } = await signedIn()
      const headers = { 'content-type': 'text/html; charset=utf-8' }
      const action = { status, headers, body: '<html>No</html>' }
      const restore = platform.order({ match: '*', action })
      expire()
      expect(await failure(client.getAccessToken())).toMatchObject({
        code: 'refresh_failed',
        retryable: true,
        status,
        hint: expect.stringContaining('The session is kept'),
      })
      restore()
      expect(await client.introspect(await client.getAccessToken())).toMatchObject({ active: true })
    },
  )

  it('★13 ends the session when another program has used the refresh token up', async () => {
    const { client, platform, tokens, expire } = await signedIn()
    const copy = clientFor(platform, { store: memoryStore({ tokens }) })
    expire()
    await copy.getAccessToken()
    expect(await failure(client.getAccessToken())).toMatchObject({ code: 'session_expired' })
    expect((await client.getSession()).status).toBe('expired')
    expect((await copy.getSession()).status).toBe('signed-in')
  })

  it('★14 renews for its own client id only', async () => {
    const { client, expire, tokenRequests } = await signedIn({ clientId: 'vscode-extension' })
    expire()
    await client.getAccessToken()
    expect(tokenRequests()[0]?.body).toMatchObject({ client_id: 'vscode-extension' })
  })

  it('★16 renews a JWT session at its own route', async () => {
    const { client, platform, expire } = await signedIn({ family: 'jwt' })
    expire()
    await client.getAccessToken()
    expect(platform.requests.map(({ path }) => path)).toEqual(['/v1/auth/refresh'])
  })

  it('★16 keeps a JWT session that an older deployment cannot renew', async () => {
    const platform = platformAt({ generation: 'roadmap', limits: false })
    const { client, expire, tokenRequests } = await signedIn({ platform, family: 'jwt' })
    expire()
    expect(await failure(client.getAccessToken())).toMatchObject({ code: 'refresh_failed' })
    expect((await client.getSession()).status).toBe('signed-in')
    expect(tokenRequests()).toEqual([])
  })

  it('never opens a browser', async () => {
    const client = clientFor(platformAt(), {
      login: {
        name: 'forbidden',
        canRun: () => {
          throw new Error('A flow was asked.')
        },
        run: () => Promise.reject(new Error('A flow was run.')),
      },
    })
    expect(await failure(client.getAccessToken())).toMatchObject({ code: 'login_required' })
  })

  it('lets one caller go without ending the renewal of the others', async () => {
    const { client, expire, tokenRequests } = await signedIn()
    expire()
    const controller = new AbortController()
    const leaving = failure(client.getAccessToken({ signal: controller.signal }))
    const staying = client.getAccessToken()
    controller.abort()
    expect(await leaving).toMatchObject({ code: 'aborted' })
    expect(await staying).toBe(await client.getAccessToken())
    expect(tokenRequests()).toHaveLength(1)
  })

  it('renews for who needs a longer life, and never more than once for it', async () => {
    const { client, tokens, platform, tokenRequests } = await signedIn()
    await client.getSession()
    platform.clock.advance(lifeMs - 120_000)
    expect(await client.getAccessToken({ minValidityMs: 60_000 })).toBe(tokens.accessToken)
    await client.getAccessToken({ minValidityMs: 300_000 })
    await client.getAccessToken({ minValidityMs: 1e9 })
    expect(tokenRequests()).toHaveLength(1)
  })
})

describe('a token request that fails', () => {
  const passing: [string, FaultAction, string][] = [
    ['503', busy, 'service_unavailable'],
    ['500', { status: 500, body: {} }, 'server_error'],
    ['408', { status: 408 }, 'timeout'],
    ['429', limited, 'rate_limited'],
    ["a proxy's page", 'html', 'service_unavailable'],
    ['a refused connection', 'refuse', 'network_error'],
    ['a lost connection', 'drop', 'network_error'],
    ['silence', 'hang', 'timeout'],
  ]

  /** Only who is not answered at all runs out of time. */
  const impatient = (action: FaultAction) => (action === 'hang' ? { timeoutMs: 20 } : {})

  it.each(passing)(
    'with %s ends nothing: a valid token is served, as degraded',
    async (_what, action, code) => {
      const { client, tokens, platform, tokenRequests } = await signedIn(impatient(action))
      const before = await client.getSession()
      const told: ClientEvents['degraded'][] = []
      client.on('degraded', (event) => told.push(event))
      platform.order({ match: 'POST /oauth/token', action })
      platform.clock.advance(lifeMs - 30_000)
      expect(await client.getAccessToken()).toBe(tokens.accessToken)
      expect(tokenRequests()).toHaveLength(1)
      expect(told).toMatchObject([{ code }])
      expect(await client.getSession()).toEqual({
        ...before,
        degraded: { code, since: platform.clock.now() },
      })
    },
  )

  it.each(passing)('with %s ends nothing when no valid token is left', async (_what, action) => {
    const { client, platform, store, expire } = await signedIn(impatient(action))
    const stop = platform.order({ match: 'POST /oauth/token', action })
    expire()
    expect(await failure(client.getAccessToken())).toMatchObject({ code: 'refresh_failed' })
    expect((await client.getSession()).status).toBe('signed-in')
    stop()
    // Whatever the wait was, it is over by then.
    platform.clock.advance(3_600_000)
    const patient = clientFor(platform, { store })
    expect(await patient.getAccessToken()).toHaveLength(64)
    expect(await client.getAccessToken()).toBe(await patient.getAccessToken())
  })

  it('with a limit says how long to wait', async () => {
    const { client, platform, expire } = await signedIn()
    platform.order({ match: 'POST /oauth/token', action: limited })
    expire()
    expect(await failure(client.getAccessToken())).toMatchObject({
      retryable: true,
      retryAfterMs: 900_000,
    })
  })

  it('with invalid_grant ends the session, and keeps the API key', async () => {
    const { client, platform, expire } = await signedIn()
    const { key } = await platform.createApiKey()
    await client.setApiKey(key)
    platform.revokeTokens()
    expire()
    expect(await failure(client.getAccessToken())).toMatchObject({
      code: 'session_expired',
      retryable: false,
    })
    expect(await client.getSession()).toMatchObject({
      status: 'expired',
      apiKey: { kind: 'lano' },
    })
    expect((await client.memory.list()).items).toEqual([])
    platform.requests.length = 0
    expect(await failure(client.getAccessToken())).toMatchObject({ code: 'session_expired' })
    expect(platform.requests).toEqual([])
  })
})

describe('refresh', () => {
  it('renews although the token is fresh, and tells of it', async () => {
    const { client, tokens, platform } = await signedIn()
    const told: unknown[] = []
    client.on('refresh', (event) => told.push(event))
    platform.clock.advance(1_000)
    const session = await client.refresh()
    const expiresAt = platform.clock.now() + lifeMs
    expect(session).toMatchObject({ status: 'signed-in', expiresAt })
    expect(told).toEqual([{ expiresAt }])
    expect(await client.getAccessToken()).not.toBe(tokens.accessToken)
  })

  it('says that nobody is signed in', async () => {
    expect(await failure(clientFor(platformAt()).refresh())).toMatchObject({
      code: 'login_required',
    })
  })
})

describe('introspect', () => {
  it('asks about the token that is held, or about another one', async () => {
    const { client, platform } = await signedIn()
    expect(await client.introspect()).toMatchObject({ active: true, clientId: 'lanonasis-cli' })
    const other = await platform.issueTokens({ family: 'jwt' })
    expect(await client.introspect(other.accessToken)).toMatchObject({ email: 'ada@example.com' })
    expect(await client.introspect('nonsense')).toEqual({ active: false })
  })

  it('says that nobody is signed in', async () => {
    const platform = platformAt()
    expect(await failure(clientFor(platform).introspect())).toMatchObject({
      code: 'login_required',
    })
    expect(platform.requests).toEqual([])
  })
})

describe('a pair that cannot be written down', () => {
  it('is not lost: it is served from memory, and written later', async () => {
    const { platform, tokens } = await signedIn()
    const { store, fail } = observedStore(memoryStore({ tokens }))
    const client = clientFor(platform, {
      store,
      fetch: (input, init) => {
        // The intent has been written; from here on nothing can be.
        fail.commits = true
        return platform.fetch(input, init)
      },
    })
    const told: unknown[] = []
    client.on('store', (event) => told.push(event))
    await client.getAccessToken()
    platform.clock.advance(lifeMs)
    const renewed = await withQuickTimers(() => client.getAccessToken())
    expect(renewed).not.toBe(tokens.accessToken)
    expect(await client.getAccessToken()).toBe(renewed)
    expect(told).toContainEqual({ code: 'store_unavailable', operation: 'write' })
    fail.commits = false
    expect(await client.getAccessToken()).toBe(renewed)
    expect(await clientFor(platform, { store }).getAccessToken()).toBe(renewed)
    expect(platform.requestsTo('POST /oauth/token')).toHaveLength(1)
  })

  it('is the one that a sign-out revokes', async () => {
    const { platform, tokens } = await signedIn()
    const { store, fail } = observedStore(memoryStore({ tokens }))
    const client = clientFor(platform, {
      store,
      fetch: (input, init) => {
        fail.commits = String(input).endsWith('/oauth/token')
        return platform.fetch(input, init)
      },
    })
    const renewed = await withQuickTimers(async () => {
      await client.refresh().catch(() => {})
      return client.getAccessToken()
    })
    fail.commits = false
    expect(await client.logout()).toEqual({ revoked: true })
    expect(await client.introspect(renewed)).toEqual({ active: false })
  })
})

describe('a store that cannot be written', () => {
  it('lets no token request be sent, whose answer could not be kept', async () => {
    const { platform, tokens } = await signedIn()
    const { store, fail } = observedStore(memoryStore({ tokens }))
    const client = clientFor(platform, { store })
    await client.getAccessToken()
    fail.commits = true
    platform.clock.advance(lifeMs - 30_000)
    expect(await client.getAccessToken()).toBe(tokens.accessToken)
    platform.clock.advance(30_000)
    expect(await failure(client.getAccessToken())).toMatchObject({ code: 'store_unavailable' })
    expect(platform.requests).toEqual([])
  })
})

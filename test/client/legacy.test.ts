import { describe, expect, it } from 'vitest'
import { memoryStore } from '../../src/store/memory-store.ts'
import type { FaultAction, PlatformOptions } from '../../src/testing.ts'
import { deferred, failure, settle } from '../support/async.ts'
import { clientFor, personFlow, platformAt, signedIn } from '../support/setup.ts'
import { observedStore } from '../support/stores.ts'

const exchange = 'POST /legacy/exchange'

/** A program that has a token of the time before OAuth, and nothing else. */
async function withLegacyToken(options: PlatformOptions = {}) {
  const platform = platformAt({ limits: false, legacyBridge: true, ...options })
  const legacyToken = await platform.issueLegacyToken()
  const store = memoryStore({ legacyToken })
  const client = clientFor(platform, { store, login: personFlow(platform) })
  const key = {
    issuer: platform.endpoints.authGateway,
    clientId: 'lanonasis-cli',
    profile: 'default',
  }
  return {
    platform,
    legacyToken,
    store,
    client,
    stored: async () => (await store.read(key))?.value,
  }
}

describe('a token of the time before OAuth', () => {
  it('goes with requests to MCP Core and the REST API until it is exchanged', async () => {
    const { platform, client, legacyToken } = await withLegacyToken()
    const { mcpHttp, mcpSse, restApi } = platform.endpoints
    for (const url of [`${mcpHttp}/memory`, mcpSse, `${restApi}/memory`, `${restApi}/projects`]) {
      await client.fetch(url).catch(() => {})
    }
    const sent = platform.requests.map(({ headers }) => headers.authorization)
    expect(sent).toEqual(Array(4).fill(`Bearer ${legacyToken}`))
    expect(await client.getSession()).toEqual({ status: 'signed-out', legacy: true })
  })

  it('never goes to the gateway, which does not know it', async () => {
    const { platform, client } = await withLegacyToken()
    const url = `${platform.endpoints.authGateway}/v1/auth/introspect`
    expect(await failure(client.fetch(url, { method: 'POST' }))).toMatchObject({
      code: 'login_required',
    })
    expect(platform.requests).toEqual([])
  })

  it('is no access token', async () => {
    const { client } = await withLegacyToken()
    expect(await failure(client.getAccessToken())).toMatchObject({ code: 'login_required' })
  })

  it('★5 stays behind where there is an API key or a session', async () => {
    const platform = platformAt({ limits: false })
    const { key: apiKey } = await platform.createApiKey()
    const legacyToken = await platform.issueLegacyToken()
    const { client, tokens } = await signedIn({ platform, initial: { legacyToken, apiKey } })
    await client.fetch(`${platform.endpoints.mcpHttp}/memory`)
    await client.fetch(`${platform.endpoints.restApi}/projects`)
    expect(
      platform.requests.map(({ headers }) => headers['x-api-key'] ?? headers.authorization),
    ).toEqual([apiKey, `Bearer ${tokens.accessToken}`])
  })

  it('asks for a sign-in when the service refuses it, and is kept', async () => {
    const { client } = await withLegacyToken()
    expect(await failure(client.memory.list())).toMatchObject({ code: 'login_required' })
    expect(await client.getSession()).toMatchObject({ legacy: true })
  })
})

describe('exchanging it', () => {
  it('gives a session of ours, in one JSON request, and forgets it', async () => {
    const { platform, client, legacyToken, stored } = await withLegacyToken()
    const session = await client.exchangeLegacyToken()
    expect(session).toMatchObject({ status: 'signed-in', tokenKind: 'opaque', legacy: false })
    expect(platform.requests).toMatchObject([
      {
        path: '/legacy/exchange',
        contentType: 'application/json',
        credential: 'none',
        body: { token: legacyToken, client_id: 'lanonasis-cli' },
      },
    ])
    expect(platform.requests[0]?.url).not.toContain(legacyToken)
    expect(await client.getSession()).toEqual(session)
    expect((await stored())?.legacyToken).toBeUndefined()
    // The session works, and can be renewed.
    expect(await client.memory.list()).toMatchObject({ items: [] })
    await client.refresh()
    expect(platform.requestsTo('POST /oauth/token')).toMatchObject([{ status: 200 }])
  })

  it('leaves the API key', async () => {
    const { platform, client } = await withLegacyToken()
    const { key } = await platform.createApiKey()
    await client.setApiKey(key)
    expect(await client.exchangeLegacyToken()).toMatchObject({
      status: 'signed-in',
      apiKey: { publicId: key.slice(0, 8) },
    })
  })

  it('forgets one that the gateway refuses: the person has to sign in', async () => {
    const platform = platformAt({ legacyBridge: true })
    const client = clientFor(platform, { store: memoryStore({ legacyToken: 'of nobody' }) })
    expect(await client.exchangeLegacyToken()).toBeUndefined()
    expect(await client.getSession()).toEqual({ status: 'signed-out', legacy: false })
    expect(await client.exchangeLegacyToken()).toBeUndefined()
    expect(platform.requestsTo(exchange)).toMatchObject([{ status: 401 }])
  })

  it('finds out once that there is no bridge, and keeps it', async () => {
    const { platform, client } = await withLegacyToken({ legacyBridge: false })
    for (let call = 1; call <= 3; call++) {
      expect(await client.exchangeLegacyToken()).toBeUndefined()
    }
    await Promise.all([client.exchangeLegacyToken(), client.exchangeLegacyToken()])
    expect(platform.requestsTo(exchange)).toMatchObject([{ status: 404 }])
    expect(await client.getSession()).toMatchObject({ legacy: true })
  })

  it('finds out once that there is no bridge for calls at the same time', async () => {
    const { platform, client } = await withLegacyToken({ legacyBridge: false })
    const calls = Array.from({ length: 5 }, () => client.exchangeLegacyToken())
    expect(await Promise.all(calls)).toEqual(Array(5).fill(undefined))
    expect(platform.requestsTo(exchange)).toHaveLength(1)
  })

  it.each([
    ['the gateway cannot be reached', 'refuse', 'network_error'],
    ['the connection is lost', 'drop', 'network_error'],
    ['a proxy answers', 'html', 'service_unavailable'],
    [
      'the gateway fails',
      { status: 500, body: { error: 'Internal server error' } },
      'server_error',
    ],
    ['the gateway has had enough', { status: 429, body: {} }, 'rate_limited'],
    [
      'the gateway does not know this program',
      { status: 400, body: { error: 'Unknown client_id', code: 'INVALID_CLIENT' } },
      'validation_failed',
    ],
    ['a 401 says nothing', { status: 401 }, 'service_unavailable'],
    ['the answer holds no tokens', { status: 200, body: { ok: true } }, 'invalid_response'],
  ] as [string, FaultAction, string][])('decides nothing when %s', async (_what, action, code) => {
    const { platform, client, legacyToken, stored } = await withLegacyToken()
    platform.order({ match: exchange, times: 1, action })
    expect(await failure(client.exchangeLegacyToken())).toMatchObject({ code })
    expect(await stored()).toMatchObject({ session: { status: 'signed-out' }, legacyToken })
    // Sent once; the caller may try again.
    expect(platform.requestsTo(exchange)).toHaveLength(1)
    expect(await client.exchangeLegacyToken()).toMatchObject({ status: 'signed-in' })
  })

  it('asks nobody when there is nothing to exchange', async () => {
    const platform = platformAt({ legacyBridge: true })
    expect(await clientFor(platform).exchangeLegacyToken()).toBeUndefined()
    expect(platform.requests).toEqual([])
  })

  it('asks nobody when somebody is signed in, and leaves the session alone', async () => {
    const platform = platformAt({ legacyBridge: true })
    const legacyToken = await platform.issueLegacyToken()
    const { client, tokens } = await signedIn({ platform, initial: { legacyToken } })
    expect(await client.exchangeLegacyToken()).toBeUndefined()
    expect(platform.requests).toEqual([])
    expect(await client.getAccessToken()).toBe(tokens.accessToken)
  })

  it('is done once for calls at the same time, and all get the session', async () => {
    const { platform, client } = await withLegacyToken()
    const calls = Array.from({ length: 5 }, () => client.exchangeLegacyToken())
    const session = { status: 'signed-in', legacy: false }
    expect(await Promise.all(calls)).toMatchObject(Array(5).fill(session))
    expect(platform.requestsTo(exchange)).toHaveLength(1)
  })

  it('is done once for two clients on one store', async () => {
    const { platform, client, store } = await withLegacyToken()
    const another = clientFor(platform, { store })
    await Promise.all([client.exchangeLegacyToken(), another.exchangeLegacyToken()])
    expect(platform.requestsTo(exchange)).toHaveLength(1)
    expect(await another.getAccessToken()).toBe(await client.getAccessToken())
  })

  /** What happens while the gateway makes a pair. */
  async function meanwhile(work: (client: ReturnType<typeof clientFor>) => Promise<unknown>) {
    const setup = await withLegacyToken()
    const { platform, store } = setup
    const gate = deferred()
    const client = clientFor(platform, {
      store,
      login: personFlow(platform),
      fetch: async (input, init) => {
        const response = await platform.fetch(input, init)
        if (String(input).endsWith('/legacy/exchange')) await gate.promise
        return response
      },
    })
    const exchanging = client.exchangeLegacyToken()
    await settle()
    await work(client)
    gate.resolve()
    return { ...setup, client, session: await exchanging }
  }

  it('is given up at the server when the session cannot be stored, and may be tried again', async () => {
    const { platform, store, legacyToken } = await withLegacyToken()
    const failing = observedStore(store)
    const client = clientFor(platform, { store: failing.store })
    failing.fail.commits = true
    const exchanging = client.exchangeLegacyToken()
    expect(await failure(exchanging)).toMatchObject({ code: 'store_unavailable' })
    expect(platform.requestsTo('POST /oauth/revoke').map(({ status }) => status)).toContain(200)
    failing.fail.commits = false
    expect(await client.getSession()).toMatchObject({ status: 'signed-out', legacy: true })
    expect(legacyToken).not.toBe('')
  })

  it('is a sign-in of its own', async () => {
    const { client, stored } = await withLegacyToken()
    await client.exchangeLegacyToken()
    expect(await stored()).toMatchObject({
      session: { tokens: { signInId: expect.any(String) } },
    })
  })

  it('gives way to a sign-out that happened meanwhile, and revokes the pair', async () => {
    const { platform, client, session } = await meanwhile((client) => client.logout())
    expect(session).toBeUndefined()
    expect(await client.getSession()).toEqual({ status: 'signed-out', legacy: false })
    expect(platform.requestsTo('POST /oauth/revoke')).not.toEqual([])
  })

  it('gives way to a sign-in that happened meanwhile, and revokes the pair', async () => {
    let signedInWith = ''
    const { platform, client } = await meanwhile(async (client) => {
      await client.login()
      signedInWith = await client.getAccessToken()
    })
    expect(await client.getAccessToken()).toBe(signedInWith)
    expect(await client.introspect()).toMatchObject({ active: true })
    expect(platform.requestsTo('POST /oauth/revoke')).not.toEqual([])
  })
})

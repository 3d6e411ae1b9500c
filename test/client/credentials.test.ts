import { afterEach, describe, expect, it, vi } from 'vitest'
import type { StoredAccount } from '../../src/store/account.ts'
import { memoryStore } from '../../src/store/memory-store.ts'
import type { Platform } from '../../src/testing.ts'
import { failure } from '../support/async.ts'
import { clientFor, epoch, lifeMs, personFlow, platformAt, signedIn } from '../support/setup.ts'

afterEach(() => {
  vi.unstubAllGlobals()
})

const mcpHost = 'https://mcp.lanonasis.com'
const carried = (platform: Platform) => platform.requests.map(({ credential }) => credential)

describe('which credential a request gets', () => {
  const both = async () => {
    const setup = await signedIn()
    await setup.client.setApiKey((await setup.platform.createApiKey()).key)
    return setup
  }

  it.each([
    ['key management', `${mcpHost}/api/v1/auth/api-keys`, 'bearer'],
    ['key management at the gateway', 'https://auth.lanonasis.com/api/v1/api-keys', 'bearer'],
    ['key management at the REST API', 'https://api.lanonasis.com/api/v1/api-keys', 'bearer'],
    ['the gateway', 'https://auth.lanonasis.com/v1/auth/introspect', 'bearer'],
    ['MCP Core', `${mcpHost}/api/v1/memory`, 'api-key'],
    ['MCP Core, events', `${mcpHost}/api/v1/events`, 'api-key'],
    ['the REST API, memories', 'https://api.lanonasis.com/api/v1/memory', 'api-key'],
    ['the REST API, the rest', 'https://api.lanonasis.com/api/v1/health', 'bearer'],
  ])('★5 is one, with a session and a key, for %s', async (_target, url, expected) => {
    const { client, platform } = await both()
    await client.fetch(url, { headers: { Authorization: 'Bearer mine', 'X-API-Key': 'mine' } })
    expect(carried(platform)).toEqual([expected])
    expect(Object.values(platform.requests[0]?.headers ?? {})).not.toContain('mine')
  })

  it('★5 is the token where there is no key', async () => {
    const { client, platform } = await signedIn()
    await client.fetch(`${mcpHost}/api/v1/memory`)
    await client.fetch('https://api.lanonasis.com/api/v1/memory')
    expect(carried(platform)).toEqual(['bearer', 'bearer'])
  })

  it('★5 is no key where only a token will do', async () => {
    const platform = platformAt()
    const client = clientFor(platform, { apiKey: (await platform.createApiKey()).key })
    for (const url of [`${mcpHost}/api/v1/auth/api-keys`, 'https://api.lanonasis.com/api/v1/x']) {
      expect(await failure(client.fetch(url))).toMatchObject({ code: 'login_required' })
    }
    expect(platform.requests).toEqual([])
  })

  it('★5 is the key that was passed in before the stored one, which it does not replace', async () => {
    const { client, platform, store } = await both()
    const { key } = await platform.createApiKey()
    await clientFor(platform, { store, apiKey: key }).fetch(`${mcpHost}/api/v1/memory`)
    await client.fetch(`${mcpHost}/api/v1/memory`)
    const keys = platform.requests.map(({ headers }) => headers['x-api-key'])
    expect(keys[0]).toBe(key)
    expect(keys[1]).not.toBe(key)
  })

  it.each([
    'https://example.com/',
    'https://mcp.lanonasis.com.example.com/',
    'http://mcp.lanonasis.com/',
  ])('is none for %s: nothing is sent', async (url) => {
    const { client, platform } = await both()
    expect(await failure(client.fetch(url))).toMatchObject({ code: 'origin_not_allowed' })
    expect(platform.requests).toEqual([])
  })

  it('★6 is in a header, and no address ever holds one', async () => {
    const { client, platform, tokens, expire } = await both()
    await client.apiKeys.create({ name: 'x' })
    await client.memory.create({ title: 'a', content: 'b' })
    await client.memory.list({ tags: ['x'] })
    await client.introspect()
    expire()
    await client.getAccessToken()
    await client.logout({ apiKey: 'revoke' })
    const addresses = platform.requests.map(({ url }) => url).join('\n')
    expect(addresses).not.toMatch(/[\w-]{40,}/)
    expect(addresses).not.toContain(tokens.accessToken)
    platform.requests.length = 0
    const again = await signedIn({ platform })
    const url = `${mcpHost}/api/v1/memory?access_token=${again.tokens.accessToken}`
    expect(await failure(again.client.fetch(url))).toMatchObject({ code: 'validation_failed' })
    expect(platform.requests).toEqual([])
  })

  it('★7 stays behind where a service redirects to another origin', async () => {
    const { client, platform } = await both()
    const action = { status: 307, headers: { location: 'https://evil.example.com/' } }
    platform.order({ match: '*', action })
    for (const method of ['GET', 'POST']) {
      expect(await failure(client.fetch(`${mcpHost}/api/v1/memory`, { method }))).toMatchObject({
        code: 'origin_not_allowed',
      })
    }
    expect(await failure(client.refresh())).toMatchObject({ code: 'refresh_failed' })
    const origins = new Set(platform.requests.map(({ url }) => new URL(url).origin))
    expect([...origins]).toEqual([mcpHost, 'https://auth.lanonasis.com'])
  })

  it('is looked for in the store again when there was none', async () => {
    const { platform, tokens } = await signedIn()
    const store = memoryStore()
    const client = clientFor(platform, { store: { ...store, watch: () => () => {} } })
    expect(await failure(client.fetch(`${mcpHost}/api/v1/memory`))).toMatchObject({
      code: 'login_required',
    })
    const { key } = await platform.createApiKey()
    await clientFor(platform, { store }).setApiKey(key)
    expect((await client.fetch(`${mcpHost}/api/v1/memory`)).status).toBe(200)
    expect(tokens).toBeDefined()
  })

  it('is refused when what is stored is no key', async () => {
    const platform = platformAt()
    const client = clientFor(platform, { store: memoryStore({ apiKey: '0a'.repeat(32) }) })
    expect(await failure(client.memory.list())).toMatchObject({ code: 'api_key_malformed' })
    expect(platform.requests).toEqual([])
  })
})

describe('in a browser', () => {
  async function onPage(origin = 'https://dashboard.lanonasis.com') {
    vi.stubGlobal('window', {})
    vi.stubGlobal('document', {})
    const platform = platformAt({ limits: false })
    const setup = await signedIn({
      platform,
      fetch: (input, init) => {
        const request = new Request(input, init)
        request.headers.set('origin', origin)
        return platform.fetch(request)
      },
    })
    return { ...setup, platform }
  }

  it('★8 requests carry the token, although there is a key', async () => {
    const { client, platform } = await onPage()
    await client.setApiKey((await platform.createApiKey()).key)
    await client.memory.list()
    await client.fetch(`${mcpHost}/api/v1/events`)
    expect(carried(platform)).toEqual(['bearer', 'bearer'])
  })

  it('★8 requests carry the key when nobody is signed in', async () => {
    const { client, platform } = await onPage()
    const { key } = await platform.createApiKey()
    await client.logout()
    await client.setApiKey(key)
    await client.memory.list()
    expect(carried(platform)).toEqual(['api-key'])
  })

  it('★8 requests carry no header that the services do not allow a page', async () => {
    const { client, platform, expire } = await onPage()
    expire()
    await client.memory.create({ title: 'a', content: 'b' })
    await client.apiKeys.list()
    await client.introspect()
    const allowed = ['accept', 'authorization', 'content-type', 'origin']
    // oauth4webapi names itself where no browser does; here there is none in truth.
    const sent = platform.requests.flatMap(({ headers: { 'user-agent': _, ...headers } }) =>
      Object.keys(headers),
    )
    expect([...new Set(sent)].sort()).toEqual(allowed)
  })

  it('★8 redirects are an error, because a page cannot see where they lead', async () => {
    const { client, platform } = await onPage()
    const action = { status: 302, headers: { location: '/api/v1/memories' } }
    platform.order({ match: 'GET /memory', action })
    expect(await failure(client.fetch(`${mcpHost}/api/v1/memory`))).toMatchObject({
      code: 'network_error',
    })
    expect(platform.requests).toHaveLength(1)
  })
})

describe('a credential and addresses from a config file', () => {
  const evil = 'https://evil.example.com/api/v1'
  const origins = [mcpHost, 'https://auth.lanonasis.com']

  /** A store whose account was obtained for our own services. */
  async function stored(platform: Platform) {
    const { accessToken, refreshToken } = await platform.issueTokens()
    const account: StoredAccount = {
      session: {
        status: 'signed-in',
        tokens: {
          accessToken,
          refreshToken,
          tokenType: 'Bearer',
          kind: 'opaque',
          obtainedAt: epoch,
          expiresAt: epoch + lifeMs,
          origins,
        },
      },
      apiKey: { value: (await platform.createApiKey()).key, origins },
    }
    const store = memoryStore()
    const issuer = 'https://auth.lanonasis.com'
    await store.commit(
      { issuer, clientId: 'lanonasis-cli', profile: 'default' },
      undefined,
      account,
    )
    return store
  }

  it('★1 do not meet where it was not obtained for them: the setting is named, nothing is sent', async () => {
    const platform = platformAt()
    const client = clientFor(platform, {
      store: await stored(platform),
      endpoints: undefined,
      services: { mcp_http: evil, rest_api: 'https://evil.example.org' },
    })
    const calls = {
      mcp_http: [
        () => client.memory.list().then(() => undefined),
        () => client.apiKeys.list(),
        () => client.fetch(`${evil}/memory`),
      ],
      rest_api: [() => client.fetch('https://evil.example.org/projects')],
    }
    for (const [field, requests] of Object.entries(calls)) {
      for (const request of requests) {
        expect(await failure(request())).toMatchObject({
          code: 'origin_not_allowed',
          message: expect.stringContaining(`services.${field}`),
          hint: expect.stringMatching(/MCP_HTTP_URL|API_BASE_URL/),
        })
      }
    }
    expect(platform.requests).toEqual([])
  })

  it('★1 meet where they were obtained for each other', async () => {
    const platform = platformAt()
    const client = clientFor(platform, {
      store: await stored(platform),
      endpoints: undefined,
      services: { mcp_http: `${mcpHost}/api/v1` },
    })
    expect((await client.memory.list()).items).toEqual([])
  })

  it.each([
    ['an option', { endpoints: { mcpHttp: evil } }],
    ['a variable', { endpoints: undefined, env: { MCP_HTTP_URL: evil } }],
  ])("★1 meet where the address is the person's own word: %s", async (_what, options) => {
    const own = platformAt({ endpoints: { mcpHttp: evil } })
    const client = clientFor(own, {
      store: await stored(own),
      services: { mcp_http: 'https://elsewhere.example.com' },
      ...options,
    })
    await client.fetch(`${evil}/memory`)
    expect(own.requests.map(({ credential }) => credential)).toEqual(['api-key'])
  })

  it.each(['signs in', 'sets a key', 'makes a key'] as const)(
    '★1 are recorded for each other when the person %s',
    async (how) => {
      const platform = platformAt({ limits: false, endpoints: { mcpHttp: evil } })
      const store = memoryStore()
      const options = {
        store,
        endpoints: undefined,
        services: { mcp_http: evil },
        login: personFlow(platform),
      }
      const client = clientFor(platform, options)
      if (how === 'sets a key') await client.setApiKey((await platform.createApiKey()).key)
      else await client.login(how === 'makes a key' ? { apiKey: { name: 'mine' } } : {})
      expect((await client.memory.list()).items).toEqual([])
      const elsewhere = { ...options, services: { mcp_http: 'https://other.example.com' } }
      expect(await failure(clientFor(platform, elsewhere).memory.list())).toMatchObject({
        code: 'origin_not_allowed',
      })
    },
  )

  it('★1 never meet at another issuer: its account is another one', async () => {
    const platform = platformAt()
    const client = clientFor(platform, {
      store: await stored(platform),
      endpoints: undefined,
      services: { auth_gateway: 'https://evil.example.com' },
    })
    expect(await failure(client.getAccessToken())).toMatchObject({ code: 'login_required' })
    expect(platform.requests).toEqual([])
  })
})

describe('a bad token', () => {
  it('★24 is not taken for a missing one: the session is kept, the error does not send anybody to sign in', async () => {
    const { client, platform, tokens } = await signedIn()
    const body = { error: 'No token provided', code: 'AUTH_TOKEN_MISSING' }
    platform.order({ match: 'GET /auth/api-keys', action: { status: 401, body } })
    const error = await failure(client.apiKeys.list())
    expect(error).toMatchObject({ code: 'service_unavailable', status: 401 })
    expect(JSON.stringify(error)).not.toContain('No token provided')
    expect(await client.getAccessToken()).toBe(tokens.accessToken)
    expect(platform.requestsTo('POST /oauth/token')).toEqual([])
  })

  it('★24 is renewed when it is bad indeed, and the request repeated', async () => {
    const { client, platform, tokens } = await signedIn()
    await client.getAccessToken()
    platform.expireAccessTokens()
    expect(await client.apiKeys.list()).toEqual([])
    expect(platform.requestsTo('GET /auth/api-keys').map(({ status }) => status)).toEqual([
      401, 200,
    ])
    expect(platform.requestsTo('POST /oauth/token')).toHaveLength(1)
    expect(await client.getAccessToken()).not.toBe(tokens.accessToken)
  })
})

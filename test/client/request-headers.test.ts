import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import type { LanonasisClientOptions } from '../../src/client/options.ts'
import { requestHeaders } from '../../src/client/request-headers.ts'
import { resolveSettings } from '../../src/client/settings.ts'
import { presets } from '../../src/endpoints/presets.ts'
import { AuthClient, LanonasisClient } from '../../src/index.ts'
import { memoryStore } from '../../src/store/memory-store.ts'
import { fakeFetch, json } from '../support/fetches.ts'
import { platformAt, signedIn } from '../support/setup.ts'

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/
const span = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`
const anotherSpan = `00-${'c'.repeat(32)}-${'d'.repeat(16)}-00`

/** From here on everything runs in a page. */
function enterBrowser() {
  vi.stubGlobal('document', {})
  vi.stubGlobal('window', {})
  onTestFinished(() => void vi.unstubAllGlobals())
}

/** A client with a token, and what it sends. */
function setup(options: Partial<LanonasisClientOptions> = {}) {
  const { fetch, sent } = fakeFetch(() => json(200, { data: [], memories: [] }))
  const client = new LanonasisClient({
    clientId: 'lanonasis-cli',
    env: {},
    store: memoryStore({ tokens: { accessToken: 'token' } }),
    fetch,
    ...options,
  })
  return { client, sent, header: (name: string) => sent.map(({ headers }) => headers.get(name)) }
}

const { authGateway, mcpHttp, mcpSse, restApi } = presets.production
const urls = [
  `${authGateway}/v1/auth/introspect`,
  `${mcpHttp}/memory`,
  mcpSse,
  `${restApi}/projects`,
]

describe('the id of a request', () => {
  it('is a new UUID for each request to each service', async () => {
    const { client, header } = setup()
    for (const url of [...urls, ...urls]) await client.fetch(url)
    const ids = header('x-request-id')
    expect(ids).toHaveLength(8)
    for (const id of ids) expect(id).toMatch(uuid)
    expect(new Set(ids).size).toBe(8)
  })

  it('is none for a socket, which could not send it', () => {
    const settings = resolveSettings({ clientId: 'x', env: {} })
    expect(requestHeaders(settings, { service: 'mcpWs', use: 'key-first' })).toEqual({})
  })

  it('is another one for the second sending, and both are in the events', async () => {
    const { platform, client } = await signedIn()
    platform.expireAccessTokens()
    const told: (string | undefined)[] = []
    client.on('request', ({ service, requestId }) => {
      if (service === 'mcpHttp') told.push(requestId)
    })
    await client.memory.list()
    const sent = platform.requestsTo('GET /memory').map(({ headers }) => headers['x-request-id'])
    expect(new Set(sent).size).toBe(2)
    expect(told).toEqual(sent)
  })

  it('is told with an error, for a report', async () => {
    const { platform, client } = await signedIn()
    platform.order({ match: 'GET /memory', action: { status: 500 } })
    const error = await client.memory.list().then(
      () => undefined,
      (error: unknown) => error,
    )
    const [request] = platform.requestsTo('GET /memory')
    expect(request?.requestId).toMatch(uuid)
    expect(error).toMatchObject({ code: 'server_error', requestId: request?.requestId })
  })

  it("is the caller's own where there is one", async () => {
    const { client, header } = setup()
    const headers = { 'X-Request-ID': 'mine-1' }
    await client.fetch(`${mcpHttp}/memory`, { headers })
    await client.fetch(new Request(`${mcpHttp}/memory`, { headers }))
    expect(header('x-request-id')).toEqual(['mine-1', 'mine-1'])
  })

  it('★8 is none in a browser, for no service: the preflight would be refused', async () => {
    enterBrowser()
    const { client, header } = setup()
    for (const url of urls) await client.fetch(url)
    await client.memory.list()
    await client.apiKeys.list()
    expect(header('x-request-id')).toEqual(Array(6).fill(null))
  })

  it("★8 is the caller's own even in a browser: it is the caller's word", async () => {
    enterBrowser()
    const { client, header } = setup()
    await client.fetch(`${restApi}/projects`, { headers: { 'x-request-id': 'mine-1' } })
    expect(header('x-request-id')).toEqual(['mine-1'])
  })

  it('goes to no other authorization server', async () => {
    const { fetch, sent } = fakeFetch(() => json(200, {}))
    const client = new AuthClient({
      clientId: 'my-app',
      issuer: 'https://id.example.com',
      resources: ['https://api.example.com'],
      store: memoryStore({ tokens: { accessToken: 'token' } }),
      fetch,
    })
    await client.fetch('https://api.example.com/things')
    expect(sent[0]?.headers.get('x-request-id')).toBeNull()
  })
})

describe('a page that sends what the services allow', () => {
  beforeEach(enterBrowser)

  it.each([
    ['memories', async ({ client }: ReturnType<typeof setup>) => client.memory.list()],
    ['API keys', async ({ client }: ReturnType<typeof setup>) => client.apiKeys.list()],
    [
      'a new memory',
      async ({ client }: ReturnType<typeof setup>) =>
        client.memory.create({ title: 'a', content: 'b' }).catch(() => {}),
    ],
  ])('★8 asks for %s without a header that a preflight refuses', async (_what, call) => {
    const world = setup()
    await call(world)
    const allowed = ['accept', 'content-type', 'authorization']
    for (const { headers } of world.sent) {
      expect([...headers.keys()].filter((name) => !allowed.includes(name))).toEqual([])
    }
    expect(world.sent).not.toEqual([])
  })
})

describe('the project scope', () => {
  it('goes to the services when it is set, and is not sent otherwise', async () => {
    const scoped = setup({ projectScope: 'team:alpha/1.0-beta_2' })
    const unscoped = setup()
    for (const url of urls) {
      await scoped.client.fetch(url)
      await unscoped.client.fetch(url)
    }
    expect(scoped.header('x-project-scope')).toEqual(Array(4).fill('team:alpha/1.0-beta_2'))
    expect(unscoped.header('x-project-scope')).toEqual(Array(4).fill(null))
  })

  it("gives way to the caller's own", async () => {
    const { client, header } = setup({ projectScope: 'team' })
    await client.fetch(`${mcpHttp}/memory`, { headers: { 'x-project-scope': 'other' } })
    expect(header('x-project-scope')).toEqual(['other'])
  })

  it('goes out in a browser, too, when it is set', async () => {
    enterBrowser()
    const { client, header } = setup({ projectScope: 'team' })
    await client.fetch(urls[1] ?? '')
    expect(header('x-project-scope')).toEqual(['team'])
  })

  it.each(['', ' ', 'a b', 'a\nb', 'a\r\nx-api-key: b', 'é', 'a,b', 'x'.repeat(201)])(
    'is refused before anything is sent when it is %j',
    (projectScope) => {
      expect(() => setup({ projectScope })).toThrow(
        expect.objectContaining({
          code: 'config_invalid',
          message: 'projectScope is not a name of a project scope.',
        }),
      )
    },
  )

  it('★18 is not taken from the tokens, whose scope of the JWT family looks like one', async () => {
    const { platform, client } = await signedIn({ family: 'jwt' })
    await client.memory.list()
    expect(platform.requestsTo('GET /memory')[0]?.headers).not.toHaveProperty('x-project-scope')
  })
})

describe('the trace of a request', () => {
  it('is asked for at each request', async () => {
    const spans = [span, anotherSpan]
    const { client, header } = setup({ traceparent: () => spans.shift() })
    for (const url of urls.slice(0, 3)) await client.fetch(url)
    expect(header('traceparent')).toEqual([span, anotherSpan, null])
  })

  it("is the caller's own header where there is one", async () => {
    const { client, header } = setup({ traceparent: () => span })
    const plain = setup()
    const init = { headers: { traceparent: anotherSpan, tracestate: 'vendor=1' } }
    await client.fetch(`${mcpHttp}/memory`, init)
    await plain.client.fetch(`${mcpHttp}/memory`, init)
    expect([header('traceparent'), plain.header('traceparent')]).toEqual([
      [anotherSpan],
      [anotherSpan],
    ])
    expect(plain.header('tracestate')).toEqual(['vendor=1'])
  })

  it.each([
    '',
    'hello',
    span.toUpperCase(),
    `${span}-more`,
    `${span}\r\nx-api-key: b`,
    `00-${'a'.repeat(31)}-${'b'.repeat(16)}-01`,
    ` ${span}`,
  ])('is left out when it is not one: %j', async (text) => {
    const { client, sent, header } = setup({ traceparent: () => text })
    await client.fetch(`${mcpHttp}/memory`)
    expect(header('traceparent')).toEqual([null])
    expect(sent).toHaveLength(1)
  })

  it('goes with the typed calls, and in a browser when it is asked for', async () => {
    enterBrowser()
    const { client, header } = setup({ traceparent: () => span })
    await client.memory.list()
    await client.apiKeys.list()
    expect(header('traceparent')).toEqual([span, span])
  })
})

describe('the headers of ours', () => {
  it('★5 never bring a second credential, and never reach another origin', async () => {
    const platform = platformAt({ limits: false })
    const { key: apiKey } = await platform.createApiKey()
    const { client } = await signedIn({ platform, projectScope: 'team', initial: { apiKey } })
    await client.memory.list()
    await client.apiKeys.list()
    expect(platform.requests.map(({ credential }) => credential)).toEqual(['api-key', 'bearer'])
    for (const { headers } of platform.requests) {
      expect(headers).toMatchObject({ 'x-project-scope': 'team' })
    }
  })
})

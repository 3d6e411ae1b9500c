import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { memoryStore } from '../../src/index.ts'
import { createClient, type NodeClientOptions } from '../../src/node.ts'
import { failure } from '../support/async.ts'
import { selfSigned, trust } from '../support/certificate.ts'
import { startProxy } from '../support/connect-proxy.ts'
import { personFlow } from '../support/setup.ts'
import { serveOverTls } from '../support/tls-platform.ts'

const certificate = selfSigned(['*.services.test', 'localhost', '127.0.0.1'])

interface Options extends NodeClientOptions {
  readonly variables?: Record<string, string>
  readonly services?: never
}

/** A program behind a company's proxy, which is the only way to the services. */
async function setup(
  given: Parameters<typeof serveOverTls>[1] = {},
  { variables, ...options }: Options = {},
) {
  trust(certificate)
  const proxy = await startProxy()
  const services = await serveOverTls(certificate, given)
  const { platform, env } = services
  const client = createClient({
    env: { ...env, ...(variables ?? { HTTPS_PROXY: proxy.url }) },
    store: memoryStore({ tokens: await platform.issueTokens() }),
    now: platform.clock.now,
    login: personFlow(platform),
    ...options,
  })
  onTestFinished(() => client.close())
  const host = (url: string) => new URL(url).host
  return {
    ...services,
    proxy,
    client,
    mcp: host(platform.endpoints.mcpHttp),
    gateway: host(platform.endpoints.authGateway),
  }
}

describe('a client behind a proxy', () => {
  it('reaches every service through it, and the proxy reads nothing', async () => {
    const { platform, proxy, client, mcp, gateway } = await setup()
    await client.refresh()
    await client.apiKeys.ensure({ name: 'my-laptop' })
    const created = await client.memory.create({ title: 'canary', content: 'Détails 😀' })
    expect(await client.memory.get(created.id)).toMatchObject({ content: 'Détails 😀' })
    expect(await client.memory.list()).toMatchObject({ total: 1 })
    await client.fetch(`${platform.endpoints.restApi}/memory`)

    expect(platform.requestsTo('POST /memory')).toMatchObject([
      { contentType: 'application/json', body: { title: 'canary', content: 'Détails 😀' } },
    ])
    expect(platform.requests.every(({ credential }) => credential !== 'both')).toBe(true)
    const rest = new URL(platform.endpoints.restApi).host
    expect(new Set(proxy.tunnels)).toEqual(new Set([gateway, mcp, rest]))
    expect(proxy.readable).toEqual([])
    const passed = proxy.passed().toString('latin1')
    expect(passed.length).toBeGreaterThan(1_000)
    expect(passed).not.toContain('canary')
    expect(passed).not.toContain(await client.getAccessToken())
  })

  it('signs in and out through it', async () => {
    const { proxy, client, gateway } = await setup({}, { store: memoryStore() })
    expect(await client.login()).toMatchObject({ status: 'signed-in' })
    expect(await client.logout()).toEqual({ revoked: true })
    expect(new Set(proxy.tunnels)).toEqual(new Set([gateway]))
  })

  it.each(['https_proxy', 'HTTP_PROXY', 'http_proxy'])('finds it in %s, too', async (name) => {
    const proxy = await startProxy()
    const { client, mcp } = await setup({}, { variables: { [name]: proxy.url } })
    expect(await client.memory.list()).toMatchObject({ items: [] })
    expect(proxy.tunnels).toEqual([mcp])
  })

  it('goes on using a tunnel that is open', async () => {
    const { proxy, client, connections } = await setup()
    for (let request = 1; request <= 10; request++) await client.memory.list()
    // A second one, where the first was not yet free again.
    expect(proxy.tunnels.length).toBeLessThanOrEqual(2)
    expect(connections()).toBe(proxy.tunnels.length)
  })

  it('shows the proxy its user and password, and the services nothing of them', async () => {
    const proxy = await startProxy()
    const HTTPS_PROXY = proxy.url.replace('//', '//user:canary@')
    const { platform, client } = await setup({}, { variables: { HTTPS_PROXY } })
    await client.memory.list()
    const given = `Basic ${Buffer.from('user:canary').toString('base64')}`
    expect(proxy.authorizations).toEqual([given])
    expect(platform.requests[0]?.headers).not.toHaveProperty('proxy-authorization')
  })

  it.each([
    ['the proxy refuses', { status: 407 }],
    ['the proxy cannot reach the service', { status: 502 }],
  ])('is a network error that can be tried again when %s', async (_what, options) => {
    vi.spyOn(Math, 'random').mockReturnValue(0)
    onTestFinished(() => void vi.restoreAllMocks())
    const refusing = await startProxy(options)
    const HTTPS_PROXY = refusing.url.replace('//', '//user:canary@')
    const { platform, client } = await setup({}, { variables: { HTTPS_PROXY } })
    const error = await failure(client.memory.list())
    expect(error).toMatchObject({ code: 'network_error', retryable: true })
    expect(JSON.stringify(error)).not.toContain('canary')
    expect([platform.requests.length, refusing.tunnels.length]).toEqual([0, 4])
  })

  it('is a network error when the proxy is not there', async () => {
    const variables = { HTTPS_PROXY: 'http://127.0.0.1:1' }
    const { client } = await setup({}, { variables })
    const error = await failure(client.fetch(`${client.endpoints.mcpHttp}/memory`))
    expect(error).toMatchObject({
      code: 'network_error',
      message: expect.stringContaining('ECONNREFUSED'),
    })
  })
})

describe('what a client behind a proxy does not ask of it', () => {
  it.each([
    ['all hosts', '*'],
    ['the host', 'mcp.services.test'],
    ['the domain', '.services.test'],
  ])('are the exceptions of NO_PROXY: %s', async (_what, NO_PROXY) => {
    const proxy = await startProxy()
    const { client } = await setup({}, { variables: { HTTPS_PROXY: proxy.url, NO_PROXY } })
    // Only the proxy knows that name.
    expect(await failure(client.memory.list())).toMatchObject({
      code: 'network_error',
      message: expect.stringContaining('ENOTFOUND'),
    })
    expect(proxy.tunnels).toEqual([])
  })

  it('are the others than the exceptions', async () => {
    const proxy = await startProxy()
    const variables = { HTTPS_PROXY: proxy.url, NO_PROXY: 'auth.services.test,example.com' }
    const { client, mcp } = await setup({}, { variables })
    await client.memory.list()
    expect(proxy.tunnels).toEqual([mcp])
    expect(await failure(client.introspect())).toMatchObject({ code: 'network_error' })
    expect(proxy.tunnels).toEqual([mcp])
  })

  it('are services on this machine', async () => {
    const proxy = await startProxy()
    const { client } = await setup(
      { hostOf: () => 'localhost' },
      { variables: { HTTPS_PROXY: proxy.url } },
    )
    expect(await client.memory.list()).toMatchObject({ items: [] })
    expect(proxy.tunnels).toEqual([])
  })

  it('is anything where there is a fetch of its own', async () => {
    const sent: string[] = []
    const { proxy, client } = await setup(
      {},
      {
        fetch: async (input) => {
          sent.push(new Request(input).url)
          return Response.json({ data: [] })
        },
      },
    )
    await client.memory.list()
    expect([sent.length, proxy.tunnels.length]).toEqual([1, 0])
  })
})

describe('answers through a proxy', () => {
  it('★7 that redirect to another origin are refused, and nothing is sent there', async () => {
    const { proxy, client, mcp } = await setup({
      routes: {
        '/api/v1/away': (_request, response) => {
          response.writeHead(307, { location: 'https://evil.services.test/' }).end()
        },
      },
    })
    const url = `${client.endpoints.mcpHttp}/away`
    expect(await failure(client.fetch(url))).toMatchObject({ code: 'origin_not_allowed' })
    expect(await failure(client.fetch(url, { method: 'POST', body: '{}' }))).toMatchObject({
      code: 'origin_not_allowed',
    })
    expect(new Set(proxy.tunnels)).toEqual(new Set([mcp]))
  })

  it('that redirect within the origin are followed', async () => {
    const { platform, client } = await setup({
      routes: {
        '/api/v1/moved': (_request, response) => {
          response.writeHead(302, { location: '/api/v1/memory?limit=5' }).end()
        },
      },
    })
    const response = await client.fetch(`${client.endpoints.mcpHttp}/moved`)
    expect(response.status).toBe(200)
    expect(platform.requests).toMatchObject([{ path: '/memory', query: { limit: '5' } }])
  })

  it('stream, and end with the caller', async () => {
    let goOn = () => {}
    let closed: Promise<void> | undefined
    const { client } = await setup({
      routes: {
        '/api/v1/stream': (_request, response) => {
          closed = new Promise((resolve) => response.on('close', resolve))
          response.writeHead(200, { 'content-type': 'text/event-stream' })
          response.write('data: one\n\n')
          goOn = () => response.write('data: two\n\n')
        },
      },
    })
    const controller = new AbortController()
    const { signal } = controller
    const response = await client.fetch(`${client.endpoints.mcpHttp}/stream`, { signal })
    const reader = response.body?.getReader()
    const decoder = new TextDecoder()
    expect(decoder.decode((await reader?.read())?.value)).toBe('data: one\n\n')
    goOn()
    expect(decoder.decode((await reader?.read())?.value)).toBe('data: two\n\n')
    const next = failure(Promise.resolve(reader?.read()))
    controller.abort()
    expect(await next).toMatchObject({ name: 'AbortError' })
    await closed
  })

  it('that do not come are not waited for when the caller gives up', async () => {
    let asked = () => {}
    const arrived = new Promise<void>((resolve) => {
      asked = resolve
    })
    const { client } = await setup({ routes: { '/api/v1/memory': () => asked() } })
    const controller = new AbortController()
    const call = failure(client.memory.list({ signal: controller.signal }))
    await arrived
    controller.abort()
    expect(await call).toMatchObject({ code: 'aborted' })
  })

  it('that do not come are a timeout', async () => {
    const { client } = await setup({ routes: { '/api/v1/memory': () => {} } }, { timeoutMs: 500 })
    const call = client.fetch(`${client.endpoints.mcpHttp}/memory`)
    expect(await failure(call)).toMatchObject({ code: 'timeout', retryable: true })
  })

  it('that break off are asked for again', async () => {
    let requests = 0
    const { client } = await setup({
      routes: {
        '/api/v1/memory': (request, response) => {
          requests += 1
          response.writeHead(200, { 'content-type': 'application/json' })
          if (requests > 1) response.end('{"data":[]}')
          else response.write('{"data":', () => request.socket.destroy())
        },
      },
    })
    expect(await client.memory.list()).toMatchObject({ items: [] })
    expect(requests).toBe(2)
  })

  it('are looked into when they are a 401, by way of the proxy', async () => {
    const { platform, client, proxy, gateway } = await setup()
    platform.expireAccessTokens()
    expect(await client.memory.create({ title: 'a', content: 'b' })).toMatchObject({ title: 'a' })
    expect(platform.requestsTo('POST /memory').map(({ status }) => status)).toEqual([401, 201])
    expect(proxy.tunnels).toContain(gateway)
  })
})

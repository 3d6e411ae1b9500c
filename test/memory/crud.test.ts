import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import type { LanonasisClientOptions } from '../../src/client/options.ts'
import { LanonasisClient } from '../../src/index.ts'
import type { Fault, FaultAction, PlatformOptions } from '../../src/testing.ts'
import { failure, settle } from '../support/async.ts'
import { connectionError, fakeFetch, json } from '../support/fetches.ts'
import { clientFor, epoch, platformAt } from '../support/setup.ts'

beforeEach(() => {
  // The least of each wait: nothing is repeated later than it has to be.
  vi.spyOn(Math, 'random').mockReturnValue(0)
})

afterEach(() => {
  vi.restoreAllMocks()
})

const example = {
  title: 'Example',
  content: 'Details',
  type: 'project',
  tags: ['tag'],
  metadata: { source: 'test' },
}

/** A program with an API key. */
async function setup(
  behaviour: PlatformOptions = {},
  options: Partial<LanonasisClientOptions> = {},
) {
  const platform = platformAt({ limits: false, ...behaviour })
  const { key: apiKey } = await platform.createApiKey()
  const client = clientFor(platform, { apiKey, ...options })
  const asked = () => platform.requests.map(({ method, path }) => `${method} ${path}`)
  return { platform, client, memory: client.memory, asked }
}

/** From here on, what needs a pause does not happen. */
function stopTime() {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  onTestFinished(() => void vi.useRealTimers())
}

const deployments = (['roadmap', '2026'] as const).flatMap((generation) =>
  [false, true].map((legacyApi) => ({ generation, legacyApi })),
)

describe.each(deployments)('memories ($generation, legacyApi: $legacyApi)', (deployment) => {
  const { generation, legacyApi } = deployment
  const service = legacyApi ? 'restApi' : 'mcpHttp'
  const world = () => setup({ generation }, { legacyApi })

  it('go through their whole life at one service, with one credential', async () => {
    const { platform, memory, asked } = await world()
    const created = await memory.create(example)
    expect(created).toMatchObject(example)
    const id = created.id
    expect(await memory.get(id)).toEqual(created)
    platform.clock.advance(1_000)
    const changed = await memory.update(id, { title: 'Changed', type: 'knowledge' })
    expect(changed).toMatchObject({ ...example, title: 'Changed', type: 'knowledge' })
    expect(changed.createdAt).toEqual(new Date(epoch))
    expect(changed.updatedAt).toEqual(new Date(epoch + 1_000))
    expect(await memory.search({ query: 'changed', type: 'knowledge' })).toMatchObject({
      items: [{ id, title: 'Changed' }],
      total: 1,
      hasMore: false,
    })
    expect(await memory.stats()).toMatchObject({ total: 1, byType: { knowledge: 1 } })
    expect(await memory.delete(id)).toBeUndefined()
    expect(platform.memories).toEqual([])

    expect(asked()).toEqual([
      'POST /memory',
      `GET /memory/${id}`,
      `PUT /memory/${id}`,
      'POST /memory/search',
      'GET /memory/stats',
      `DELETE /memory/${id}`,
    ])
    expect(platform.requests).toMatchObject(Array(6).fill({ service, credential: 'api-key' }))
  })

  it('change in what is given, and keep the rest', async () => {
    const { platform, memory } = await world()
    const { id } = await memory.create(example)
    await memory.update(id, { tags: [] })
    await memory.update(id, { metadata: { a: 1 } })
    const [first, second] = platform.requestsTo('PUT /memory/*')
    expect([first?.body, second?.body]).toEqual([{ tags: [] }, { metadata: { a: 1 } }])
    expect(await memory.get(id)).toMatchObject({ ...example, tags: [], metadata: { a: 1 } })
  })

  it.each([
    ['read', ({ memory }: LanonasisClient) => memory.get('nothing')],
    ['changed', ({ memory }: LanonasisClient) => memory.update('nothing', { title: 'x' })],
    ['deleted', ({ memory }: LanonasisClient) => memory.delete('nothing')],
  ])('that are not there cannot be %s', async (_what, call) => {
    const { client, memory } = await world()
    await memory.list()
    const error = await failure(call(client))
    expect(error).toMatchObject({ code: 'not_found', status: 404, retryable: false })
    expect(error).toMatchObject({
      message: expect.stringContaining(legacyApi ? 'The REST API' : 'MCP Core'),
    })
  })

  it('of another person are not there', async () => {
    const { platform, memory } = await world()
    const { id } = await memory.create(example)
    const { email } = platform.addUser({ email: 'bob@example.com', password: 'x' })
    const { key: apiKey } = await platform.createApiKey({ email })
    const stranger = clientFor(platform, { apiKey, legacyApi }).memory
    await stranger.list()
    expect(await failure(stranger.delete(id))).toMatchObject({ code: 'not_found' })
    expect(platform.memories).toHaveLength(1)
  })

  it('are refused to a key that may only read: insufficient rights, not a dead key', async () => {
    const { platform } = await world()
    const { key: apiKey } = await platform.createApiKey({ scopes: ['memories:read'] })
    const reader = clientFor(platform, { apiKey, legacyApi }).memory
    expect(await reader.list()).toMatchObject({ items: [] })
    expect(await failure(reader.create(example))).toMatchObject({
      code: 'insufficient_scope',
      status: 403,
    })
    expect(platform.requestsTo('POST /v1/auth/*')).toEqual([])
  })
})

describe('the fields of a call', () => {
  it('are written as the services know them, and left out when they are not given', async () => {
    const { platform, memory } = await setup()
    await memory.list()
    await memory.list({ limit: 5, offset: 10, type: 'context', tags: ['a', 'b c', 'd&e'] })
    await memory.search({ query: 'x', limit: 5, offset: 0, threshold: 0.7 })
    expect(platform.requests.map(({ query, body }) => body ?? query)).toEqual([
      {},
      { limit: '5', offset: '10', type: 'context', tags: 'a,b c,d&e' },
      { query: 'x', limit: 5, offset: 0, threshold: 0.7 },
    ])
  })

  it('★6 of a search never stand in the address', async () => {
    const { platform, memory } = await setup()
    await memory.search({ query: 'something private' })
    expect(platform.requests[0]?.url).not.toContain('private')
  })

  it.each([
    ['an empty query', (client: LanonasisClient) => client.memory.search({ query: ' ' })],
    ['an empty title', (client: LanonasisClient) => client.memory.update('1', { title: '' })],
    ['an empty content', (client: LanonasisClient) => client.memory.update('1', { content: ' ' })],
    ['half a page', (client: LanonasisClient) => client.memory.search({ query: 'x', limit: 0.5 })],
  ])('are refused before any request for %s', async (_what, call) => {
    const { client, platform } = await setup()
    expect(await failure(call(client))).toMatchObject({ code: 'validation_failed' })
    expect(platform.requests).toEqual([])
  })
})

describe('the id of a memory', () => {
  const calls = [
    ['get', ({ memory }: LanonasisClient, id: string) => memory.get(id)],
    ['update', ({ memory }: LanonasisClient, id: string) => memory.update(id, { title: 'x' })],
    ['delete', ({ memory }: LanonasisClient, id: string) => memory.delete(id)],
  ] as const

  it.each(calls)('never leads %s to another place', async (_name, call) => {
    const { client, platform } = await setup()
    for (const id of ['', '  ', '.', '..', undefined as never, 5 as never]) {
      expect(await failure(call(client, id))).toMatchObject({ code: 'validation_failed' })
    }
    expect(platform.requests).toEqual([])
  })

  it.each(calls)('is one segment of the path of %s, whatever is in it', async (_name, call) => {
    const { client, platform, memory } = await setup({ generation: 'roadmap' })
    await memory.list()
    const ids = [
      'a/b',
      '../auth/api-keys',
      '%2e%2e',
      'a?b=c',
      'a#b',
      'a%2fb',
      '..\\x',
      'é 😀',
      ';x',
    ]
    for (const id of ids) {
      platform.requests.length = 0
      expect(await failure(call(client, id))).toMatchObject({ code: 'not_found' })
      expect(platform.requests).toHaveLength(1)
      const { path, query, service } = platform.requests[0] ?? {}
      const segments = path?.split('/') ?? []
      expect([service, segments.length, segments[1], query]).toEqual(['mcpHttp', 3, 'memory', {}])
      expect(decodeURIComponent(segments[2] ?? '')).toBe(id)
    }
  })
})

/** A route that is not deployed. */
const absent = (match: string): Fault => ({
  match,
  service: 'mcpHttp',
  action: { status: 404, body: { error: 'Not found', code: 'ROUTE_NOT_FOUND' } },
})

const onlyMemories = { faults: [absent('* /memory'), absent('* /memory/*')] }

describe('a deployment that has only /memories', () => {
  it('is found out by the first call, which is carried on there, and remembered', async () => {
    const { platform, memory, asked } = await setup(onlyMemories)
    const { id } = await memory.create(example)
    expect(platform.memories).toHaveLength(1)
    await memory.update(id, { title: 'Changed' })
    await memory.search({ query: 'changed' })
    await memory.stats()
    await memory.delete(id)
    expect(asked()).toEqual([
      'POST /memory',
      'GET /memories',
      'POST /memories',
      `PUT /memories/${id}`,
      'POST /memories/search',
      'GET /memories/stats',
      `DELETE /memories/${id}`,
    ])
    const [first, second] = platform.requestsTo('POST /memor*')
    expect(first?.body).toEqual(second?.body)
  })

  it('is found out once for calls at the same time, none of which fails', async () => {
    const { platform, memory } = await setup(onlyMemories)
    const pages = await Promise.all(Array.from({ length: 5 }, () => memory.list({ limit: 2 })))
    expect(pages.map(({ items }) => items)).toEqual(Array(5).fill([]))
    const probes = platform.requestsTo('GET /memories').filter(({ query }) => query.limit === '1')
    expect(probes).toHaveLength(1)
  })

  it.each([
    ['text', { status: 404, body: 'Cannot GET /api/v1/memory' }],
    ['nothing', { status: 404 }],
    [
      "a proxy's page",
      { status: 404, body: '<html>404</html>', headers: { 'content-type': 'text/html' } },
    ],
  ] as [string, FaultAction][])('is found out by a 404 of %s, too', async (_what, action) => {
    const { memory } = await setup({ faults: [{ match: '* /memory', action }] })
    expect(await memory.list()).toMatchObject({ items: [] })
  })

  it('keeps a real 404 for a memory that is missing', async () => {
    const { memory, asked } = await setup(onlyMemories)
    expect(await failure(memory.get('nothing'))).toMatchObject({ code: 'not_found' })
    expect(await failure(memory.get('nothing'))).toMatchObject({ code: 'not_found' })
    expect(asked()).toEqual([
      'GET /memory/nothing',
      'GET /memories',
      'GET /memories/nothing',
      'GET /memories/nothing',
    ])
  })
})

describe('a deployment that has only /memory', () => {
  it('costs one look at the other name when the first memory is missing, and no more', async () => {
    const { memory, asked } = await setup({ generation: 'roadmap' })
    expect(await failure(memory.get('nothing'))).toMatchObject({ code: 'not_found', status: 404 })
    expect(await failure(memory.get('nothing'))).toMatchObject({ code: 'not_found' })
    expect(await failure(memory.delete('nothing'))).toMatchObject({ code: 'not_found' })
    expect(asked()).toEqual([
      'GET /memory/nothing',
      'GET /memories',
      'GET /memory/nothing',
      'DELETE /memory/nothing',
    ])
  })

  it('costs no look once anything was found there', async () => {
    const { memory, asked } = await setup({ generation: 'roadmap' })
    await memory.stats()
    expect(await failure(memory.get('nothing'))).toMatchObject({ code: 'not_found' })
    expect(asked()).toEqual(['GET /memory/stats', 'GET /memory/nothing'])
  })

  it('decides nothing while the look at the other name gets no answer', async () => {
    const { platform, memory } = await setup({ generation: 'roadmap' })
    const busy = platform.order({ match: 'GET /memories', action: { status: 503 } })
    expect(await failure(memory.get('nothing'))).toMatchObject({
      code: 'not_found',
    })
    busy()
    const looks = platform.requestsTo('GET /memories').length
    expect(await failure(memory.get('nothing'))).toMatchObject({ code: 'not_found' })
    expect(platform.requestsTo('GET /memories')).toHaveLength(looks + 1)
  })

  it('does not hold a caller who gives up during the look', async () => {
    const { platform, memory } = await setup({ generation: 'roadmap' })
    platform.order({ match: 'GET /memories', action: 'hang' })
    const controller = new AbortController()
    const call = failure(memory.get('nothing', { signal: controller.signal }))
    await vi.waitFor(() => expect(platform.requestsTo('GET /memories')).toHaveLength(1))
    stopTime()
    controller.abort()
    expect(await call).toMatchObject({ code: 'aborted' })
  })
})

describe('a memory call on services that fail', () => {
  const once = { times: 1 } as const

  it.each([
    ['list', 'GET /memory', ({ memory }: LanonasisClient) => memory.list()],
    ['get', 'GET /memory/*', ({ memory }: LanonasisClient, id: string) => memory.get(id)],
    [
      'update',
      'PUT /memory/*',
      ({ memory }: LanonasisClient, id: string) => memory.update(id, { title: 'Changed' }),
    ],
    [
      'search',
      'POST /memory/search',
      ({ memory }: LanonasisClient) => memory.search({ query: 'x' }),
    ],
    ['stats', 'GET /memory/stats', ({ memory }: LanonasisClient) => memory.stats()],
    ['create', 'POST /memory', ({ memory }: LanonasisClient) => memory.create(example)],
  ] as const)('is repeated for %s, with the same body', async (_name, match, call) => {
    for (const action of ['drop', 'lose-answer', 'cut-answer', 'refuse', 'html'] as const) {
      const { platform, client, memory } = await setup()
      const { id } = await memory.create({ ...example, title: 'Another' })
      platform.requests.length = 0
      platform.order({ match, ...once, action })
      await call(client, id)
      const sent = platform.requestsTo(match)
      expect(sent).toHaveLength(2)
      expect(sent[0]?.body).toEqual(sent[1]?.body)
      const made = platform.memories.filter(({ title }) => title === example.title)
      expect(made.length).toBeLessThanOrEqual(1)
    }
  })

  it('makes one memory although the answer was lost, was cut, and then was late', async () => {
    const { platform, memory } = await setup({}, { timeoutMs: 1_000 })
    platform.order({ match: 'POST /memory', ...once, action: 'lose-answer' })
    platform.order({ match: 'POST /memory', ...once, action: 'cut-answer' })
    platform.order({ match: 'POST /memory', ...once, action: { delayMs: 1_500 } })
    const created = await memory.create(example)
    expect(platform.memories.map(({ id }) => id)).toEqual([created.id])
    const keys = platform.requestsTo('POST /memory').map(({ body }) => body?.idempotency_key)
    expect(keys).toEqual(Array(4).fill(expect.stringMatching(/^[0-9a-f-]{36}$/)))
    expect(new Set(keys).size).toBe(1)
  })

  it('is given up after four attempts, with the last error', async () => {
    const { platform, memory } = await setup()
    platform.order({ match: 'GET /memory', action: { status: 503, body: { error: 'busy' } } })
    expect(await failure(memory.list())).toMatchObject({
      code: 'service_unavailable',
      status: 503,
      retryable: true,
    })
    expect(platform.requestsTo('GET /memory')).toHaveLength(4)
  })

  it.each([
    ['Retry-After', { headers: { 'retry-after': '2' } }],
    [
      'a date in Retry-After',
      { headers: { 'retry-after': new Date(epoch + 2_000).toUTCString() } },
    ],
    ['RateLimit-Reset', { headers: { 'ratelimit-reset': '2' } }],
    ['X-RateLimit-Reset in seconds', { headers: { 'x-ratelimit-reset': '2' } }],
    ['X-RateLimit-Reset as a time', { headers: { 'x-ratelimit-reset': `${epoch / 1_000 + 2}` } }],
    ['retryAfter', { body: { error: 'Too many', code: 'RATE_LIMITED', retryAfter: '2 seconds' } }],
    ['retry_after', { body: { error: 'rate_limit_exceeded', retry_after: 2 } }],
    [
      'Retry-After, which outweighs the others',
      { headers: { 'retry-after': '2', 'x-ratelimit-reset': '1' }, body: { retry_after: 900 } },
    ],
  ])('waits as long as it is told by %s, and not longer', async (_what, answer) => {
    const { platform, memory } = await setup()
    await memory.list()
    platform.order({ match: 'GET /memory', ...once, action: { status: 429, ...answer } })
    stopTime()
    const attempts = async () => {
      await settle()
      return platform.requestsTo('GET /memory').length - 1
    }
    const call = memory.list().then(({ items }) => items)
    expect(await attempts()).toBe(1)
    await vi.advanceTimersByTimeAsync(1_999)
    expect(await attempts()).toBe(1)
    await vi.advanceTimersByTimeAsync(1)
    expect(await attempts()).toBe(2)
    expect(await call).toEqual([])
  })

  it.each([
    ['900', 900_000],
    ['21', 21_000],
  ])('leaves a wait of %s seconds to the caller, at once', async (seconds, retryAfterMs) => {
    const { platform, memory } = await setup()
    const action = { status: 429, headers: { 'retry-after': seconds } }
    platform.order({ match: 'GET /memory', action })
    const startedAt = Date.now()
    expect(await failure(memory.list())).toMatchObject({
      code: 'rate_limited',
      retryAfterMs,
      retryable: true,
    })
    expect(Date.now() - startedAt).toBeLessThan(1_000)
    expect(platform.requestsTo('GET /memory')).toHaveLength(1)
  })

  it.each([
    ['a wait that the service asked for', { status: 429, headers: { 'retry-after': '15' } }],
    ['a request', 'hang'],
  ] as [string, FaultAction][])(
    'ends at once when it is given up during %s',
    async (_what, action) => {
      const { platform, memory } = await setup()
      platform.order({ match: '* /memory', action })
      const controller = new AbortController()
      const { signal } = controller
      const calls = [failure(memory.list({ signal })), failure(memory.create(example, { signal }))]
      await vi.waitFor(() => expect(platform.requestsTo('* /memory')).toHaveLength(2))
      await settle()
      stopTime()
      controller.abort()
      expect(await Promise.all(calls)).toMatchObject([{ code: 'aborted' }, { code: 'aborted' }])
      expect(platform.requestsTo('* /memory')).toHaveLength(2)
    },
  )

  it('is not repeated without a network', async () => {
    const { fetch, sent } = fakeFetch(() => {
      throw connectionError('ENOTFOUND')
    })
    const { memory } = await setup({}, { fetch })
    expect(await failure(memory.list())).toMatchObject({
      code: 'network_error',
      message: 'No connection to https://mcp.lanonasis.com (ENOTFOUND).',
    })
    expect(sent).toHaveLength(1)
  })

  it('★20 is not repeated after a 500', async () => {
    const { fetch, sent } = fakeFetch(() => json(500, { error: 'Failed', code: 'INTERNAL_ERROR' }))
    const { memory } = await setup({}, { fetch })
    expect(await failure(memory.create(example))).toMatchObject({ code: 'server_error' })
    expect(sent).toHaveLength(1)
  })

  it('is a timeout, and repeated, when the body of an answer does not end', async () => {
    let requests = 0
    const server = createServer((_request, response) => {
      requests += 1
      response.writeHead(200, { 'content-type': 'application/json' })
      response.write('{"data":[')
      if (requests > 1) response.end(']}')
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => {
      server.closeAllConnections()
      server.close()
    })
    const { port } = server.address() as AddressInfo
    const client = new LanonasisClient({
      clientId: 'lanonasis-cli',
      env: {},
      endpoints: { mcpHttp: `http://127.0.0.1:${port}/api/v1` },
      apiKey: `lano_${'a'.repeat(64)}`,
      timeoutMs: 1_000,
    })
    expect(await client.memory.list()).toMatchObject({ items: [] })
    expect(requests).toBe(2)
  })
})

import { describe, expect, it, onTestFinished } from 'vitest'
import { type McpSocketOptions, memoryStore } from '../../../src/index.ts'
import { createClient, type NodeClientOptions } from '../../../src/node.ts'
import type { ServePlatformOptions } from '../../../src/testing-node.ts'
import { createClient as createEditorClient } from '../../../src/vscode.ts'
import { failure } from '../../support/async.ts'
import { desktop } from '../../support/vscode-api.ts'
import { served } from '../clients.ts'

const lifeMs = 900_000

interface Given extends ServePlatformOptions {
  readonly client?: NodeClientOptions
  readonly socket?: McpSocketOptions
}

/** A person who is signed in, and a socket at services on real sockets. */
async function setUp({ client: clientOptions, socket: socketOptions, ...given }: Given = {}) {
  const platform = await served({ limits: false, ...given })
  const client = createClient({
    env: platform.env,
    now: platform.clock.now,
    store: memoryStore({ tokens: await platform.issueTokens() }),
    ...clientOptions,
  })
  onTestFinished(() => client.close())
  const socket = client.mcp.socket(socketOptions)
  onTestFinished(() => socket.close())
  return { platform, client, socket }
}

/** What the services saw of each socket. */
function handshakes(platform: Awaited<ReturnType<typeof setUp>>['platform']) {
  return platform.requests.filter(({ service }) => service === 'mcpWs')
}

describe('a socket at the services', () => {
  it.each([
    ['json-rpc', {}],
    ['ack', { dialect: 'ack', ackDelayMs: 50 }],
    ['ack', { dialect: 'ack', refusal: 401 }],
  ] as const)('lists and calls tools: %s %j', async (_dialect, realtime) => {
    const { platform, socket } = await setUp({ realtime })
    const { name, protocolVersion } = await socket.initialize()
    expect([typeof name, protocolVersion]).toEqual(['string', '2025-11-25'])
    expect((await socket.listTools()).map((tool) => tool.name)).toContain('create_memory')
    const called = await socket.callTool('create_memory', { title: 'Ein Titel', content: '😀' })
    expect(called.isError).toBe(false)
    expect(platform.memories).toMatchObject([{ title: 'Ein Titel', content: '😀' }])
    expect(await failure(socket.callTool('nothing'))).toMatchObject({ rpcCode: -32_602 })
  })

  it('serves an extension in an editor too, whose Node.js has no sockets of its own', async () => {
    const platform = await served({ limits: false })
    const client = createEditorClient({
      ...desktop({ browse: async () => {} }).open(),
      env: platform.env,
      now: platform.clock.now,
      store: memoryStore({ tokens: await platform.issueTokens() }),
    })
    onTestFinished(() => client.close())
    await using socket = client.mcp.socket()
    expect((await socket.listTools()).map((tool) => tool.name)).toContain('create_memory')
  })

  it('brings an API key in X-API-Key, and never anything in the URL', async () => {
    const { platform, socket, client } = await setUp()
    await client.apiKeys.ensure({ name: 'my-laptop' })
    await socket.listTools()
    expect(handshakes(platform)).toMatchObject([{ credential: 'api-key', query: {} }])
  })

  it('is told of what happens', async () => {
    const { platform, socket } = await setUp()
    const heard = new Promise((resolve) => {
      socket.on('notifications/tools/list_changed', ({ params }) => resolve(params))
    })
    await socket.connect()
    await platform.realtime.push({
      method: 'notifications/tools/list_changed',
      params: { at: 1 },
    })
    expect(await heard).toEqual({ at: 1 })
  })

  it('★25 does not wait for an answer that does not come', async () => {
    const { socket } = await setUp()
    expect(await failure(socket.request('no/such', {}, { timeoutMs: 200 }))).toMatchObject({
      code: 'timeout',
    })
    expect(await socket.request('ping')).toEqual({})
  })

  it('reports its handshakes', async () => {
    const { socket, client } = await setUp()
    const events: unknown[] = []
    client.on('request', (event) => events.push(event))
    await socket.connect()
    expect(events).toMatchObject([
      { service: 'mcpWs', method: 'GET', route: '/ws', status: 101, attempt: 1 },
    ])
  })

  it('answers many requests at once, each with its own answer', async () => {
    const { socket } = await setUp({ socket: { maxWaiting: 20_000, timeoutMs: 25_000 } })
    const count = 10_000
    const outcomes = await Promise.all(
      Array.from({ length: count }, (_, index) =>
        index % 2 === 0
          ? socket.request('ping')
          : socket.callTool(`tool-${index}`).catch((error: Error) => error.message),
      ),
    )
    for (const [index, outcome] of outcomes.entries()) {
      if (index % 2 === 0) expect(outcome).toEqual({})
      else expect(outcome).toContain(`tool-${index}`)
    }
  })
})

describe('a session behind a socket', () => {
  it('is renewed for the next connection; a healthy one is not cut for that', async () => {
    const { platform, socket, client } = await setUp()
    await socket.connect()
    platform.clock.advance(lifeMs)
    await client.getAccessToken()
    expect(await socket.request('ping')).toEqual({})
    expect(handshakes(platform)).toHaveLength(1)

    platform.realtime.disconnect({ kind: 'socket' })
    const asked = socket.request('ping', {}, { idempotent: true })
    expect(await asked).toEqual({})
    const [first, second] = handshakes(platform).map(({ headers }) => headers.authorization)
    expect(second).toBe(`Bearer ${await client.getAccessToken()}`)
    expect(second).not.toBe(first)
    expect(platform.requestsTo('POST /oauth/token')).toHaveLength(1)
  })

  it.each([1008, 4001, 401] as const)(
    '★27 is renewed when the service ends its token early: refusal by %s',
    async (refusal) => {
      const { platform, socket } = await setUp({ realtime: { refusal } })
      platform.expireAccessTokens()
      expect(await socket.request('ping')).toEqual({})
      expect(platform.requestsTo('POST /oauth/token')).toHaveLength(1)
      expect(handshakes(platform)).toHaveLength(2)
    },
  )

  it.each([1008, 401] as const)(
    '★27 that was revoked ends the socket, until somebody signs in: refusal by %s',
    async (refusal) => {
      const { platform, socket } = await setUp({ realtime: { refusal } })
      await socket.connect()
      platform.revokeTokens()
      platform.realtime.disconnect({ code: 1008 })
      await expect
        .poll(() => socket.getSnapshot())
        .toMatchObject({ state: 'failed', error: { code: 'session_expired' } })
      expect(await failure(socket.request('ping'))).toMatchObject({ code: 'session_expired' })
      expect(handshakes(platform)).toHaveLength(1)
    },
  )

  it('★27 is an API key that was revoked: the right error, and no more handshakes than that', async () => {
    const { platform, client, socket } = await setUp({ client: { store: memoryStore() } })
    const { id, key } = await platform.createApiKey()
    await client.setApiKey(key)
    await socket.connect()
    platform.revokeApiKey(id)
    platform.realtime.disconnect({ code: 4001 })
    await expect.poll(() => socket.getSnapshot().state).toBe('failed')
    expect(socket.getSnapshot()).toMatchObject({ error: { code: 'api_key_rejected' } })
    expect(handshakes(platform)).toHaveLength(1)
  })

  it('that is signed out takes its socket along; a later sign-in brings it back', async () => {
    const { platform, client, socket } = await setUp({
      client: { login: undefined },
    })
    await socket.connect()
    const asked = failure(socket.request('no/such'))
    await client.logout()
    expect(await asked).toMatchObject({ code: 'login_required' })
    await expect.poll(() => platform.realtime.sockets.length).toBe(0)
    expect(await failure(socket.request('ping'))).toMatchObject({ code: 'login_required' })

    const { key } = await platform.createApiKey()
    await client.setApiKey(key)
    expect(await socket.request('ping')).toEqual({})
  })
})

describe('a handshake that is refused', () => {
  it.each([
    [{ status: 403, body: {} }, 'forbidden'],
    ['html', 'service_unavailable'],
    [{ status: 429, body: {}, headers: { 'retry-after': '120' } }, 'rate_limited'],
    [{ status: 307, headers: { location: 'https://elsewhere.example/' } }, 'origin_not_allowed'],
    ['refuse', 'network_error'],
    ['hang', 'timeout'],
  ] as const)('%j is the error of that', async (action, code) => {
    const { platform, socket } = await setUp({
      // Only who hangs is to be given up.
      ...(action === 'hang' && { client: { timeoutMs: 500 }, socket: { timeoutMs: 1_500 } }),
    })
    platform.order({ match: '*', service: 'mcpWs', action })
    expect(await failure(socket.request('ping'))).toMatchObject({ code })
  })

  it('is not shown to the next one, when it passes', async () => {
    const { platform, socket } = await setUp()
    platform.order({ match: '*', service: 'mcpWs', times: 2, action: 'html' })
    expect(await socket.request('ping')).toEqual({})
    expect(handshakes(platform)).toHaveLength(3)
  })
})

describe('a connection that goes wrong', () => {
  it('★26 without its ack is waited for, and then made anew', async () => {
    const { platform, socket } = await setUp({
      realtime: { dialect: 'ack' },
      client: { timeoutMs: 3_000 },
      socket: { dialect: 'ack', timeoutMs: 10_000 },
    })
    platform.order({ match: '*', service: 'mcpWs', times: 1, action: 'lose-ack' })
    expect(await socket.request('ping')).toEqual({})
    expect(handshakes(platform)).toHaveLength(2)
  })

  it('★26 with an ack that comes too late is made anew, and the next one waits for it', async () => {
    const { platform, socket } = await setUp({ realtime: { dialect: 'ack', ackDelayMs: 1_300 } })
    expect(await socket.request('ping', {}, { idempotent: true })).toEqual({})
    const [first, second] = platform.realtime.connections
    expect(first?.end).toBeDefined()
    expect(second?.received).toHaveLength(1)
  })

  it('is not disturbed by what nobody understands', async () => {
    const errors: unknown[] = []
    const { platform, socket } = await setUp({
      socket: { onError: ({ code }) => void errors.push(code) },
    })
    platform.order({ match: '*', service: 'mcpWs', action: 'garbage' })
    expect(await socket.request('ping')).toEqual({})
    expect(errors).toEqual(['invalid_response'])
  })

  it('by what is too large for it says so', async () => {
    const { platform, socket } = await setUp({ socket: { maxMessageBytes: 10_000 } })
    platform.order({ match: '*', service: 'mcpWs', action: { oversizeBytes: 20_000 } })
    await expect
      .poll(() =>
        socket.connect().then(
          () => socket.getSnapshot(),
          () => socket.getSnapshot(),
        ),
      )
      .toMatchObject({
        state: 'failed',
        error: { code: 'invalid_response', hint: expect.stringContaining('maxMessageBytes') },
      })
  })

  it('in the middle of an answer is made anew', async () => {
    const { platform, socket } = await setUp()
    platform.order({ match: 'MESSAGE tools/list', times: 1, action: 'lose-answer' })
    expect(await socket.listTools()).not.toEqual([])
    platform.order({ match: 'MESSAGE tools/call', times: 1, action: 'lose-answer' })
    expect(await failure(socket.callTool('list_memories'))).toMatchObject({
      code: 'network_error',
      retryable: true,
    })
    expect(await socket.callTool('list_memories')).toMatchObject({ isError: false })
  })

  it('without a sign of life is found out', async () => {
    const { platform, socket } = await setUp({ socket: { livenessMs: 2_000 } })
    platform.order({ match: '*', service: 'mcpWs', times: 1, action: 'silence' })
    await socket.connect()
    expect(await socket.request('ping', {}, { idempotent: true })).toEqual({})
    expect(handshakes(platform)).toHaveLength(2)
  })
})

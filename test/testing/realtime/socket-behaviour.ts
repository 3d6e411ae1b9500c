import { describe, expect, it, onTestFinished, vi } from 'vitest'
import type { Platform, PlatformOptions } from '../../../src/testing.ts'
import type { OpenRaw } from '../../support/raw-socket.ts'
import { mcp, post } from '../support.ts'

type Start = (
  options?: Omit<PlatformOptions, 'endpoints'>,
) => Promise<Platform & Partial<AsyncDisposable>>

const ping = (id: number) => ({ jsonrpc: '2.0', id, method: 'ping' })
const base64Url = (text: string) => Buffer.from(text).toString('base64url')
const call = (id: number, name: string, given: object = {}) => ({
  jsonrpc: '2.0',
  id,
  method: 'tools/call',
  params: { name, arguments: given },
})

/** What the platform's WebSocket does, in the process and on a network alike. */
export function socketBehaviour(name: string, start: Start, open: OpenRaw): void {
  async function setUp(options: Omit<PlatformOptions, 'endpoints'> = {}) {
    const platform = await start(options)
    onTestFinished(async () => platform[Symbol.asyncDispose]?.())
    const { key } = await platform.createApiKey()
    const headers = { 'x-api-key': key }
    return { platform, key, headers, connect: () => open(platform, { headers }) }
  }
  const ack = { realtime: { dialect: 'ack' } } as const

  describe(`the platform's WebSocket ${name}, in JSON-RPC`, () => {
    it('answers initialize, ping, tools/list and tools/call', async () => {
      const { connect } = await setUp()
      const socket = connect()
      expect(await socket.opened).toBe('')
      const params = { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: {} }
      socket.say({ jsonrpc: '2.0', id: 'a', method: 'initialize', params })
      expect(await socket.next()).toEqual({
        jsonrpc: '2.0',
        id: 'a',
        result: {
          protocolVersion: '2025-06-18',
          capabilities: { tools: {} },
          serverInfo: { name: 'lanonasis-mcp-core', version: '1.0.0' },
        },
      })
      socket.say({ jsonrpc: '2.0', method: 'notifications/initialized' })
      socket.say(ping(1))
      expect(await socket.next()).toEqual({ jsonrpc: '2.0', id: 1, result: {} })
      socket.say({ jsonrpc: '2.0', id: 2, method: 'tools/list' })
      expect(await socket.next()).toMatchObject({
        id: 2,
        result: {
          tools: expect.arrayContaining([expect.objectContaining({ name: 'create_memory' })]),
        },
      })
    })

    it('works on the memories of the REST routes, with the rights of the credential', async () => {
      const { platform, headers, connect } = await setUp()
      const rest = { body: { title: 'From REST', content: 'x' }, headers }
      await post(platform, mcp(platform, '/memory'), rest)
      const socket = connect()
      await socket.opened
      socket.say(call(1, 'create_memory', { title: 'From a tool', content: 'y' }))
      const created = await socket.next()
      expect(created).toMatchObject({ id: 1, result: { content: [{ type: 'text' }] } })
      expect(platform.memories.map(({ title }) => title)).toEqual(['From REST', 'From a tool'])

      socket.say(call(2, 'search_memories', { query: 'rest' }))
      expect(JSON.stringify(await socket.next())).toContain('From REST')
      socket.say(call(3, 'list_memories', { limit: 1 }))
      expect(JSON.stringify(await socket.next())).toContain('From a tool')
      socket.say(call(4, 'delete_memory', { id: platform.memories[0]?.id }))
      await socket.next()
      expect(platform.memories).toHaveLength(1)

      socket.say(call(5, 'create_memory', { title: 'No content' }))
      expect(await socket.next()).toMatchObject({ result: { isError: true } })
      socket.say(call(6, 'no_such_tool'))
      expect(await socket.next()).toMatchObject({ id: 6, error: { code: -32602 } })

      const { accessToken } = await platform.issueTokens({ scope: 'memories:read' })
      const reader = open(platform, { headers: { authorization: `Bearer ${accessToken}` } })
      await reader.opened
      reader.say(call(1, 'create_memory', { title: 't', content: 'c' }))
      expect(JSON.stringify(await reader.next())).toContain('SCOPE_INSUFFICIENT')
    })

    it('gives no answer to a method that it does not know (trap 25)', async () => {
      const { connect } = await setUp()
      const socket = connect()
      await socket.opened
      socket.say({ jsonrpc: '2.0', id: 1, method: 'resources/list' })
      socket.say(ping(2))
      expect(await socket.next()).toMatchObject({ id: 2 })
    })

    it('says a parse error to what is no JSON, and goes on', async () => {
      const { connect } = await setUp()
      const socket = connect()
      await socket.opened
      socket.send('{"no')
      expect(await socket.next()).toEqual({
        jsonrpc: '2.0',
        id: null,
        error: { code: -32700, message: 'Parse error' },
      })
      socket.say(ping(1))
      expect(await socket.next()).toMatchObject({ id: 1 })
    })

    it('pings, answers pings, and pushes what a test wants', async () => {
      const { platform, connect } = await setUp({ realtime: { pingMs: 20 } })
      const socket = connect()
      await socket.opened
      await expect.poll(() => socket.signs()).toBeGreaterThan(1)
      await platform.realtime.push({ method: 'notifications/tools/list_changed' })
      await platform.realtime.push({ method: 'roots/list', id: 7 })
      await platform.realtime.push({ event: 'memory.created', data: {} })
      await platform.realtime.push({ method: 'last', params: { a: 1 } })
      expect([await socket.next(), await socket.next(), await socket.next()]).toEqual([
        { jsonrpc: '2.0', method: 'notifications/tools/list_changed' },
        { jsonrpc: '2.0', method: 'roots/list', id: 7 },
        { jsonrpc: '2.0', method: 'last', params: { a: 1 } },
      ])
      socket.say({ jsonrpc: '2.0', id: 7, result: { roots: [] } })
      const answer = '{"jsonrpc":"2.0","id":7,"result":{"roots":[]}}'
      await expect.poll(() => platform.realtime.sockets[0]?.received).toEqual([answer])
    })

    it('beats at once when a test does not want to wait', async () => {
      const { platform, connect } = await setUp()
      const socket = connect()
      await socket.opened
      socket.ping()
      await expect.poll(() => socket.signs()).toBe(1)
      platform.realtime.beat()
      await expect.poll(() => socket.signs()).toBe(2)
    })
  })

  describe(`the platform's WebSocket ${name}, in the ack dialect`, () => {
    it('says the ack first, and answers without jsonrpc', async () => {
      const { platform, connect } = await setUp(ack)
      const socket = connect()
      expect(await socket.next()).toEqual({
        type: 'connection_ack',
        session_id: expect.any(String),
        server_info: { name: 'lanonasis-mcp-core', version: '1.0.0' },
      })
      socket.say(ping(1))
      expect(await socket.next()).toEqual({ type: 'result', id: 1, result: {} })
      socket.say({ type: 'ping', id: 2 })
      expect(await socket.next()).toEqual({ type: 'pong', id: 2 })
      socket.say(call(3, 'no_such_tool'))
      expect(await socket.next()).toEqual({
        type: 'error',
        id: 3,
        error: { code: -32602, message: 'Unknown tool: no_such_tool' },
      })
      await platform.realtime.push({ method: 'changed', params: { a: 1 } })
      expect(await socket.next()).toEqual({
        type: 'notification',
        method: 'changed',
        params: { a: 1 },
      })
    })

    it('loses what comes before the ack (trap 26)', async () => {
      let release = () => {}
      const delay = new Promise<void>((resolve) => {
        release = resolve
      })
      const { platform, connect } = await setUp({
        realtime: { dialect: 'ack', ackDelayMs: 1 },
        wait: () => delay,
      })
      const socket = connect()
      await socket.opened
      socket.say(ping(1))
      const connection = platform.realtime.sockets[0]
      await expect.poll(() => connection?.received).toHaveLength(1)
      await platform.realtime.push({ method: 'lost too' })
      expect(connection).toMatchObject({ ready: false })
      release()
      expect(await socket.next()).toMatchObject({ type: 'connection_ack' })
      expect(connection).toMatchObject({ ready: true })
      socket.say(ping(2))
      expect(await socket.next()).toMatchObject({ id: 2 })
    })

    it('can lose the ack, or be late with one', async () => {
      const waited: number[] = []
      const wait = async (ms: number) => void waited.push(ms)
      const { platform, connect } = await setUp({ ...ack, wait })
      platform.order({ match: 'GET /ws', times: 1, action: 'lose-ack' })
      const never = connect()
      await never.opened
      never.say(ping(1))
      await expect.poll(() => platform.realtime.sockets[0]?.received).toHaveLength(1)
      platform.order({ match: 'GET /ws', times: 1, action: { ackDelayMs: 1234 } })
      expect(await connect().next()).toMatchObject({ type: 'connection_ack' })
      expect(waited).toEqual([1234])
      expect(never.messages).toEqual([])
    })
  })

  describe(`who may use the platform's WebSocket ${name}`, () => {
    it.each([
      ['1008', 1008],
      ['4001', 4001],
    ] as const)('a bad or missing key is let in and closed with %s (trap 27)', async (_, code) => {
      const { platform } = await setUp({ realtime: { dialect: 'ack', refusal: code } })
      for (const headers of [{}, { 'x-api-key': 'bad' }, { authorization: 'Bearer bad' }]) {
        const socket = open(platform, { headers })
        await socket.opened
        expect(await socket.ended).toMatchObject({ code, reason: 'Authentication failed' })
        expect(socket.messages).toEqual([])
      }
      await expect.poll(() => platform.realtime.sockets).toEqual([])
      expect(platform.requests.map(({ status }) => status)).toEqual([101, 101, 101])
      expect(platform.realtime.connections[0]).toMatchObject({
        strategy: undefined,
        email: undefined,
        end: { code },
      })
    })

    it('or gets a plain 401 (trap 27)', async () => {
      const { platform } = await setUp({ realtime: { refusal: 401 } })
      const socket = open(platform, { headers: { 'x-api-key': 'bad' } })
      expect(await socket.ended).toMatchObject({ code: 1006, status: 401 })
      expect(platform.realtime.connections).toEqual([])
    })

    it('a key and a token are good in the header, and good nowhere else', async () => {
      const { platform, key, headers } = await setUp(ack)
      const { accessToken } = await platform.issueTokens()
      for (const given of [headers, { authorization: `Bearer ${accessToken}` }]) {
        const socket = open(platform, { headers: given })
        expect(await socket.next()).toMatchObject({ type: 'connection_ack' })
      }
      expect(platform.realtime.sockets).toMatchObject([
        { strategy: 'header', email: 'ada@example.com' },
        { strategy: 'header', email: 'ada@example.com' },
      ])
      const first = open(platform)
      await first.opened
      expect(await first.ended).toMatchObject({ code: 1008 })
      const query = open(platform, { headers, search: `?token=${key}` })
      expect(await query.ended).toMatchObject({ code: 1008 })
      expect(platform.requests.at(-1)).toMatchObject({ service: 'mcpWs', credential: 'query' })
    })

    it('a first message brings the credential where the platform is told so', async () => {
      const { platform, key } = await setUp({
        realtime: { dialect: 'ack', strategies: ['first-message'] },
      })
      const good = open(platform)
      await good.opened
      good.say({ type: 'auth', token: key })
      expect(await good.next()).toMatchObject({ type: 'connection_ack' })
      expect(platform.realtime.sockets[0]).toMatchObject({ strategy: 'first-message' })
      for (const message of [{ type: 'auth', token: 'bad' }, ping(1)]) {
        const bad = open(platform)
        await bad.opened
        bad.say(message)
        expect(await bad.ended).toMatchObject({ code: 1008 })
      }
    })

    it('a subprotocol brings the credential where the platform is told so', async () => {
      const { platform } = await setUp({
        realtime: { dialect: 'ack', strategies: ['subprotocol'] },
      })
      const { accessToken } = await platform.issueTokens()
      const bearer = `lanonasis.bearer.${base64Url(accessToken)}`
      const alone = open(platform, { protocols: [bearer] })
      expect(await alone.opened).toBe(bearer)
      expect(await alone.next()).toMatchObject({ type: 'connection_ack' })
      const beside = open(platform, { protocols: ['mcp', bearer] })
      expect(await beside.opened).toBe('mcp')
      expect(await beside.next()).toMatchObject({ type: 'connection_ack' })
      const bad = open(platform, { protocols: [`lanonasis.bearer.${base64Url('bad')}`] })
      expect(await bad.ended).toMatchObject({ code: 1008 })
    })

    it('a page of another origin is kept out where the platform is told so', async () => {
      const { platform, headers } = await setUp({
        realtime: { dialect: 'ack', socketOrigins: ['https://dashboard.lanonasis.com'] },
      })
      const other = open(platform, { headers: { ...headers, origin: 'https://evil.example' } })
      expect(await other.ended).toMatchObject({ code: 1006, status: 403 })
      for (const origin of [{}, { origin: 'https://dashboard.lanonasis.com' }]) {
        const socket = open(platform, { headers: { ...headers, ...origin } })
        expect(await socket.next()).toMatchObject({ type: 'connection_ack' })
      }
    })
  })

  describe(`what goes wrong with the platform's WebSocket ${name}`, () => {
    it.each(['refuse', 'drop', 'lose-answer'] as const)('%s: no handshake', async (action) => {
      const { platform, connect } = await setUp()
      platform.order({ match: 'GET /ws', times: 1, action })
      expect(await connect().ended).toMatchObject({ code: 1006, status: undefined })
      expect(platform.requests).toMatchObject([
        { path: '', service: 'mcpWs', acted: action === 'lose-answer', status: 0 },
      ])
      expect(platform.realtime.connections).toEqual([])
      await connect().opened
    })

    it.each([
      [{ status: 503, headers: { 'retry-after': '7' } }, 503],
      ['html', 502],
      ['edge-401', 401],
    ] as const)('%o: the handshake is refused with %i', async (action, status) => {
      const { platform, connect } = await setUp()
      platform.order({ match: 'GET /ws', action })
      expect(await connect().ended).toMatchObject({ code: 1006, status })
    })

    it('hang: the handshake never ends, until the client gives up', async () => {
      const { platform, connect } = await setUp()
      platform.order({ match: 'GET /ws', action: 'hang' })
      const socket = connect()
      await expect.poll(() => platform.requests).toHaveLength(1)
      socket.terminate()
      expect(await socket.ended).toMatchObject({ code: 1006 })
    })

    it('closeCode: it is closed with that, at once or later', async () => {
      const { platform, connect } = await setUp({ wait: async () => {} })
      const action = { closeCode: 1013, reason: 'try again later' }
      platform.order({ match: 'GET /ws', times: 1, action })
      expect(await connect().ended).toMatchObject({ code: 1013, reason: 'try again later' })
      platform.order({ match: 'GET /ws', times: 1, action: { ...action, afterMs: 5000 } })
      expect(await connect().ended).toMatchObject({ code: 1013 })
    })

    it('cutAfterMs, cut-answer: the connection is lost', async () => {
      const { platform, connect } = await setUp({ wait: async () => {} })
      for (const action of [{ cutAfterMs: 0 }, { cutAfterMs: 50 }, 'cut-answer'] as const) {
        platform.order({ match: 'GET /ws', times: 1, action })
        const socket = connect()
        await socket.opened
        expect(await socket.ended).toMatchObject({ code: 1006 })
        expect(socket.messages).toEqual([])
      }
    })

    it('silence: nothing is heard of it any more, no answer to a close neither', async () => {
      const { platform, connect } = await setUp({ realtime: { pingMs: 5 } })
      platform.order({ match: 'GET /ws', times: 1, action: 'silence' })
      const silent = connect()
      await silent.opened
      silent.say(ping(1))
      silent.ping()
      silent.close(1000)
      await platform.realtime.push({ method: 'unheard' })
      const healthy = connect()
      await healthy.opened
      healthy.say(ping(1))
      await healthy.next()
      await expect.poll(() => healthy.signs()).toBeGreaterThan(2)
      expect([silent.messages, silent.signs(), platform.realtime.sockets.length]).toEqual([
        [],
        0,
        2,
      ])
      silent.terminate()
      expect(await silent.ended).toMatchObject({ code: 1006 })
      await expect.poll(() => platform.realtime.sockets).toHaveLength(1)
    })

    it('silence can begin later, and a connection be cut on its own', async () => {
      const { platform, connect } = await setUp()
      const first = connect()
      await first.opened
      const second = connect()
      await second.opened
      const [one, two] = platform.realtime.sockets
      one?.silence()
      two?.cut()
      expect(await second.ended).toMatchObject({ code: 1006 })
      first.terminate()
      await first.ended
      await expect.poll(() => platform.realtime.sockets).toEqual([])
    })

    it.each([100, 70_000])(
      'of a message of %d bytes that is cut nothing is heard',
      async (length) => {
        const { platform, connect } = await setUp()
        const socket = connect()
        await socket.opened
        platform.realtime.sockets[0]?.cut('x'.repeat(length))
        expect(await socket.ended).toMatchObject({ code: 1006 })
        expect(socket.messages).toEqual([])
      },
    )

    it('garbage, oversizeBytes: it says what nobody can use', async () => {
      const { platform, connect } = await setUp()
      platform.order({ match: 'GET /ws', times: 1, action: 'garbage' })
      const garbage = connect()
      await expect(garbage.next()).rejects.toThrow(SyntaxError)
      platform.order({ match: 'GET /ws', times: 1, action: { oversizeBytes: 5000 } })
      const oversize = connect()
      await oversize.next()
      expect(oversize.messages[0]?.length).toBeGreaterThan(5000)
    })

    it('a message that is too long closes with 1009', async () => {
      const { platform, headers } = await setUp({ realtime: { maxMessageBytes: 100 } })
      const socket = open(platform, { headers })
      await socket.opened
      socket.send('ü'.repeat(50))
      expect(await socket.next()).toMatchObject({ error: { code: -32700 } })
      socket.send('ü'.repeat(51))
      expect(await socket.ended).toMatchObject({ code: 1009 })
    })

    it.each([
      ['hang', undefined, false],
      ['lose-answer', 1006, true],
      ['cut-answer', 1006, true],
      ['drop', 1006, false],
      [{ closeCode: 1011 }, 1011, false],
    ] as const)('a message can meet %o', async (action, code, acted) => {
      const { platform, connect } = await setUp()
      platform.order({ match: 'MESSAGE tools/call', times: 1, action })
      const socket = connect()
      await socket.opened
      socket.say(call(1, 'create_memory', { title: 't', content: 'c' }))
      if (code === undefined) {
        socket.say(ping(2))
        expect(await socket.next()).toMatchObject({ id: 2 })
      } else expect(await socket.ended).toMatchObject({ code })
      expect(platform.memories).toHaveLength(acted ? 1 : 0)
      expect(socket.messages.join()).not.toContain('"id":1')
    })

    it('a message can be answered late, or with an error', async () => {
      const waited: number[] = []
      const { platform, connect } = await setUp({ wait: async (ms) => void waited.push(ms) })
      platform.order({ match: 'MESSAGE ping', times: 1, action: { delayMs: 300 } })
      platform.order({ match: 'MESSAGE ping', times: 1, action: { status: 503 } })
      const socket = connect()
      await socket.opened
      socket.say(ping(1))
      expect(await socket.next()).toMatchObject({ id: 1, error: { code: -32000 } })
      expect(waited).toEqual([300])
    })

    it('all are disconnected at once, by a code or as a lost network does it', async () => {
      const { platform, connect } = await setUp()
      const sockets = [connect(), connect()]
      await Promise.all(sockets.map(({ opened }) => opened))
      expect(platform.realtime.sockets).toHaveLength(2)
      platform.realtime.disconnect({ kind: 'stream' })
      platform.realtime.disconnect({ code: 1012, reason: 'restart' })
      for (const socket of sockets) {
        expect(await socket.ended).toMatchObject({ code: 1012, reason: 'restart' })
      }
      const another = connect()
      await another.opened
      platform.realtime.disconnect()
      expect(await another.ended).toMatchObject({ code: 1006 })
      await expect.poll(() => platform.realtime.sockets).toEqual([])
      expect(platform.realtime.connections).toHaveLength(3)
    })

    it('a client that closes is gone, with its code', async () => {
      const { platform, connect } = await setUp()
      const socket = connect()
      await socket.opened
      socket.close(4321)
      expect(await socket.ended).toMatchObject({ code: 4321 })
      await vi.waitFor(() =>
        expect(platform.realtime.connections[0]?.end).toEqual({ code: 4321, reason: 'enough' }),
      )
    })

    it('a request without an upgrade is told so', async () => {
      const { platform, headers } = await setUp()
      const url = platform.endpoints.mcpWs.replace('ws', 'http')
      expect((await platform.fetch(url, { headers })).status).toBe(426)
    })
  })
}

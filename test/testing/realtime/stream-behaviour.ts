import { createParser } from 'eventsource-parser'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { Platform, PlatformOptions } from '../../../src/testing.ts'
import { mcp, post } from '../support.ts'

type Start = (
  options?: Omit<PlatformOptions, 'endpoints'>,
) => Promise<Platform & Partial<AsyncDisposable>>

/** Reads a stream as it comes. */
function read(response: Response) {
  if (response.body === null) throw new Error('There is no body.')
  const events: { type: string | undefined; data: unknown; id: string | undefined }[] = []
  const comments: string[] = []
  const parser = createParser({
    onEvent: ({ event, data, id }) => events.push({ type: event, data: parse(data), id }),
    onComment: (text) => comments.push(text),
  })
  const reader = response.body.getReader()
  let text = ''
  const step = async () => {
    const { done, value } = await reader.read()
    const piece = new TextDecoder().decode(value)
    text += piece
    parser.feed(piece)
    return done
  }
  return {
    reader,
    comments,
    text: () => text,
    /** The next event that was not taken yet. */
    async next() {
      while (events.length === 0) if (await step()) return undefined
      return events.shift()
    },
    /** Reads until the end, and gives the rest of the events. */
    async rest() {
      while (!(await step())) {}
      return events
    },
    async comment() {
      while (comments.length === 0) await step()
      return comments[0]
    },
  }
}

function parse(data: string): unknown {
  try {
    return JSON.parse(data)
  } catch {
    return data
  }
}

/** What the platform's event stream does, in the process and on a network alike. */
export function streamBehaviour(name: string, start: Start): void {
  async function setUp(options: Omit<PlatformOptions, 'endpoints'> = {}) {
    const platform = await start(options)
    onTestFinished(async () => platform[Symbol.asyncDispose]?.())
    const { key } = await platform.createApiKey()
    const headers = { 'x-api-key': key }
    const url = platform.endpoints.mcpSse
    const ask = (init: RequestInit = {}) =>
      platform.fetch(url, { ...init, headers: { ...headers, ...init.headers } })
    const create = async (title: string) => {
      const body = { title, content: 'x' }
      return (await post(platform, mcp(platform, '/memory'), { body, headers })).json()
    }
    return { platform, headers, url, ask, create, connect: async () => read(await ask()) }
  }
  const later = (items: object[]) => expect.poll(() => items).toEqual([])

  describe(`the platform's event stream ${name}`, () => {
    it('tells the changes of memories by name, after a greeting', async () => {
      const { platform, ask, create, headers } = await setUp()
      const response = await ask()
      expect([response.status, response.headers.get('content-type')]).toEqual([
        200,
        'text/event-stream',
      ])
      const stream = read(response)
      expect(await stream.next()).toMatchObject({
        type: 'connected',
        data: { type: 'connected', session_id: expect.any(String) },
      })
      const { data } = await create('First')
      expect(await stream.next()).toMatchObject({ type: 'memory.created', data })
      const memory = mcp(platform, `/memory/${data.id}`)
      await platform.fetch(memory, {
        method: 'PUT',
        headers: { ...headers, 'content-type': 'application/json' },
        body: '{"title":"Changed"}',
      })
      expect(await stream.next()).toMatchObject({
        type: 'memory.updated',
        data: { id: data.id, title: 'Changed' },
      })
      await platform.fetch(memory, { method: 'DELETE', headers })
      const deleted = await stream.next()
      expect(deleted).toMatchObject({ type: 'memory.deleted', data: { id: data.id } })
      expect(deleted?.id).toEqual(expect.any(String))
      expect(platform.requestsTo('GET /api/v1/events')).toMatchObject([
        { service: 'mcpSse', credential: 'api-key', status: 200, acted: true },
      ])
    })

    it('or as JSON-RPC notifications, and in the shape of its generation', async () => {
      const { connect, create } = await setUp({
        generation: 'roadmap',
        realtime: { events: 'json-rpc', greeting: 'initialized' },
      })
      const stream = await connect()
      expect(await stream.next()).toMatchObject({ type: 'initialized' })
      const memory = await create('First')
      expect(memory).toMatchObject({ type: 'context' })
      expect(await stream.next()).toMatchObject({
        type: undefined,
        data: { jsonrpc: '2.0', method: 'memory.created', params: memory },
      })
    })

    it("is one person's, and not told what repeats", async () => {
      const { platform, connect, create, headers } = await setUp()
      const stream = await connect()
      await stream.next()
      platform.addUser({ email: 'eve@example.com', password: 'x' })
      const { key } = await platform.createApiKey({ email: 'eve@example.com' })
      const url = mcp(platform, '/memory')
      const hers = { title: 'Hers', content: 'x' }
      await post(platform, url, { body: hers, headers: { 'x-api-key': key } })
      const once = { title: 'Once', content: 'x', idempotency_key: 'k' }
      await post(platform, url, { body: once, headers })
      await post(platform, url, { body: once, headers })
      await create('Last')
      const titles = [await stream.next(), await stream.next()]
      expect(titles).toMatchObject([{ data: { title: 'Once' } }, { data: { title: 'Last' } }])
    })

    it('tells what came of a tool, and what a test pushes', async () => {
      const { platform, connect, headers } = await setUp()
      const stream = await connect()
      await stream.next()
      const socket = platform.webSocket.open(
        { url: new URL(platform.endpoints.mcpWs), protocols: [], headers, maxMessageBytes: 1e6 },
        {
          onOpen: () => {
            const params = { name: 'list_memories' }
            socket.send(JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params }))
          },
          onMessage: () => socket.close(1000, ''),
          onSign: () => {},
          onClose: () => {},
        },
      )
      expect(await stream.next()).toMatchObject({
        type: 'tool_result',
        data: { tool: 'list_memories' },
      })
      await platform.realtime.push({ event: 'mystery', data: { a: 1 } })
      expect(await stream.next()).toMatchObject({ type: 'mystery', data: { a: 1 } })
      await platform.realtime.push({ method: 'notifications/message', params: { b: 2 } })
      expect(await stream.next()).toMatchObject({
        type: undefined,
        data: { jsonrpc: '2.0', method: 'notifications/message', params: { b: 2 } },
      })
      await platform.realtime.streams[0]?.send('event: raw\ndata: {"c":3}\n\n')
      expect(await stream.next()).toMatchObject({ type: 'raw', data: { c: 3 } })
    })

    it.each([
      ['ping', { type: 'ping', data: { timestamp: expect.any(String) } }],
      ['heartbeat', { type: 'heartbeat', data: { timestamp: expect.any(String) } }],
      ['notifications/ping', { data: { jsonrpc: '2.0', method: 'notifications/ping' } }],
    ] as const)('beats by itself, as %s', async (heartbeat, event) => {
      const { connect } = await setUp({ realtime: { heartbeat, heartbeatMs: 10 } })
      const stream = await connect()
      await stream.next()
      expect(await stream.next()).toMatchObject(event)
      expect(await stream.next()).toMatchObject(event)
    })

    it('beats as a comment, and when a test wants it', async () => {
      const { platform, connect } = await setUp({ realtime: { heartbeat: 'comment' } })
      const stream = await connect()
      await stream.next()
      platform.realtime.beat()
      expect(await stream.comment()).toMatch(/^\d{4}-/)
    })

    it('says when to come back, and ends when its time is over', async () => {
      const { platform, connect } = await setUp({ realtime: { retryMs: 1500, streamLifeMs: 30 } })
      const stream = await connect()
      expect(await stream.rest()).toMatchObject([{ type: 'connected' }])
      expect(stream.text()).toMatch(/^retry: 1500\n\n/)
      await later([...platform.realtime.streams])
      expect(platform.realtime.connections[0]?.end).toEqual({ code: 1000, reason: '' })
    })

    it('goes on when the token it was opened with has expired', async () => {
      const { platform, url, create } = await setUp()
      const { accessToken } = await platform.issueTokens()
      const headers = { authorization: `Bearer ${accessToken}` }
      const stream = read(await platform.fetch(url, { headers }))
      await stream.next()
      platform.expireAccessTokens()
      await create('After')
      expect(await stream.next()).toMatchObject({ type: 'memory.created' })
      expect((await platform.fetch(url, { headers })).status).toBe(401)
    })

    it('refuses what is no good credential, and one in the URL', async () => {
      const { platform, url, headers } = await setUp()
      for (const init of [{}, { headers: { 'x-api-key': 'bad' } }]) {
        const refused = await platform.fetch(url, init)
        expect([refused.status, await refused.json()]).toMatchObject([
          401,
          { code: 'UNAUTHORIZED' },
        ])
      }
      const query = await platform.fetch(`${url}?api_key=${headers['x-api-key']}`, { headers })
      expect(query.status).toBe(401)
      expect(platform.requests.at(-1)).toMatchObject({ credential: 'query' })
      expect(platform.realtime.connections).toEqual([])
    })

    it('is open to pages, but takes no Last-Event-ID from them (trap 28)', async () => {
      const { platform, url, ask } = await setUp()
      const origin = 'https://dashboard.lanonasis.com'
      const preflight = await platform.fetch(url, {
        method: 'OPTIONS',
        headers: { origin, 'access-control-request-headers': 'last-event-id' },
      })
      const allowed = preflight.headers.get('access-control-allow-headers')
      expect(allowed).toMatch(/authorization/i)
      expect(allowed).not.toMatch(/last-event-id/i)
      const response = await ask({ headers: { origin, 'last-event-id': '1-1' } })
      expect(response.headers.get('access-control-allow-origin')).toBe('*')
      expect(await read(response).next()).toMatchObject({ type: 'connected' })
    })

    it('notices that its reader has left, by cancelling or aborting', async () => {
      const { platform, connect, ask } = await setUp()
      const stream = await connect()
      await stream.next()
      const controller = new AbortController()
      const other = read(await ask({ signal: controller.signal }))
      await other.next()
      expect(platform.realtime.streams).toHaveLength(2)
      await stream.reader.cancel()
      await expect.poll(() => platform.realtime.streams).toHaveLength(1)
      controller.abort()
      await expect(other.next()).rejects.toMatchObject({ name: 'AbortError' })
      await expect.poll(() => platform.realtime.streams).toEqual([])
      await platform.realtime.push({ event: 'unheard', data: {} })
    })

    it('is held back by a reader that does not read', async () => {
      const { platform, connect } = await setUp()
      const stream = await connect()
      const data = 'x'.repeat(2 ** 16)
      let pushed = 0
      let stopped = false
      const pushing = (async () => {
        while (!stopped && pushed < 1_000) {
          await platform.realtime.push({ event: 'large', data })
          pushed += 1
        }
      })()
      let before = -1
      while (before !== pushed) {
        before = pushed
        await new Promise((resolve) => setTimeout(resolve, 200))
      }
      expect(pushed).toBeLessThan(1_000)
      while (pushed === before) await stream.next()
      stopped = true
      await stream.reader.cancel()
      await pushing
    })
  })

  describe(`what goes wrong with the platform's event stream ${name}`, () => {
    it('a status of choice, and 204 for no more events', async () => {
      const { platform, ask } = await setUp()
      platform.order({ match: 'GET /events', service: 'mcpSse', times: 1, action: { status: 204 } })
      platform.order({ match: 'GET /api/v1/events', times: 1, action: { status: 204 } })
      const none = await ask()
      expect([none.status, await none.text()]).toEqual([204, ''])
      platform.order({ match: 'GET /api/v1/events', times: 1, action: 'html' })
      expect((await ask()).status).toBe(502)
      platform.order({ match: 'GET /api/v1/events', times: 1, action: 'drop' })
      await expect(ask()).rejects.toThrow('fetch failed')
      platform.order({ match: 'GET /api/v1/events', times: 1, action: 'lose-answer' })
      await expect(ask()).rejects.toThrow('fetch failed')
      expect(platform.realtime.connections).toEqual([])
    })

    it('cut-answer: half of an event, and the connection is lost', async () => {
      const { platform, connect } = await setUp()
      platform.order({ match: 'GET /api/v1/events', times: 1, action: 'cut-answer' })
      const stream = await connect()
      await expect(stream.rest()).rejects.toThrow('terminated')
      expect(stream.text()).toMatch(/data: \{"half[^\n]*$/)
      await later([...platform.realtime.streams])
    })

    it('cutAfterMs, closeCode: it is lost, or ends', async () => {
      const { platform, connect } = await setUp({ wait: async () => {} })
      platform.order({ match: 'GET /api/v1/events', times: 1, action: { cutAfterMs: 50 } })
      const cut = await connect()
      await expect(cut.rest()).rejects.toThrow('terminated')
      platform.order({ match: 'GET /api/v1/events', times: 1, action: { closeCode: 1000 } })
      expect(await (await connect()).rest()).toEqual([])
    })

    it('silence: no greeting, no heartbeat, no data', async () => {
      const { platform, connect, create } = await setUp({ realtime: { heartbeatMs: 5 } })
      platform.order({ match: 'GET /api/v1/events', times: 1, action: 'silence' })
      const silent = await connect()
      const healthy = await connect()
      await healthy.next()
      await create('Unheard')
      await healthy.next()
      const nothing = Symbol()
      const first = silent.next()
      expect(await Promise.race([first, healthy.next().then(() => nothing)])).toBe(nothing)
      platform.realtime.disconnect({ kind: 'stream' })
      await expect(first).rejects.toThrow('terminated')
    })

    it('garbage, oversizeBytes: it says what nobody can use', async () => {
      const { platform, connect } = await setUp()
      platform.order({ match: 'GET /api/v1/events', times: 1, action: 'garbage' })
      const garbage = await connect()
      await garbage.next()
      expect(await garbage.next()).toMatchObject({ data: '{"neither JSON' })
      platform.order({ match: 'GET /api/v1/events', times: 1, action: { oversizeBytes: 100_000 } })
      const oversize = await connect()
      await oversize.next()
      expect(JSON.stringify(await oversize.next()).length).toBeGreaterThan(100_000)
    })

    it('all are ended at once, in order or as a lost network does it', async () => {
      const { platform, connect } = await setUp()
      const ended = await connect()
      await ended.next()
      platform.realtime.disconnect({ code: 1001 })
      expect(await ended.rest()).toEqual([])
      const lost = await connect()
      await lost.next()
      platform.realtime.disconnect()
      await expect(lost.rest()).rejects.toThrow('terminated')
      await later([...platform.realtime.streams])
    })
  })
}

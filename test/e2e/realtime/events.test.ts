import { describe, expect, it, onTestFinished } from 'vitest'
import {
  type EventsOptions,
  type EventsState,
  type LanonasisClient,
  type McpEvent,
  memoryStore,
} from '../../../src/index.ts'
import { createClient } from '../../../src/node.ts'
import type { FaultAction } from '../../../src/testing.ts'
import type { ServePlatformOptions } from '../../../src/testing-node.ts'
import { failure, settle } from '../../support/async.ts'
import { runProgram } from '../../support/program.ts'
import { served } from '../clients.ts'

const lifeMs = 900_000
const route = 'GET /api/v1/events'

/** Services on sockets, and somebody who is signed in there. No wait between two streams is long. */
async function setup({ realtime, ...platformOptions }: ServePlatformOptions = {}) {
  const platform = await served({ realtime: { retryMs: 100, ...realtime }, ...platformOptions })
  const tokens = await platform.issueTokens()
  const client = createClient({
    env: platform.env,
    now: platform.clock.now,
    store: memoryStore({ tokens }),
  })
  onTestFinished(() => client.close())
  const streams = () => platform.realtime.streams
  // The first one is loaded before it is opened, which takes its time on a busy machine.
  const opened = (count: number) =>
    expect.poll(() => streams().length, { timeout: 10_000 }).toBe(count)
  return { platform, tokens, client, streams, opened }
}

/** Listens until the end of the test, and keeps what comes. */
function listen(client: LanonasisClient, options: EventsOptions = {}) {
  const ending = new AbortController()
  onTestFinished(() => ending.abort())
  const heard: McpEvent[] = []
  const states: EventsState[] = []
  const run = async () => {
    const { signal } = ending
    const given = { signal, onState: (state: EventsState) => states.push(state), ...options }
    for await (const event of client.mcp.events(given)) heard.push(event)
  }
  const ended = run()
  ended.catch(() => {})
  const hears = (data: unknown) =>
    expect.poll(() => heard.map((event) => event.data)).toContainEqual(data)
  const reasons = () =>
    states.flatMap((state) => (state.type === 'waiting' ? [state.error?.code] : []))
  return { heard, states, reasons, ended, hears }
}

describe('events', () => {
  it('tell of what the services do, as it happens', async () => {
    const { client, opened } = await setup()
    const { heard } = listen(client)
    await opened(1)
    const { id } = await client.memory.create({ title: 'Example', content: 'Details' })
    await client.memory.update(id, { title: 'Changed' })
    await client.memory.delete(id)
    await expect.poll(() => heard).toHaveLength(3)
    expect(heard).toMatchObject([
      { type: 'memory.created', data: { id, title: 'Example' } },
      { type: 'memory.updated', data: { id, title: 'Changed' } },
      { type: 'memory.deleted', data: { id } },
    ])
  })

  it.each(['connected', 'connection', 'initialized'] as const)(
    'come as notifications too, after the greeting %s, among heartbeats of each kind',
    async (greeting) => {
      const beats = ['ping', 'heartbeat', 'notifications/ping', 'comment'] as const
      for (const heartbeat of beats) {
        const realtime = { greeting, heartbeat, events: 'json-rpc', heartbeatMs: 5 } as const
        const { client, platform, opened } = await setup({ realtime })
        const { heard } = listen(client)
        await opened(1)
        platform.realtime.beat()
        await platform.realtime.push({ method: 'notifications/message', params: { level: 'info' } })
        await expect.poll(() => heard).toHaveLength(1)
        const data = { method: 'notifications/message', params: { level: 'info' } }
        expect(heard).toMatchObject([{ type: 'message', data }])
      }
    },
  )

  it('carry the one credential in a header, and go on the record as a request', async () => {
    const { client, platform, tokens, opened } = await setup()
    const reports: unknown[] = []
    client.on('request', (event) => reports.push(event))
    listen(client)
    await opened(1)
    expect(platform.requestsTo(route)).toMatchObject([
      { credential: 'bearer', headers: { authorization: `Bearer ${tokens.accessToken}` } },
    ])
    const report = { service: 'mcpSse', route: '/api/v1/events', status: 200 }
    await expect.poll(() => reports).toMatchObject([report])
  })

  it('go on over planned cuts, which are no errors', async () => {
    const { client, platform } = await setup({ realtime: { streamLifeMs: 200 } })
    const { heard, reasons } = listen(client)
    // The platform counts its connections in the ids.
    const streamsHeard = () => new Set(heard.map(({ id }) => id?.split('-')[0])).size
    await expect
      .poll(
        async () => {
          await platform.realtime.push({ event: 'tool_result', data: 1 })
          return streamsHeard()
        },
        { timeout: 20_000 },
      )
      .toBeGreaterThanOrEqual(4)
    expect(reasons().filter((reason) => reason !== undefined)).toEqual([])
  })

  it('go on over lost connections, without the half of an event', async () => {
    const { client, platform, streams, opened } = await setup()
    const { heard, reasons, hears } = listen(client)
    await opened(1)
    await platform.realtime.push({ event: 'tool_result', data: 1 })
    await hears(1)
    streams()[0]?.cut('event: tool_result\ndata: "half of it"\n\n')
    await expect.poll(() => platform.realtime.connections.length).toBe(2)
    await opened(1)
    await platform.realtime.push({ event: 'tool_result', data: 2 })
    await hears(2)
    expect(heard.map(({ data }) => data)).toEqual([1, 2])
    expect(reasons()).toEqual(['network_error'])
  })

  it.each<[string, FaultAction, string]>([
    ['503', { status: 503 }, 'service_unavailable'],
    ['a page of a proxy', 'html', 'service_unavailable'],
    ['★23 a 401 that proves nothing', 'edge-401', 'service_unavailable'],
    ['429', { status: 429, headers: { 'retry-after': '0' } }, 'rate_limited'],
    ['500', { status: 500 }, 'server_error'],
    ['no answer', 'drop', 'network_error'],
    ['half an event', 'cut-answer', 'network_error'],
  ])('come after %s', async (_name, action, code) => {
    const { client, platform, opened } = await setup({
      faults: [{ match: '/api/v1/events', times: 1, action }],
    })
    const { reasons, hears } = listen(client)
    await expect.poll(reasons).toEqual([code])
    await opened(1)
    await platform.realtime.push({ event: 'tool_result', data: 1 })
    await hears(1)
    expect(platform.requestsTo('POST /oauth/token')).toEqual([])
  })

  it('come from another connection when one falls silent', async () => {
    const { client, platform, opened } = await setup({
      realtime: { heartbeatMs: 20 },
      faults: [{ match: '/api/v1/events', times: 1, action: 'silence' }],
    })
    const { reasons, hears } = listen(client, { livenessMs: 1_500 })
    await expect.poll(reasons).toEqual(['timeout'])
    await expect.poll(() => platform.realtime.connections.length).toBe(2)
    await opened(1)
    await platform.realtime.push({ event: 'tool_result', data: 1 })
    await hears(1)
  })

  it('end with an error at one that is too long', async () => {
    const { client, streams } = await setup({
      faults: [{ match: '/api/v1/events', action: { oversizeBytes: 200_000 } }],
    })
    const { ended } = listen(client, { maxEventLength: 100_000 })
    expect(await failure(ended)).toMatchObject({ code: 'invalid_response' })
    await expect.poll(() => streams().length).toBe(0)
  })
})

describe('a session that comes to its end while a stream is open', () => {
  it('does not cut the stream; the next one carries the new token', async () => {
    const { client, platform, tokens, opened } = await setup()
    const { hears } = listen(client)
    await opened(1)
    platform.clock.advance(lifeMs)
    await platform.realtime.push({ event: 'tool_result', data: 'still there' })
    await hears('still there')
    expect(platform.requestsTo(route)).toHaveLength(1)
    expect(platform.requestsTo('POST /oauth/token')).toEqual([])

    platform.realtime.disconnect({ code: 1001 })
    await expect.poll(() => platform.requestsTo(route).length).toBe(2)
    await opened(1)
    expect(platform.requestsTo('POST /oauth/token')).toHaveLength(1)
    const [first, second] = platform.requestsTo(route).map(({ headers }) => headers.authorization)
    expect(first).toBe(`Bearer ${tokens.accessToken}`)
    expect(second).toBe(`Bearer ${await client.getAccessToken()}`)
    expect(second).not.toBe(first)
  })

  it('and cannot be renewed ends the iteration, with what to do', async () => {
    const { client, platform, opened } = await setup()
    const { ended } = listen(client)
    await opened(1)
    platform.revokeTokens()
    platform.realtime.disconnect({ code: 1001 })
    expect(await failure(ended)).toMatchObject({ code: 'session_expired' })
  }, 30_000)
})

describe('a person who signs out', () => {
  it('hears no more: the stream is cut', async () => {
    const { client, opened, streams } = await setup()
    const { ended } = listen(client)
    await opened(1)
    await client.logout()
    expect(await failure(ended)).toMatchObject({ code: 'login_required' })
    await expect.poll(() => streams().length).toBe(0)
  })
})

describe('an API key', () => {
  it('that is refused ends the iteration, with why', async () => {
    const platform = await served()
    const { id, key: apiKey } = await platform.createApiKey()
    platform.expireApiKey(id)
    const { env, clock } = platform
    const client = createClient({ env, now: clock.now, store: memoryStore(), apiKey })
    onTestFinished(() => client.close())
    const { ended } = listen(client)
    expect(await failure(ended)).toMatchObject({ code: 'api_key_expired', status: 401 })
    expect(platform.requestsTo(route)).toMatchObject([{ credential: 'api-key' }])
  })
})

describe('leaving the loop', () => {
  it('cuts the connection at once', async () => {
    const { client, platform, streams, opened } = await setup()
    const reading = (async () => {
      for await (const event of client.mcp.events()) return event.data
    })()
    await opened(1)
    await platform.realtime.push({ event: 'tool_result', data: 1 })
    expect(await reading).toBe(1)
    await expect.poll(() => streams().length).toBe(0)
  })

  it('is what closing the client does', async () => {
    const { client, streams, opened } = await setup()
    const { ended } = listen(client)
    await opened(1)
    await client.close()
    expect(await ended).toBeUndefined()
    await expect.poll(() => streams().length).toBe(0)
  })

  it('lets the process end by itself, and so does a loop that failed', async () => {
    const { platform, tokens, opened } = await setup()
    const program = `
      import { memoryStore } from './index.ts'
      import { createClient } from './node.ts'
      const client = createClient({ store: memoryStore({ tokens: JSON.parse(process.env.TOKENS) }) })
      const refused = createClient({ store: memoryStore() })
      try { for await (const event of refused.mcp.events()) console.log(event) }
      catch (error) { console.log(error.code) }
      for await (const event of client.mcp.events()) {
        console.log(event.data)
        break
      }
    `
    const TOKENS = JSON.stringify({ ...tokens, expiresAt: Date.now() + lifeMs })
    const { lines, ended } = await runProgram(program, { ...platform.env, TOKENS })
    expect((await lines.next()).value).toBe('login_required')
    await opened(1)
    await platform.realtime.push({ event: 'tool_result', data: 'heard' })
    expect((await lines.next()).value).toBe('heard')
    expect(await ended).toMatchObject({ code: 0, stderr: '' })
  })
})

describe('a consumer that takes its time', () => {
  it('holds back the service: nothing is kept here, and nothing is lost', async () => {
    const { client, platform, streams, opened } = await setup()
    const iterator = client.mcp.events()[Symbol.asyncIterator]()
    const first = iterator.next()
    await opened(1)
    await platform.realtime.push({ event: 'tool_result', data: -1 })
    await first

    const count = 640
    const filling = 'x'.repeat(100_000)
    const before = memoryInUse()
    const [stream] = streams()
    let sent = 0
    const sending = (async () => {
      for (let data = 0; data < count; data++) {
        await stream?.send(
          `event: tool_result\ndata: {"number":${data},"filling":"${filling}"}\n\n`,
        )
        sent += 1
      }
    })()
    // As long as something moves, it may not be held back yet.
    for (let seen = -1; seen !== sent; ) {
      seen = sent
      await settle()
      await settle()
    }
    // What the system keeps for a connection is a part of the 64 MB.
    expect(sent).toBeLessThan(count / 2)
    expect(memoryInUse() - before).toBeLessThan(24_000_000)

    for (let data = 0; data < count; data++) {
      const { value } = await iterator.next()
      if (value?.type !== 'tool_result') throw new Error('Another event was expected.')
      expect(value.data.number).toBe(data)
    }
    await sending
    expect(streams()).toHaveLength(1)
    await iterator.return?.()
  })
})

/** Buffers are outside of the heap. */
function memoryInUse(): number {
  const { heapUsed, external, arrayBuffers } = process.memoryUsage()
  return heapUsed + external + arrayBuffers
}

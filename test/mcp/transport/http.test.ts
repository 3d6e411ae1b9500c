import { describe, expect, it, vi } from 'vitest'
import type { HttpTransportOptions } from '../../../src/index.ts'
import { openHttp } from '../../../src/mcp/transport/open-http.ts'
import { failure } from '../../support/async.ts'
import { fakeFetch, json } from '../../support/fetches.ts'
import { platformAt, signedIn } from '../../support/setup.ts'
import { fakeContext } from '../../support/web-sockets.ts'
import { FakeTransport, fakeSdk } from './fakes.ts'

const core = 'https://mcp.lanonasis.com'
const empty = () => new Response(null, { status: 202 })

/** A client whose MCP server is a function, and whose SDK is a fake. */
async function connected(
  options: HttpTransportOptions = {},
  answer: (method: string) => Response | Promise<Response> = empty,
) {
  const platform = platformAt({ limits: false })
  const server = fakeFetch(({ method }) => answer(method))
  const signed = await signedIn({
    platform,
    fetch: (input, init) =>
      String(input).includes('/mcp') ? server.fetch(input, init) : platform.fetch(input, init),
  })
  const fake = fakeSdk()
  const transport = signed.client.mcp.transport('http', { sdk: fake.sdk, ...options })
  await transport.start()
  return { ...signed, transport, inner: fake.inner, sent: server.sent }
}

describe('the transport over Streamable HTTP', () => {
  it('leads to MCP Core, and gives the official one nothing to sign in with but its fetch', async () => {
    const { inner, tokens, sent } = await connected({ headers: { 'x-tenant': 'one' } })
    expect(inner.url.href).toBe(`${core}/api/v1/mcp`)
    expect(Object.keys(inner.options)).toEqual(['fetch', 'requestInit'])
    expect(inner.options.requestInit).toEqual({ headers: { 'x-tenant': 'one' } })
    await inner.fetch(inner.url, { method: 'POST', body: '{}' })
    expect(sent.map(({ headers }) => headers.get('authorization'))).toEqual([
      `Bearer ${tokens.accessToken}`,
    ])
  })

  it('passes on what it is told of streams and sessions', async () => {
    const reconnection = {
      initialReconnectionDelay: 1,
      maxReconnectionDelay: 2,
      reconnectionDelayGrowFactor: 3,
      maxRetries: 4,
    }
    const { inner } = await connected({
      reconnection,
      sessionId: 'kept',
      protocolVersion: '2025-11-25',
    })
    expect(inner.options.reconnectionOptions).toEqual(reconnection)
    expect(inner.options.sessionId).toBe('kept')
    expect(inner.version).toBe('2025-11-25')
  })

  it('waits for an answer for as long as its caller does', async () => {
    vi.useFakeTimers()
    try {
      const { inner } = await connected(
        {},
        () => new Promise((resolve) => setTimeout(() => resolve(empty()), 300_000)),
      )
      const answer = inner.fetch(inner.url, { method: 'POST', body: '{}' })
      await vi.advanceTimersByTimeAsync(300_000)
      expect((await answer).status).toBe(202)
    } finally {
      vi.useRealTimers()
    }
  })

  it('throws what a refusal means, and returns every other answer', async () => {
    const answers = [json(500, {}), json(404, {}), json(403, { error: 'not yours' }), json(401, {})]
    const { inner } = await connected({}, () => answers.shift() ?? json(401, {}))
    const ask = () => inner.fetch(inner.url, { method: 'POST', body: '{}' })
    expect([(await ask()).status, (await ask()).status, (await ask()).status]).toEqual([
      500, 404, 403,
    ])
    // ★23 The gateway calls the token active: a plain 401 is no proof.
    expect(await failure(ask())).toMatchObject({ code: 'service_unavailable', status: 401 })
  })

  it('says which scope is missing', async () => {
    const challenge = 'Bearer error="insufficient_scope", scope="memories:admin"'
    const { inner } = await connected({}, () => json(403, {}, { 'www-authenticate': challenge }))
    expect(await failure(inner.fetch(inner.url, { method: 'POST', body: '{}' }))).toMatchObject({
      code: 'insufficient_scope',
      missingScope: 'memories:admin',
    })
  })

  it('ends the session with the headers that belong to it, after its streams', async () => {
    const { transport, inner, sent } = await connected({ headers: { 'x-tenant': 'one' } })
    inner.sessionId = 'one session'
    transport.setProtocolVersion?.('2025-11-25')
    await transport.close()
    expect(inner.closes).toBe(1)
    expect(sent.map(({ method }) => method)).toEqual(['DELETE'])
    expect(Object.fromEntries(sent[0]?.headers ?? [])).toMatchObject({
      'mcp-session-id': 'one session',
      'mcp-protocol-version': '2025-11-25',
      'x-tenant': 'one',
    })
  })

  it.each<[string, HttpTransportOptions, string | undefined]>([
    ['there is none', {}, undefined],
    ['it is to be kept', { keepSession: true }, 'one session'],
  ])('ends no session when %s', async (_why, options, sessionId) => {
    const { transport, inner, sent } = await connected(options)
    inner.sessionId = sessionId
    await transport.close()
    expect(sent).toEqual([])
  })

  it('that is closed listens for a sign-out no more', async () => {
    const { context, signOuts } = fakeContext()
    const { sdk } = fakeSdk()
    const opened = await openHttp(context, {
      url: new URL(`${core}/mcp`),
      options: { sdk },
      events: { onMessage() {}, onError() {}, onClose() {} },
      signal: new AbortController().signal,
    })
    expect(signOuts.size).toBe(1)
    await opened.close()
    expect(signOuts.size).toBe(0)
  })

  it('is closed although the server does not answer', async () => {
    const { transport, inner } = await connected({}, () => new Promise(() => {}))
    inner.sessionId = 'one session'
    vi.useFakeTimers()
    try {
      const closed = transport.close()
      await vi.advanceTimersByTimeAsync(3_000)
      await closed
    } finally {
      vi.useRealTimers()
    }
  })
})

describe('what can be seen before anything is sent', () => {
  it.each([
    ['no URL', 'mcp.lanonasis.com'],
    ['one of a WebSocket', 'wss://mcp.lanonasis.com/ws'],
    ['nothing', ''],
  ])('an address that is %s', async (_what, url) => {
    const { client } = await signedIn()
    expect(() => client.mcp.transport('http', { url })).toThrowError(
      expect.objectContaining({ code: 'config_invalid' }),
    )
  })

  it('a kind that does not exist', async () => {
    const { client } = await signedIn()
    // @ts-expect-error as JavaScript may have it
    expect(() => client.mcp.transport('toString')).toThrowError(
      expect.objectContaining({ code: 'config_invalid', hint: expect.stringContaining('http') }),
    )
  })

  it('a server that is none of the services', async () => {
    const { client } = await signedIn()
    const { sdk, made } = fakeSdk()
    const transport = client.mcp.transport('http', { sdk, url: 'https://mcp.example.com/mcp' })
    expect(await failure(transport.start())).toMatchObject({ code: 'origin_not_allowed' })
    expect(made).toEqual([])
  })

  it('an SDK that has no such transport', async () => {
    const { client } = await signedIn()
    const transport = client.mcp.transport('http', { sdk: { SSEClientTransport: FakeTransport } })
    expect(await failure(transport.start())).toMatchObject({ code: 'config_invalid' })
  })
})

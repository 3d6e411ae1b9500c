import { type AuthError, isAuthError, type LanonasisClient } from '@lanonasis/auth-client'
import { describe, expect, it, vi } from 'vitest'
import { failure } from '../support/async.ts'
import {
  accessToken,
  apiKey,
  byKey,
  byToken,
  clientWith,
  epoch,
  gateway,
  lifeMs,
  mcp,
  opaqueTokens,
  refreshToken,
} from './clients.ts'
import { titled } from './titled.ts'
import { type ExpectedRequest, useWire, type WireAnswer } from './wire.ts'

const wire = useWire()

/** What a limited or failing service says of when to come back, and what that is in ms. */
interface Wait {
  readonly says: string
  readonly headers?: Record<string, string>
  readonly body?: Record<string, unknown>
  readonly ms: number | undefined
}

const inOneMinute = new Date(epoch + 60_000).toUTCString()
const aMinuteAgo = new Date(epoch - 60_000).toUTCString()
const dayMs = 86_400_000
const isWait = (ms: unknown) => ms === undefined || ms === 60_000

const waits: readonly Wait[] = [
  { says: 'Retry-After in seconds', headers: { 'retry-after': '42' }, ms: 42_000 },
  { says: 'Retry-After as a date', headers: { 'retry-after': inOneMinute }, ms: 60_000 },
  { says: 'Retry-After with a date that is past', headers: { 'retry-after': aMinuteAgo }, ms: 0 },
  { says: 'Retry-After: 0', headers: { 'retry-after': '0' }, ms: 0 },
  { says: 'RateLimit-Reset in seconds', headers: { 'ratelimit-reset': '30' }, ms: 30_000 },
  {
    says: 'X-RateLimit-Reset in seconds, as the gateway',
    headers: { 'x-ratelimit-reset': '77' },
    ms: 77_000,
  },
  {
    says: 'X-RateLimit-Reset as an epoch time, as MCP Core',
    headers: { 'x-ratelimit-reset': String(epoch / 1_000 + 90) },
    ms: 90_000,
  },
  {
    says: 'X-RateLimit-Reset as an epoch time in ms',
    headers: { 'x-ratelimit-reset': String(epoch + 90_000) },
    ms: 90_000,
  },
  {
    says: 'X-RateLimit-Reset that is past',
    headers: { 'x-ratelimit-reset': String(epoch / 1_000 - 90) },
    ms: 0,
  },
  { says: 'retryAfter: "15 minutes"', body: { retryAfter: '15 minutes' }, ms: 900_000 },
  { says: 'retryAfter: "1 minute"', body: { retryAfter: '1 minute' }, ms: 60_000 },
  { says: 'retryAfter: "1 hour"', body: { retryAfter: '1 hour' }, ms: 3_600_000 },
  { says: 'retryAfter: "30 seconds"', body: { retryAfter: '30 seconds' }, ms: 30_000 },
  { says: 'retryAfter: 90', body: { retryAfter: 90 }, ms: 90_000 },
  { says: 'retry_after: 25', body: { retry_after: 25 }, ms: 25_000 },
  { says: 'retry_after: 1.5', body: { retry_after: 1.5 }, ms: 1_500 },
  {
    says: 'Retry-After and everything else: the header that is meant for this answer',
    headers: { 'retry-after': '42', 'ratelimit-reset': '900', 'x-ratelimit-reset': '901' },
    body: { retryAfter: '15 minutes', retry_after: 7 },
    ms: 42_000,
  },
  {
    says: 'a body and a window: the body',
    headers: { 'ratelimit-reset': '900' },
    body: { retryAfter: '1 minute' },
    ms: 60_000,
  },
  {
    says: 'a Retry-After that cannot be read, and a window',
    headers: { 'retry-after': 'soon', 'ratelimit-reset': '30' },
    ms: 30_000,
  },
  { says: 'more than a day: a day', headers: { 'retry-after': '999999999' }, ms: dayMs },
  { says: 'nothing', ms: undefined },
  { says: 'nonsense', headers: { 'retry-after': 'later', 'ratelimit-reset': '-' }, ms: undefined },
  {
    says: 'nonsense in the body',
    body: { retryAfter: {}, retry_after: 'in a while' },
    ms: undefined,
  },
]

/** Routes that are asked once, whatever they say. */
const routes: readonly {
  readonly route: string
  readonly expected: ExpectedRequest
  readonly client: () => LanonasisClient
  readonly call: (client: LanonasisClient) => Promise<unknown>
}[] = [
  {
    route: `POST ${mcp}/auth/api-keys`,
    expected: { credential: byToken, json: { name: 'x' } },
    client: () => clientWith({ tokens: opaqueTokens }),
    call: (client) => client.apiKeys.create({ name: 'x' }),
  },
  {
    route: `POST ${gateway}/oauth/introspect`,
    expected: { json: { token: accessToken } },
    client: () => clientWith({ tokens: opaqueTokens }),
    call: (client) => client.introspect(),
  },
  {
    route: `POST ${gateway}/oauth/token`,
    expected: {
      json: {
        grant_type: 'refresh_token',
        refresh_token: refreshToken,
        client_id: 'lanonasis-cli',
      },
    },
    client: () => clientWith({ tokens: opaqueTokens }, { now: () => epoch }),
    call: (client) => client.refresh(),
  },
]

describe.each(titled(routes, ({ route }) => route))(
  '%s: how long a 429 asks to wait',
  (_route, routeCase) => {
    const { route, expected, client, call } = routeCase

    it.each(titled(waits, ({ says }) => says))('%s', async (_says, { headers, body, ms }) => {
      const said = { error: 'Too many', ...body }
      wire.expect(route, expected, { status: 429, body: said, ...(headers && { headers }) })
      const error = await failure(call(client()))
      if (!isAuthError(error)) throw error
      expect(['rate_limited', 'refresh_failed']).toContain(error.code)
      expect(error).toMatchObject({ status: 429, retryable: true })
      // Without a word of its own, a limited token endpoint is left alone for a while all the same.
      const own = error.code === 'refresh_failed' && ms === undefined
      expect(error.retryAfterMs).toEqual(own ? expect.toSatisfy(isWait) : ms)
    })
  },
)

/** Runs a call while time passes quickly, and says when each of its requests was over, in ms. */
async function virtually<T>(
  client: LanonasisClient,
  call: (client: LanonasisClient) => PromiseLike<T>,
): Promise<{ result: T; askedAt: readonly number[] }> {
  const stepMs = 100
  const askedAt: number[] = []
  let elapsedMs = 0
  let settled = false
  const stop = client.on('request', () => askedAt.push(elapsedMs))
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  try {
    const running = Promise.resolve(call(client)).finally(() => {
      settled = true
    })
    // The caller gets the rejection; here it must not count as unhandled in between.
    running.catch(() => {})
    while (!settled) {
      // All that needs no time comes first.
      const from = performance.now()
      while (!settled && performance.now() - from < 8) await new Promise(setImmediate)
      elapsedMs += stepMs
      await vi.advanceTimersByTimeAsync(stepMs)
    }
    return { result: await running, askedAt }
  } finally {
    vi.useRealTimers()
    stop()
  }
}

/** The time between one request and the next. */
function pauses(askedAt: readonly number[]): readonly number[] {
  return askedAt.slice(1).map((at, index) => at - (askedAt[index] ?? 0))
}

const list = `GET ${mcp}/memory`
const nothing: WireAnswer = { status: 200, body: { data: [] } }
const busy: WireAnswer = { status: 503, body: '<html>' }
const limited = (seconds: number): WireAnswer => ({
  status: 429,
  body: { error: 'Too many' },
  headers: { 'retry-after': String(seconds) },
})

const withKey = () => clientWith({ apiKey })

/** What the answers take to arrive comes on top. */
const about = (ms: number) => expect.toSatisfy((pause: number) => pause >= ms && pause < ms + 5_000)

describe('a request that may be repeated', () => {
  it('GET /api/v1/memory comes back after as long as the service asks, and not before', async () => {
    wire.expect(list, { credential: byKey }, limited(2))
    wire.expect(list, { credential: byKey }, limited(3))
    wire.expect(list, { credential: byKey }, nothing)
    const { askedAt } = await virtually(withKey(), ({ memory }) => memory.list())
    expect(pauses(askedAt)).toEqual([about(2_000), about(3_000)])
  })

  it('GET /api/v1/memory comes back three times where the service says nothing', async () => {
    for (let request = 0; request < 4; request++) wire.expect(list, { credential: byKey }, busy)
    const { result, askedAt } = await virtually(withKey(), ({ memory }) => failure(memory.list()))
    expect(result).toMatchObject({ code: 'service_unavailable', status: 503 })
    expect(askedAt).toHaveLength(4)
  })

  it('GET /api/v1/memory does not begin a wait that would be too long', async () => {
    wire.expect(list, { credential: byKey }, limited(15))
    wire.expect(list, { credential: byKey }, limited(15))
    const { result, askedAt } = await virtually(withKey(), ({ memory }) => failure(memory.list()))
    expect(result).toMatchObject({ code: 'rate_limited', retryAfterMs: 15_000 })
    expect(pauses(askedAt)).toEqual([about(15_000)])
  })

  it.each<[string, ExpectedRequest, (client: LanonasisClient) => PromiseLike<unknown>, WireAnswer]>(
    [
      [
        `POST ${mcp}/memory`,
        { json: { title: 'T', content: 'C', type: 'context', idempotency_key: 'k' } },
        ({ memory }) => memory.create({ title: 'T', content: 'C', idempotencyKey: 'k' }),
        { status: 201, body: { id: 'm1' } },
      ],
      [
        `PUT ${mcp}/memory/m1`,
        { json: { title: 'T' } },
        ({ memory }) => memory.update('m1', { title: 'T' }),
        { status: 200, body: { id: 'm1' } },
      ],
      [`DELETE ${mcp}/memory/m1`, {}, ({ memory }) => memory.delete('m1'), { status: 204 }],
      [
        `POST ${mcp}/memory/search`,
        { json: { query: 'q' } },
        ({ memory }) => memory.search({ query: 'q' }),
        nothing,
      ],
    ],
  )('%s is repeated whole', async (route, expected, call, answer) => {
    wire.expect(route, { credential: byKey, ...expected }, busy)
    wire.expect(route, { credential: byKey, ...expected }, limited(1))
    wire.expect(route, { credential: byKey, ...expected }, answer)
    await virtually(withKey(), call)
  })

  it.each([408, 425, 429, 502, 503, 504])(
    'GET /api/v1/memory is repeated after %i',
    async (status) => {
      wire.expect(list, { credential: byKey }, { status })
      wire.expect(list, { credential: byKey }, nothing)
      await virtually(withKey(), ({ memory }) => memory.list())
    },
  )

  it.each([400, 403, 409, 413, 422, 500, 501])(
    '★20 GET /api/v1/memory is not repeated after %i',
    async (status) => {
      wire.expect(list, { credential: byKey }, { status })
      expect(await failure(withKey().memory.list())).toMatchObject({ status })
    },
  )

  it.each([
    ['ECONNRESET', 2],
    ['ECONNREFUSED', 2],
    ['ENOTFOUND', 1],
    ['ENETUNREACH', 1],
  ])(
    'GET /api/v1/memory after %s is asked %i times: without a network waiting is of no use',
    async (code, times) => {
      wire.expect(list, { credential: byKey }, Object.assign(new Error(code), { code }))
      if (times > 1) wire.expect(list, { credential: byKey }, nothing)
      const { result } = await virtually(withKey(), ({ memory }) =>
        memory.list().then(
          () => 'done',
          (error: AuthError) => error.code,
        ),
      )
      expect(result).toBe(times > 1 ? 'done' : 'network_error')
    },
  )

  it('GET /api/v1/memory gives up its wait when its caller does', async () => {
    const stop = new AbortController()
    wire.expect(list, { credential: byKey }, limited(15))
    const listed = failure(withKey().memory.list({ signal: stop.signal }))
    await vi.waitFor(() => expect(wire.seen).toHaveLength(1), { timeout: 10_000 })
    // The answer is in; what is left is the wait.
    setTimeout(() => stop.abort(), 20)
    expect(await listed).toMatchObject({ code: 'aborted' })
  })
})

describe('a token request', () => {
  it('★15 POST /oauth/token is never repeated by itself', async () => {
    wire.expect(
      `POST ${gateway}/oauth/token`,
      {
        json: {
          grant_type: 'refresh_token',
          refresh_token: refreshToken,
          client_id: 'lanonasis-cli',
        },
      },
      limited(1),
    )
    const client = clientWith({ tokens: opaqueTokens }, { now: () => epoch + lifeMs })
    expect(await failure(client.getAccessToken())).toMatchObject({
      code: 'refresh_failed',
      retryAfterMs: 1_000,
    })
  })
})

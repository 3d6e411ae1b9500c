import { describe, expect, it } from 'vitest'
import { AuthError } from '../../../src/errors/auth-error.ts'
import type { RefusalVerdict } from '../../../src/http/credentialed-fetch.ts'
import type { WebSocketEnd } from '../../../src/mcp/web-socket.ts'
import { failure } from '../../support/async.ts'
import { fakeContext } from '../../support/web-sockets.ts'
import { opened, opening } from './open.ts'

const verdicts = {
  retry: { type: 'retry' },
  expired: { type: 'error', error: new AuthError('api_key_expired', 'Expired.') },
  good: { type: 'error', error: new AuthError('service_unavailable', 'Good.', { status: 401 }) },
} as const satisfies Record<string, RefusalVerdict>

const refusals: [string, Partial<WebSocketEnd>][] = [
  ['closed with 1008', { code: 1008, reason: 'Invalid API key' }],
  ['closed with 4001', { code: 4001 }],
  ['refused with 401', { refusal: new Response('', { status: 401 }) }],
]

describe('a credential that is refused', () => {
  it.each(refusals)(
    '★27 %s is looked into once, and tried once more with a fresh one',
    async (_how, end) => {
      const { promise, socket, sockets, judged, reports } = await opening()
      const first = await socket()
      if (end.code !== undefined) await first.accept()
      await first.end(end)
      const second = await socket(2)
      expect(second.request.headers).toMatchObject({ authorization: 'Bearer token-2' })
      expect(judged.map(({ secret }) => secret.reveal())).toEqual(['token-1'])
      await second.accept()
      await second.end(end)
      expect(await failure(promise)).toMatchObject({
        code: 'service_unavailable',
        status: 401,
        retryable: true,
      })
      expect(sockets).toHaveLength(2)
      expect(reports.map(({ attempt }) => attempt)).toEqual([1, 2])
    },
  )

  it.each(refusals)(
    '★27 %s is the error of the verdict when it is no good any more',
    async (_how, end) => {
      const { promise, socket, sockets } = await opening(
        fakeContext({ judge: async () => verdicts.expired }),
      )
      const wire = await socket()
      if (end.code !== undefined) await wire.accept()
      await wire.end(end)
      expect(await failure(promise)).toBe(verdicts.expired.error)
      expect(sockets).toHaveLength(1)
    },
  )

  it.each([1008, 4001])(
    '★27 shortly after the connection was there (%i) ends it with the right error',
    async (code) => {
      const loginRequired = new AuthError('login_required', 'Nobody is signed in.')
      const fake = fakeContext({ judge: () => Promise.reject(loginRequired) })
      const { wire, ends, connection } = await opened(fake)
      await wire.end({ code })
      expect(ends).toEqual([loginRequired])
      expect(await failure(connection.send({ jsonrpc: '2.0', method: 'a' }))).toMatchObject({
        code: 'network_error',
      })
    },
  )

  it('★27 after the connection was there is retryable where there is a better one by now', async () => {
    const { wire, ends, judged } = await opened()
    await wire.end({ code: 1008, reason: 'Key eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ1In0 expired' })
    expect(ends).toMatchObject([{ code: 'service_unavailable', status: 401, retryable: true }])
    expect(ends[0]?.message).toContain('[redacted]')
    expect(judged).toHaveLength(1)
  })

  it('cannot be seen by a page: a socket that never opens is looked into, too', async () => {
    const options = { strategy: 'subprotocol', dialect: 'json-rpc' } as const
    const expired = fakeContext({ takesHeaders: false, judge: async () => verdicts.expired })
    const refused = await opening(expired, options)
    await (await refused.socket()).end()
    expect(await failure(refused.promise)).toBe(verdicts.expired.error)

    const good = fakeContext({ takesHeaders: false, judge: async () => verdicts.good })
    const offline = await opening(good, options)
    await (await offline.socket()).end()
    expect(await failure(offline.promise)).toMatchObject({
      code: 'network_error',
      retryable: true,
    })
  })
})

describe('a handshake that is refused', () => {
  it.each([
    [403, {}, { code: 'forbidden', status: 403 }],
    [
      429,
      { 'retry-after': '7', 'x-request-id': 'req-1' },
      { code: 'rate_limited', retryAfterMs: 7_000, requestId: 'req-1', retryable: true },
    ],
    [500, {}, { code: 'service_unavailable', status: 500, retryable: true }],
    [503, { 'retry-after': '1' }, { code: 'service_unavailable', retryAfterMs: 1_000 }],
    [404, {}, { code: 'not_found' }],
    [426, {}, { code: 'validation_failed' }],
    [200, {}, { code: 'invalid_response' }],
  ])('with %i is the error of that', async (status, headers, expected) => {
    const { promise, socket, reports, judged } = await opening()
    await (await socket()).refuse(status, { error: 'No.' }, headers)
    expect(await failure(promise)).toMatchObject(expected)
    expect(reports).toMatchObject([{ service: 'mcpWs', method: 'GET', route: '/ws', status }])
    expect(judged).toEqual([])
  })

  it('★7 with a redirect leads nowhere', async () => {
    const { promise, socket, sockets } = await opening()
    await (await socket()).refuse(307, '', { location: 'wss://elsewhere.example/' })
    expect(await failure(promise)).toMatchObject({ code: 'origin_not_allowed', retryable: false })
    expect(sockets).toHaveLength(1)
  })

  it('by the network is a network error with its code', async () => {
    const { promise, socket, reports } = await opening()
    const error = Object.assign(new Error('connect'), { code: 'ECONNREFUSED' })
    await (await socket()).end({ error })
    expect(await failure(promise)).toMatchObject({
      code: 'network_error',
      message: expect.stringContaining('ECONNREFUSED'),
    })
    expect(reports).toMatchObject([{ status: undefined }])
  })
})

describe('an open connection that is closed', () => {
  it.each([
    [{ code: 1006 }, { code: 'network_error', retryable: true }],
    [{ code: 1000 }, { code: 'network_error', retryable: true }],
    [{ code: 1001, reason: 'going away' }, { code: 'network_error' }],
    [{ code: 1012 }, { code: 'service_unavailable', retryable: true }],
    [{ code: 1013 }, { code: 'service_unavailable' }],
    [{ code: 1011 }, { code: 'service_unavailable' }],
    [{ code: 1002 }, { code: 'invalid_response', retryable: false }],
    [{ code: 1009 }, { code: 'validation_failed', retryable: false }],
    [
      {
        code: 1006,
        error: Object.assign(new RangeError('Max payload'), {
          code: 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH',
        }),
      },
      { code: 'invalid_response', hint: expect.stringContaining('maxMessageBytes') },
    ],
    [
      { code: 1006, error: Object.assign(new Error('reset'), { code: 'ECONNRESET' }) },
      { code: 'network_error', message: expect.stringContaining('ECONNRESET') },
    ],
  ])('with %j ends with the right error', async (end, expected) => {
    const { wire, ends, timers } = await opened()
    await wire.end(end)
    expect(ends).toMatchObject([expected])
    expect(timers()).toBe(0)
  })
})

import { describe, expect, it } from 'vitest'
import * as z from 'zod/mini'
import { AuthError } from '../../src/errors/auth-error.ts'
import { createRest, type RestCall } from '../../src/http/rest.ts'
import { failure, withQuickTimers } from '../support/async.ts'
import { type Answering, connectionError, fakeFetch, json } from '../support/fetches.ts'
import { epoch } from '../support/setup.ts'

const answer = z.object({ id: z.string() })
type Call = Partial<RestCall<typeof answer>>

function setup(answering: Answering) {
  const { fetch, sent } = fakeFetch(answering)
  const rest = createRest({
    fetch,
    now: () => epoch,
    random: () => 0.5,
    timeoutMs: 60_000,
    limits: { retries: 2, budgetMs: 20_000 },
  })
  const call = (options: Call = {}) =>
    rest({
      method: 'GET',
      url: new URL('https://mcp.lanonasis.com/api/v1/memory/1'),
      idempotent: true,
      service: 'MCP Core',
      answer,
      ...options,
    })
  return { call, sent }
}

/** Answers each request with the next of these; the last one goes on. */
function inTurn(...answers: (() => Response)[]): Answering {
  let next = 0
  return () => {
    const make = answers[Math.min(next, answers.length - 1)]
    next += 1
    return make?.() ?? json(500, {})
  }
}

const found = () => json(200, { id: '1' })
const busy = () => json(503, { error: 'busy' })
const lost = (): Response => {
  throw new AuthError('network_error', 'No connection.')
}

describe('a call of a REST route', () => {
  it('sends JSON and gives what the schema makes of the answer', async () => {
    const { call, sent } = setup(found)
    expect(await call({ method: 'POST', body: { title: 'Example' } })).toEqual({ id: '1' })
    expect(sent[0]).toMatchObject({ method: 'POST', body: '{"title":"Example"}' })
    expect(sent[0]?.headers.get('content-type')).toBe('application/json')
  })

  it('says what JSON has no form for, and sends nothing', async () => {
    const { call, sent } = setup(found)
    const circle: Record<string, unknown> = {}
    circle.self = circle
    for (const value of [1n, circle]) {
      const error = await failure(call({ method: 'POST', body: { metadata: { value } } }))
      expect(error).toMatchObject({
        code: 'validation_failed',
        hint: expect.stringMatching(/JSON/),
      })
    }
    expect(sent).toEqual([])
  })

  it('★8 adds no header that needs a permission of its own', async () => {
    const { call, sent } = setup(found)
    await call({ method: 'POST', body: {} })
    expect([...(sent[0]?.headers.keys() ?? [])].sort()).toEqual(['accept', 'content-type'])
  })

  it.each([
    ['another form', () => json(200, { name: 'x' }, { 'x-request-id': 'req-1' })],
    ['no JSON', () => new Response('<html>', { headers: { 'x-request-id': 'req-1' } })],
    ['nothing', () => new Response('', { headers: { 'x-request-id': 'req-1' } })],
  ])('fails with invalid_response for an answer of %s', async (_form, answering) => {
    expect(await failure(setup(answering).call())).toMatchObject({
      code: 'invalid_response',
      status: 200,
      requestId: 'req-1',
    })
  })

  it('makes one typed error of a failed answer, and says who answered', async () => {
    const { call } = setup(() => json(404, { error: 'Memory not found', code: 'NOT_FOUND' }))
    expect(await failure(call())).toMatchObject({
      code: 'not_found',
      message: 'MCP Core answered 404: Memory not found.',
    })
  })

  it.each([408, 429, 502, 503, 504])(
    'is tried again after a %i, if that does no harm',
    async (status) => {
      const { call, sent } = setup(inTurn(() => json(status, {}), found))
      expect(await withQuickTimers(() => call())).toEqual({ id: '1' })
      expect(sent).toHaveLength(2)
    },
  )

  it('is tried again after a lost connection, if that does no harm', async () => {
    const { call, sent } = setup(inTurn(lost, lost, found))
    expect(await withQuickTimers(() => call({ method: 'POST', body: { a: 1 } }))).toEqual({
      id: '1',
    })
    expect(sent.map(({ body }) => body)).toEqual(Array(3).fill('{"a":1}'))
  })

  it('is given up after three attempts', async () => {
    const { call, sent } = setup(busy)
    expect(await withQuickTimers(() => failure(call()))).toMatchObject({
      code: 'service_unavailable',
      retryable: true,
    })
    expect(sent).toHaveLength(3)
  })

  it.each([
    ['a busy service', busy],
    ['a limit', () => json(429, {})],
    ['a lost connection', lost],
  ])('is not sent twice after %s when that may do harm', async (_what, answering) => {
    const { call, sent } = setup(answering)
    await failure(call({ method: 'POST', body: {}, idempotent: false }))
    await failure(call({ method: 'GET', idempotent: false }))
    expect(sent).toHaveLength(2)
  })

  it.each([400, 401, 403, 404, 409, 500, 501])('is not tried again after a %i', async (status) => {
    const { call, sent } = setup(() => json(status, {}))
    expect(await failure(call())).toMatchObject({ status })
    expect(sent).toHaveLength(1)
  })

  it('is not tried again for want of a credential', async () => {
    const { call, sent } = setup(() => {
      throw new AuthError('refresh_failed', 'The session could not be renewed.')
    })
    expect(await failure(call())).toMatchObject({ code: 'refresh_failed' })
    expect(sent).toHaveLength(1)
  })

  it('waits as long as it is told', async () => {
    const { call, sent } = setup(inTurn(() => json(429, {}, { 'retry-after': '2' }), found))
    let before = 0
    await withQuickTimers(() => {
      setTimeout(() => {
        before = sent.length
      }, 1_900)
      return call()
    })
    expect([before, sent.length]).toEqual([1, 2])
  })

  it('does not ask again before it may: a long wait is left to the caller', async () => {
    const { call, sent } = setup(() => json(429, {}, { 'retry-after': '900' }))
    expect(await withQuickTimers(() => failure(call()))).toMatchObject({
      code: 'rate_limited',
      retryAfterMs: 900_000,
    })
    expect(sent).toHaveLength(1)
  })

  it('takes a connection that breaks in the middle of an answer for a lost one', async () => {
    const broken = (status: number) => () =>
      new Response(
        new ReadableStream({
          pull: (controller) => controller.error(connectionError('ECONNRESET')),
        }),
        { status },
      )
    expect(await failure(setup(broken(200)).call())).toMatchObject({ code: 'network_error' })
    expect(await failure(setup(broken(404)).call())).toMatchObject({ code: 'network_error' })
  })

  it('ends when its caller does, also between two attempts', async () => {
    const controller = new AbortController()
    const { call, sent } = setup(() => {
      controller.abort()
      return busy()
    })
    expect(await failure(call({ signal: controller.signal }))).toMatchObject({ code: 'aborted' })
    expect(sent).toHaveLength(1)
  })
})

import { describe, expect, it, onTestFinished, vi } from 'vitest'
import type { RequestEvent } from '../../src/http/request-event.ts'
import { type OutgoingRequest, type Sender, send } from '../../src/http/send.ts'
import type { Fetch } from '../../src/http/transport.ts'
import { failure } from '../support/async.ts'
import { type Answering, connectionError, fakeFetch, json } from '../support/fetches.ts'
import { epoch } from '../support/setup.ts'

const url = new URL('https://mcp.lanonasis.com/api/v1/memory?q=private')

/** Never answers, as a server that hangs. */
const hanging: Fetch = (_input, init) =>
  new Promise((_, reject) => {
    init?.signal?.addEventListener('abort', () => reject(init.signal?.reason))
  })

function setup(answer: Answering, sender: Partial<Sender> = {}) {
  const { fetch, sent } = fakeFetch(answer)
  const events: RequestEvent[] = []
  const call = (request: Partial<OutgoingRequest> = {}) =>
    send(
      {
        target: url,
        url,
        init: {},
        method: 'GET',
        headers: new Headers(),
        signal: undefined,
        service: 'mcpHttp',
        attempt: 1,
        ...request,
      },
      {
        fetch,
        browser: false,
        timeoutMs: 60_000,
        now: () => epoch,
        onRequest: (event) => events.push(event),
        ...sender,
      },
    )
  return { call, sent, events }
}

const ok: Answering = () => json(200, {})

describe('sending one request', () => {
  it('★7 leaves no redirect to the platform, whatever the caller asked for', async () => {
    for (const [browser, redirect] of [
      [false, 'manual'],
      [true, 'error'],
    ] as const) {
      const { call, sent } = setup(ok, { browser })
      await call()
      await call({ init: { redirect: 'follow' } })
      await call({ target: new Request(url, { redirect: 'follow' }) })
      expect(sent.map((request) => request.redirect)).toEqual([redirect, redirect, redirect])
    }
  })

  it('sends what it was given', async () => {
    const { call, sent } = setup(ok)
    const headers = new Headers({ 'x-api-key': 'key' })
    await call({
      method: 'POST',
      headers,
      init: { method: 'GET', body: 'text', headers: { a: '1' } },
    })
    expect(sent).toMatchObject([{ method: 'POST', url: url.href, body: 'text' }])
    expect(sent[0]?.headers.get('x-api-key')).toBe('key')
    expect(sent[0]?.headers.has('a')).toBe(false)
  })

  it.each([200, 204, 302, 401, 500])('returns the answer, whatever it is (%i)', async (status) => {
    const { call } = setup(() => new Response(null, { status }))
    expect((await call()).status).toBe(status)
  })

  it('is a timeout when the answer does not begin in time', async () => {
    const { call, events } = setup(ok, { fetch: hanging, timeoutMs: 5 })
    expect(await failure(call())).toMatchObject({
      code: 'timeout',
      message: 'https://mcp.lanonasis.com did not answer within 5 ms.',
    })
    expect(events).toMatchObject([{ status: undefined }])
  })

  it('gives the body as long as it takes: the limit is for the beginning', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    onTestFinished(() => void vi.useRealTimers())
    let given: AbortSignal | null | undefined
    const { call } = setup(ok, {
      timeoutMs: 5,
      fetch: async (_input, init) => {
        given = init?.signal
        return json(200, {})
      },
    })
    await call()
    expect(vi.getTimerCount()).toBe(0)
    await vi.advanceTimersByTimeAsync(60_000)
    expect(given?.aborted).toBe(false)
  })

  it("reaches the body with the caller's signal", async () => {
    const controller = new AbortController()
    let given: AbortSignal | null | undefined
    const { call } = setup(ok, {
      fetch: async (_input, init) => {
        given = init?.signal
        return json(200, {})
      },
    })
    await call({ signal: controller.signal })
    controller.abort()
    expect(given?.aborted).toBe(true)
  })

  it('ends when the caller gives up', async () => {
    const controller = new AbortController()
    const { call } = setup(ok, { fetch: hanging })
    const sending = failure(call({ signal: controller.signal }))
    controller.abort(new Error('canary'))
    const error = await sending
    expect(error).toMatchObject({ code: 'aborted', retryable: false })
    expect(JSON.stringify(error)).not.toContain('canary')
  })

  it('is a network error when there is no connection, and names no more than the origin', async () => {
    const { call } = setup(() => {
      throw connectionError('ECONNRESET')
    })
    expect(await failure(call())).toMatchObject({
      code: 'network_error',
      message: 'No connection to https://mcp.lanonasis.com (ECONNRESET).',
    })
  })
})

describe('the report of one request', () => {
  const sentId = new Headers({ 'x-request-id': 'sent-1' })

  it('is about the answer, with the id that the service gave', async () => {
    let now = epoch
    const { call, events } = setup(
      () => {
        now += 25
        return json(201, {}, { 'x-request-id': 'given-1' })
      },
      { now: () => now },
    )
    await call({ method: 'POST', headers: sentId, attempt: 2 })
    expect(events).toEqual([
      {
        service: 'mcpHttp',
        method: 'POST',
        route: '/api/v1/memory',
        status: 201,
        requestId: 'given-1',
        attempt: 2,
        durationMs: 25,
      },
    ])
  })

  it('has the id that was sent where the service gives none', async () => {
    const { call, events } = setup(ok)
    await call({ headers: sentId })
    await call()
    expect(events.map(({ requestId }) => requestId)).toEqual(['sent-1', undefined])
  })

  it('comes once for a failure, too', async () => {
    const { call, events } = setup(() => {
      throw connectionError('ECONNREFUSED')
    })
    await failure(call({ headers: sentId }))
    expect(events).toMatchObject([{ status: undefined, requestId: 'sent-1' }])
  })
})

import { describe, expect, it } from 'vitest'
import type { AuthError } from '../../src/errors/auth-error.ts'
import { type Fetch, fetchWhole, mayHaveActed, networkError } from '../../src/http/transport.ts'
import { failure } from '../support/async.ts'
import { connectionError, fakeFetch, json, redirectTo } from '../support/fetches.ts'

const url = 'https://auth.lanonasis.com/oauth/token?secret=canary'
const post = { method: 'POST', body: '{}' }
const options = (fetch: Fetch) => ({ fetch, timeoutMs: 60_000 })

/** Never answers, as a server that hangs. */
const hanging: Fetch = (_input, init) =>
  new Promise((_, reject) => {
    init?.signal?.addEventListener('abort', () => reject(init.signal?.reason))
  })

function streaming(...chunks: (Uint8Array | Error)[]): Response {
  return new Response(
    new ReadableStream<Uint8Array>({
      pull(controller) {
        const chunk = chunks.shift()
        if (chunk === undefined) controller.close()
        else if (chunk instanceof Error) controller.error(chunk)
        else controller.enqueue(chunk)
      },
    }),
  )
}

describe('fetchWhole', () => {
  it('gives an answer that is read already, whatever its status', async () => {
    const { fetch } = fakeFetch(() => json(503, { error: 'busy' }, { 'retry-after': '3' }))
    const response = await fetchWhole(url, post, options(fetch))
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '3'])
    expect(await response.json()).toEqual({ error: 'busy' })
  })

  it.each([204, 205, 304])('takes an answer without a body (%i)', async (status) => {
    const { fetch } = fakeFetch(() => new Response(null, { status }))
    expect((await fetchWhole(url, post, options(fetch))).status).toBe(status)
  })

  it('puts a character together that came in two pieces', async () => {
    const [first = 0, ...rest] = new TextEncoder().encode('é')
    const { fetch } = fakeFetch(() => streaming(Uint8Array.of(first), Uint8Array.from(rest)))
    expect(await (await fetchWhole(url, post, options(fetch))).text()).toBe('é')
  })

  it('★7 does not follow a redirect, which would carry the body on', async () => {
    const { fetch, sent } = fakeFetch(() => redirectTo('https://evil.example.com/', 307))
    expect((await fetchWhole(url, post, options(fetch))).status).toBe(307)
    expect(sent).toHaveLength(1)
    expect(sent[0]?.redirect).toBe('manual')
  })

  it('★7 takes a redirect that a page cannot see for a bad answer', async () => {
    const opaque = Object.defineProperty(new Response(null), 'type', { value: 'opaqueredirect' })
    const { fetch } = fakeFetch(() => opaque)
    expect(await failure(fetchWhole(url, post, options(fetch)))).toMatchObject({
      code: 'invalid_response',
      message: 'https://auth.lanonasis.com/oauth/token answered with a redirect.',
    })
  })

  it('stops reading an answer that does not end', async () => {
    const { fetch } = fakeFetch(
      () =>
        new Response(
          new ReadableStream({
            pull: (controller) => controller.enqueue(new Uint8Array(500_000)),
          }),
        ),
    )
    expect(await failure(fetchWhole(url, post, options(fetch)))).toMatchObject({
      code: 'invalid_response',
    })
  })

  it('is a network error when the connection breaks in the middle of the answer', async () => {
    const half = new TextEncoder().encode('{"access_tok')
    const { fetch } = fakeFetch(() => streaming(half, connectionError('UND_ERR_SOCKET')))
    const error = (await failure(fetchWhole(url, post, options(fetch)))) as AuthError
    expect(error).toMatchObject({ code: 'network_error' })
    expect(mayHaveActed(error)).toBe(true)
  })

  it('is a timeout when the answer takes too long, be it its beginning or its end', async () => {
    const endless: Fetch = async (_input, init) =>
      new Response(
        new ReadableStream({
          start(controller) {
            init?.signal?.addEventListener('abort', () => controller.error(init.signal?.reason))
          },
        }),
      )
    for (const fetch of [hanging, endless]) {
      expect(await failure(fetchWhole(url, post, { fetch, timeoutMs: 1 }))).toMatchObject({
        code: 'timeout',
        message: 'https://auth.lanonasis.com/oauth/token did not answer within 1 ms.',
      })
    }
  })

  it('ends when its caller does, before the request and during it', async () => {
    const { fetch, sent } = fakeFetch(() => json(200, {}))
    const before = { ...options(fetch), signal: AbortSignal.abort() }
    expect(await failure(fetchWhole(url, post, before))).toMatchObject({ code: 'aborted' })
    expect(sent).toEqual([])

    const controller = new AbortController()
    const during = { ...options(hanging), signal: controller.signal }
    const waiting = failure(fetchWhole(url, post, during))
    controller.abort()
    expect(await waiting).toMatchObject({ code: 'aborted' })
  })
})

describe('networkError', () => {
  it('says which connection failed and how, without the query', () => {
    const error = networkError(connectionError('CERT_HAS_EXPIRED'), 'https://auth.lanonasis.com')
    expect(error.message).toBe('No connection to https://auth.lanonasis.com (CERT_HAS_EXPIRED).')
  })

  it('says nothing of a code where there is none, as in browsers', () => {
    const error = networkError(new TypeError('Failed to fetch'), 'https://auth.lanonasis.com')
    expect(error.message).toBe('No connection to https://auth.lanonasis.com.')
  })
})

describe('mayHaveActed', () => {
  it.each([
    'ECONNREFUSED',
    'ENOTFOUND',
    'EAI_AGAIN',
    'ENETUNREACH',
    'EHOSTUNREACH',
    'UND_ERR_CONNECT_TIMEOUT',
  ])('is certain that nothing was sent after %s', (code) => {
    expect(mayHaveActed(networkError(connectionError(code), 'x'))).toBe(false)
  })

  it('is not certain after any other end, and a browser gives no reason', () => {
    expect(mayHaveActed(networkError(connectionError('ECONNRESET'), 'x'))).toBe(true)
    expect(mayHaveActed(networkError(new TypeError('Failed to fetch'), 'x'))).toBe(true)
  })
})

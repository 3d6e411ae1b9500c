import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { AuthError } from '../../src/errors/auth-error.ts'
import { credentialedFetch, notesOn } from '../../src/http/credentialed-fetch.ts'
import type { Fetch } from '../../src/http/transport.ts'
import { wholeFetch } from '../../src/http/whole-fetch.ts'
import { Secret } from '../../src/secret/secret.ts'
import { failure } from '../support/async.ts'
import { connectionError, fakeFetch, json } from '../support/fetches.ts'
import { epoch } from '../support/setup.ts'

const url = 'https://mcp.lanonasis.com/api/v1/memory?secret=canary'
const bytes = (text: string) => new TextEncoder().encode(text)

/** A body that begins and then does not go on; as with the platform's fetch, the signal ends it. */
function endless(signals: (AbortSignal | null | undefined)[] = []): Fetch {
  return async (_input, init) => {
    const { signal } = init ?? {}
    signals.push(signal)
    return new Response(
      new ReadableStream({
        start(controller) {
          controller.enqueue(bytes('{"id":'))
          signal?.addEventListener('abort', () => controller.error(signal.reason))
        },
      }),
    )
  }
}

function broken(error: unknown, status = 200): Fetch {
  return async () => {
    const body = new ReadableStream({
      pull: (controller) => controller.error(error),
    })
    return new Response(body, { status })
  }
}

/** A real server for one test. */
async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
}

describe('a whole answer', () => {
  it.each([200, 201, 401, 404, 503])(
    'is what the fetch beneath gave, with status %i',
    async (status) => {
      const { fetch, sent } = fakeFetch(() => json(status, { a: 'é' }, { 'x-request-id': 'req-1' }))
      const response = await wholeFetch(fetch, 60_000)(url, { method: 'PUT', body: 'x' })
      expect([response.status, response.headers.get('x-request-id')]).toEqual([status, 'req-1'])
      expect(await response.json()).toEqual({ a: 'é' })
      expect(sent).toMatchObject([{ method: 'PUT', url, body: 'x' }])
    },
  )

  it.each([204, 205, 304])('may have no body (%i)', async (status) => {
    const { fetch } = fakeFetch(() => new Response(null, { status }))
    const response = await wholeFetch(fetch, 60_000)(url)
    expect([response.status, response.body]).toEqual([status, null])
  })

  it('takes a Request as well', async () => {
    const { fetch, sent } = fakeFetch(() => json(200, {}))
    await wholeFetch(fetch, 60_000)(new Request(url, { method: 'POST', body: '{}' }))
    expect(sent).toMatchObject([{ method: 'POST', url, body: '{}' }])
  })

  it('keeps what is known of it', async () => {
    const error = new AuthError('api_key_expired', 'The API key has expired.')
    const { fetch } = fakeFetch(() => json(401, {}))
    const credentialed = credentialedFetch({
      fetch,
      policy: () => ({ service: 'mcpHttp', use: 'key-first' }),
      credential: async () => ({ type: 'api-key', secret: new Secret('lano_key') }),
      judge: async () => ({ type: 'error', error }),
      headers: () => ({}),
      replayRequests: true,
      browser: false,
      timeoutMs: 60_000,
      now: () => epoch,
      onRequest: () => {},
    })
    const response = await wholeFetch(
      credentialed,
      60_000,
    )('https://mcp.lanonasis.com/api/v1/memory')
    expect(notesOn(response)).toMatchObject({ credential: { type: 'api-key' }, error })
  })

  it('leaves no timer behind', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    onTestFinished(() => void vi.useRealTimers())
    const { fetch } = fakeFetch(() => json(200, {}))
    await wholeFetch(fetch, 60_000)(url)
    await failure(wholeFetch(broken(connectionError('ECONNRESET')), 60_000)(url))
    expect(vi.getTimerCount()).toBe(0)
  })
})

describe('an answer that is not whole', () => {
  it.each([200, 404, 503])('is a network error when it breaks off (%i)', async (status) => {
    const fetch = wholeFetch(broken(connectionError('UND_ERR_SOCKET'), status), 60_000)
    expect(await failure(fetch(url))).toMatchObject({
      code: 'network_error',
      retryable: true,
      message: 'No connection to https://mcp.lanonasis.com (UND_ERR_SOCKET).',
    })
  })

  it('is a timeout when it does not end, and its connection is ended', async () => {
    const signals: AbortSignal[] = []
    const fetch = wholeFetch(endless(signals), 20)
    expect(await failure(fetch(url))).toMatchObject({
      code: 'timeout',
      retryable: true,
      message: 'https://mcp.lanonasis.com did not finish its answer within 20 ms.',
    })
    expect(signals.map(({ aborted }) => aborted)).toEqual([true])
  })

  it("is the caller's doing when the caller has given up", async () => {
    const calls = [
      (signal: AbortSignal) => wholeFetch(endless(), 60_000)(url, { signal }),
      (signal: AbortSignal) => wholeFetch(endless(), 60_000)(new Request(url, { signal })),
    ]
    for (const call of calls) {
      const controller = new AbortController()
      const reading = failure(call(controller.signal))
      setTimeout(() => controller.abort(), 5)
      expect(await reading).toMatchObject({ code: 'aborted' })
    }
  })

  it('is read whole when it is a page of large memories', async () => {
    const contents = Array.from({ length: 50 }, () => 'x'.repeat(100_000))
    const response = await wholeFetch(async () => json(200, contents), 60_000)(url)
    expect(await response.json()).toEqual(contents)
  })

  it('is refused when it is larger than any answer of these services', async () => {
    const fetch: Fetch = async () =>
      new Response(
        new ReadableStream({ pull: (controller) => controller.enqueue(new Uint8Array(500_000)) }),
      )
    expect(await failure(wholeFetch(fetch, 60_000)(url))).toMatchObject({
      code: 'invalid_response',
      retryable: false,
    })
  })

  it('is not expected when there was none: the failure beneath is passed on', async () => {
    const error = new AuthError('login_required', 'Nobody is signed in.')
    expect(await failure(wholeFetch(() => Promise.reject(error), 60_000)(url))).toBe(error)
  })

  it('is told from a whole one on a real connection', async () => {
    const origin = await serve((request, response) => {
      response.writeHead(200, { 'content-length': '20' })
      response.write('{"id":', () => {
        if (request.url === '/cut') request.socket.destroy()
      })
    })
    const fetch = wholeFetch((input, init) => globalThis.fetch(input, init), 500)
    expect(await failure(fetch(`${origin}cut`))).toMatchObject({ code: 'network_error' })
    expect(await failure(fetch(`${origin}endless`))).toMatchObject({ code: 'timeout' })
  })
})

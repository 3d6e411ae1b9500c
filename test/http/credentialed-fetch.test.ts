import { describe, expect, it } from 'vitest'
import { presets } from '../../src/endpoints/presets.ts'
import { AuthError } from '../../src/errors/auth-error.ts'
import {
  type CredentialedFetchOptions,
  credentialedFetch,
  notesOn,
  type RefusedRequest,
} from '../../src/http/credentialed-fetch.ts'
import { lanonasisPolicy, type PolicyDecision } from '../../src/http/policy.ts'
import type { RequestEvent } from '../../src/http/request-event.ts'
import { Secret } from '../../src/secret/secret.ts'
import { deferred, failure } from '../support/async.ts'
import { type Answering, connectionError, fakeFetch, json, redirectTo } from '../support/fetches.ts'
import { epoch } from '../support/setup.ts'

const mcp = 'https://mcp.lanonasis.com/api/v1'
const token = new Secret('the-access-token')
const key = new Secret('lano_the-key')

function setup(answer: Answering, options: Partial<CredentialedFetchOptions> = {}) {
  const { fetch, sent } = fakeFetch(answer)
  const events: RequestEvent[] = []
  const asked: PolicyDecision[] = []
  const refused: RefusedRequest[] = []
  const browser = options.browser ?? false
  const call = credentialedFetch({
    fetch,
    policy: lanonasisPolicy(presets.production, { browser }),
    credential: async (decision) => {
      asked.push(decision)
      return decision.use === 'key-first'
        ? { type: 'api-key', secret: key }
        : { type: 'bearer', secret: token }
    },
    judge: async (request) => {
      refused.push(request)
      return { type: 'error', error: new AuthError('service_unavailable', 'Who knows.') }
    },
    headers: () => ({}),
    replayRequests: true,
    browser,
    timeoutMs: 60_000,
    now: () => epoch,
    onRequest: (event) => events.push(event),
    ...options,
  })
  return { call, sent, events, asked, refused }
}

const ok: Answering = () => json(200, {})
const credentialsOf = ({ headers }: { headers: Headers }) => [
  headers.get('authorization'),
  headers.get('x-api-key'),
]
const bearer = ['Bearer the-access-token', null]
const apiKey = [null, 'lano_the-key']

describe('the credential of a request', () => {
  const rows = [
    ['key management', `${mcp}/auth/api-keys`, bearer],
    ['key management at the gateway', 'https://auth.lanonasis.com/api/v1/api-keys', bearer],
    ['the gateway', 'https://auth.lanonasis.com/v1/auth/introspect', bearer],
    ['MCP Core', `${mcp}/memory`, apiKey],
    ['MCP Core, events', `${mcp}/events`, apiKey],
    ['the REST API, memories', 'https://api.lanonasis.com/api/v1/memory/1', apiKey],
    ['the REST API, the rest', 'https://api.lanonasis.com/api/v1/projects', bearer],
  ] as const

  it.each(rows)('★5 is exactly one for %s', async (_target, url, expected) => {
    const { call, sent } = setup(ok)
    await call(url)
    expect(sent.map(credentialsOf)).toEqual([expected])
  })

  it.each(rows)(
    '★5 is one for %s, though the caller brings two',
    async (_target, url, expected) => {
      const { call, sent } = setup(ok)
      const headers = { Authorization: 'Bearer mine', 'X-API-Key': 'mine', accept: 'text/plain' }
      await call(url, { headers })
      await call(new Request(url, { headers }))
      await call(new Request(url, { headers }), { headers: new Headers(headers) })
      expect(sent.map(credentialsOf)).toEqual([expected, expected, expected])
      expect(sent.map((request) => request.headers.get('accept'))).toEqual(
        Array(3).fill('text/plain'),
      )
    },
  )

  it.each([
    'https://example.com/api/v1/memory',
    'https://auth.lanonasis.com:3005/oauth/introspect',
    'http://mcp.lanonasis.com/api/v1/memory',
    'https://mcp.lanonasis.com.example.com/',
    'ftp://mcp.lanonasis.com/',
    'https://user:password@mcp.lanonasis.com/api/v1/memory',
  ])('does not go to %s: nothing is sent, and no credential is asked for', async (url) => {
    const { call, sent, asked } = setup(ok)
    expect(await failure(call(url))).toMatchObject({ code: 'origin_not_allowed' })
    expect([sent, asked]).toEqual([[], []])
  })

  it('is not known for an address that is not absolute', async () => {
    const { call } = setup(ok)
    expect(await failure(call('/memory'))).toMatchObject({ code: 'validation_failed' })
  })

  it('★6 never goes with an address that holds it already', async () => {
    const { call, sent } = setup(ok)
    for (const query of [
      'api_key=lano_the-key',
      'q=x&token=%6Cano_the-key',
      'a=bearer+lano_the-key',
    ]) {
      expect(await failure(call(`${mcp}/memory?${query}`))).toMatchObject({
        code: 'validation_failed',
      })
    }
    expect(sent).toEqual([])
    await call(`${mcp}/memory?q=harmless`)
    expect(sent[0]?.url).toBe(`${mcp}/memory?q=harmless`)
  })

  it('is remembered with the answer, because a failure means something else for each', async () => {
    const { call } = setup(() => json(403, {}))
    expect(notesOn(await call(`${mcp}/memory`))).toMatchObject({ credential: { type: 'api-key' } })
    expect(notesOn(await call(`${mcp}/auth/api-keys`))).toMatchObject({
      credential: { type: 'bearer' },
    })
    expect(notesOn(json(403, {}))).toBeUndefined()
  })

  it('is not sent when there is none: the failure is passed on', async () => {
    const { call, sent } = setup(ok, {
      credential: () => Promise.reject(new Error('nobody is signed in')),
    })
    expect(await failure(call(`${mcp}/memory`))).toMatchObject({ message: 'nobody is signed in' })
    expect(sent).toEqual([])
  })
})

describe('an answer that nobody will read', () => {
  it.each([
    ['a refusal that is repeated', () => json(401, {})],
    [
      'a redirect that is followed',
      () => new Response('moved', { status: 302, headers: { location: '/api/v1/memories' } }),
    ],
  ])('is not waited for where somebody keeps a clone of it: %s', async (_what, first) => {
    const clones: Response[] = []
    const answers = [first(), new Response('found')]
    const { call, sent } = setup(
      () => {
        const answer = answers.shift() ?? new Response(null)
        clones.push(answer.clone())
        return answer
      },
      { judge: async () => ({ type: 'retry' }) },
    )
    expect(await (await call(`${mcp}/memory`)).text()).toBe('found')
    expect([sent.length, clones.length]).toEqual([2, 2])
  })
})

describe('redirects of a request with a credential', () => {
  it.each([301, 302, 303, 307, 308])(
    '★7 to another origin (%i) are refused, and nothing is sent there',
    async (status) => {
      const { call, sent } = setup(() => redirectTo('https://evil.example.com/', status))
      expect(await failure(call(`${mcp}/memory`))).toMatchObject({
        code: 'origin_not_allowed',
        status,
      })
      expect(sent.map(({ url }) => url)).toEqual([`${mcp}/memory`])
    },
  )

  it.each([
    ['another of our services', 'https://auth.lanonasis.com/'],
    ['the same host without TLS', 'http://mcp.lanonasis.com/api/v1/memory'],
    ['the same host at another port', 'https://mcp.lanonasis.com:8443/api/v1/memory'],
  ])('★7 to %s are refused too', async (_what, location) => {
    const { call, sent } = setup(() => redirectTo(location))
    expect(await failure(call(`${mcp}/memory`))).toMatchObject({ code: 'origin_not_allowed' })
    expect(sent).toHaveLength(1)
  })

  it('★7 are never left to the platform', async () => {
    const { call, sent } = setup(ok)
    await call(`${mcp}/memory`)
    await call(new Request(`${mcp}/memory`, { redirect: 'follow' }), { redirect: 'follow' })
    expect(sent.map(({ redirect }) => redirect)).toEqual(['manual', 'manual'])
  })

  it('★7 are an error in a browser, which would follow them with the key', async () => {
    const { call, sent } = setup(ok, { browser: true })
    await call(`${mcp}/memory`)
    expect(sent[0]?.redirect).toBe('error')
  })

  it.each(['GET', 'HEAD'])(
    'of %s are followed within the origin, with a credential',
    async (method) => {
      const { call, sent, events } = setup(({ url }) =>
        url.endsWith('/memory') ? redirectTo('/api/v1/memories?page=2') : new Response(null),
      )
      expect((await call(`${mcp}/memory`, { method })).status).toBe(200)
      expect(sent.map(({ url }) => url)).toEqual([`${mcp}/memory`, `${mcp}/memories?page=2`])
      expect(sent.map(credentialsOf)).toEqual([apiKey, apiKey])
      expect(events.map(({ attempt }) => attempt)).toEqual([1, 2])
    },
  )

  it('get the credential of the place they lead to', async () => {
    const { call, sent } = setup(({ url }) =>
      url.endsWith('/memory') ? redirectTo('/api/v1/auth/api-keys') : json(200, {}),
    )
    await call(`${mcp}/memory`)
    expect(sent.map(credentialsOf)).toEqual([apiKey, bearer])
  })

  it('are followed five times at most', async () => {
    let left = 5
    const { call, sent } = setup(() => (left-- > 0 ? redirectTo('/api/v1/memory') : json(200, {})))
    expect((await call(`${mcp}/memory`)).status).toBe(200)
    left = 6
    expect(await failure(call(`${mcp}/memory`))).toMatchObject({ code: 'invalid_response' })
    expect(sent).toHaveLength(12)
  })

  it.each(['POST', 'PUT', 'DELETE'])('★7 never carry a %s on', async (method) => {
    const { call, sent } = setup(() => redirectTo('/api/v1/memories', 307))
    expect(await failure(call(`${mcp}/memory`, { method }))).toMatchObject({
      code: 'invalid_response',
      status: 307,
    })
    expect(sent).toHaveLength(1)
  })

  it('are refused where a page cannot see their target', async () => {
    const opaque = Object.defineProperties(new Response(null), {
      type: { value: 'opaqueredirect' },
      status: { value: 0 },
    })
    const { call } = setup(() => opaque)
    expect(await failure(call(`${mcp}/memory`))).toMatchObject({ code: 'origin_not_allowed' })
  })

  it('are answers like any other when they lead nowhere', async () => {
    const { call } = setup(() => new Response(null, { status: 302 }))
    expect((await call(`${mcp}/memory`)).status).toBe(302)
  })
})

describe('the answer', () => {
  it.each([200, 204, 304, 400, 401, 403, 429, 500, 503])(
    'is returned with status %i',
    async (status) => {
      const { call } = setup(() => new Response(null, { status }))
      expect((await call(`${mcp}/memory`)).status).toBe(status)
    },
  )

  it('is for the request that the caller made, with its body', async () => {
    const { call, sent } = setup(ok)
    const body = JSON.stringify({ title: 'Example' })
    const headers = { 'content-type': 'application/json' }
    await call(new Request(`${mcp}/memory`, { method: 'POST', body, headers }))
    await call(`${mcp}/memory`, { method: 'post', body, headers })
    for (const request of sent) {
      expect(request).toMatchObject({ method: 'POST', body })
      expect(request.headers.get('content-type')).toBe('application/json')
    }
  })

  it('is a network error when there is none', async () => {
    const { call, events } = setup(() => {
      throw connectionError('ECONNREFUSED')
    })
    expect(await failure(call(`${mcp}/memory`))).toMatchObject({
      code: 'network_error',
      retryable: true,
      message: 'No connection to https://mcp.lanonasis.com (ECONNREFUSED).',
    })
    expect(events).toMatchObject([{ route: '/api/v1/memory', status: undefined }])
  })

  it('is a timeout when it does not begin in time', async () => {
    const { call } = setup(ok, {
      timeoutMs: 1,
      fetch: (_input, init) =>
        new Promise((_, reject) => {
          init?.signal?.addEventListener('abort', () => reject(init.signal?.reason))
        }),
    })
    expect(await failure(call(`${mcp}/memory`))).toMatchObject({
      code: 'timeout',
      message: 'https://mcp.lanonasis.com did not answer within 1 ms.',
    })
  })

  it('is not waited for when the caller gives up', async () => {
    const controller = new AbortController()
    const { call } = setup(ok, {
      fetch: (_input, init) =>
        new Promise((_, reject) => {
          init?.signal?.addEventListener('abort', () => reject(init.signal?.reason))
          controller.abort()
        }),
    })
    const { signal } = controller
    expect(await failure(call(`${mcp}/memory`, { signal }))).toMatchObject({ code: 'aborted' })
  })

  it('is not asked for when the caller has given up before', async () => {
    const { call, sent, asked } = setup(ok)
    const signal = AbortSignal.abort()
    expect(await failure(call(`${mcp}/memory`, { signal }))).toMatchObject({ code: 'aborted' })
    expect(await failure(call(new Request(`${mcp}/memory`, { signal })))).toMatchObject({
      code: 'aborted',
    })
    expect([sent, asked]).toEqual([[], []])
  })

  it("stays under the caller's signal while its body is read", async () => {
    const controller = new AbortController()
    const seen = deferred<AbortSignal>()
    const { call } = setup(ok, {
      fetch: async (_input, init) => {
        if (init?.signal) seen.resolve(init.signal)
        return json(200, {})
      },
    })
    await call(`${mcp}/memory`, { signal: controller.signal })
    const signal = await seen.promise
    expect(signal.aborted).toBe(false)
    controller.abort()
    expect(signal.aborted).toBe(true)
  })
})

describe('a 401', () => {
  const url = `${mcp}/memory`
  const unauthorized = () => json(401, {})

  /** Refuses the first request, and looks at what the second one carries. */
  function retrying(options: Partial<CredentialedFetchOptions> = {}) {
    let requests = 0
    return setup(() => json(++requests === 1 ? 401 : 200, {}), {
      judge: async () => ({ type: 'retry' }),
      ...options,
    })
  }

  it('is looked into, and what it means goes with the answer', async () => {
    const { call, sent, refused } = setup(unauthorized)
    const response = await call(url)
    expect(response.status).toBe(401)
    expect(notesOn(response)?.error).toMatchObject({ code: 'service_unavailable' })
    expect(refused).toMatchObject([{ credential: { type: 'api-key' }, url: new URL(url) }])
    expect(sent).toHaveLength(1)
  })

  it('is sent again once, with the credential of that moment', async () => {
    const secrets = [new Secret('dead'), new Secret('alive')]
    const { call, sent, events } = retrying({
      credential: async () => ({ type: 'bearer', secret: secrets.shift() ?? token }),
    })
    expect((await call(url)).status).toBe(200)
    expect(sent.map(({ headers }) => headers.get('authorization'))).toEqual([
      'Bearer dead',
      'Bearer alive',
    ])
    expect(events.map(({ attempt, status }) => [attempt, status])).toEqual([
      [1, 401],
      [2, 200],
    ])
  })

  it('is not sent a third time', async () => {
    const { call, sent } = setup(unauthorized, { judge: async () => ({ type: 'retry' }) })
    expect((await call(url)).status).toBe(401)
    expect(sent).toHaveLength(2)
  })

  it('is sent again with a body that is still there', async () => {
    const bodies = [
      '{}',
      new URLSearchParams('a=1'),
      new Blob(['{}']),
      new TextEncoder().encode('{}'),
    ]
    for (const body of bodies) {
      const { call, sent } = retrying()
      expect((await call(url, { method: 'POST', body })).status).toBe(200)
      expect(sent[1]?.body).toBe(sent[0]?.body)
    }
    const { call, sent } = retrying()
    await call(new Request(url, { method: 'POST', body: '{"a":1}' }))
    expect(sent.map(({ body }) => body)).toEqual(['{"a":1}', '{"a":1}'])
  })

  it('is not sent again with a body that is gone', async () => {
    const { call, sent } = retrying()
    const body = new Blob(['{}']).stream()
    const init = { method: 'POST', body, duplex: 'half' } as RequestInit
    expect((await call(url, init)).status).toBe(401)
    expect(sent).toHaveLength(1)
    const other = retrying({ replayRequests: false })
    expect((await other.call(new Request(url, { method: 'POST', body: '{}' }))).status).toBe(401)
    expect(other.sent).toHaveLength(1)
  })

  it('without any credential left is the failure of the one who looked into it', async () => {
    const { call } = setup(unauthorized, {
      judge: () => Promise.reject(new AuthError('session_expired', 'The session has ended.')),
    })
    expect(await failure(call(url))).toMatchObject({ code: 'session_expired' })
  })
})

describe('headers of our own', () => {
  it("are added, and give way to the caller's", async () => {
    const { call, sent } = setup(ok, {
      headers: ({ service }) => ({ 'x-request-id': `made-for-${service}` }),
    })
    await call(`${mcp}/memory`)
    await call(`${mcp}/memory`, { headers: { 'X-Request-ID': 'mine' } })
    expect(sent.map(({ headers }) => headers.get('x-request-id'))).toEqual([
      'made-for-mcpHttp',
      'mine',
    ])
  })
})

describe('the report of a request', () => {
  it('says what was asked, what came of it and how long it took, and nothing of the query', async () => {
    let now = epoch
    const { call, events } = setup(
      () => {
        now += 25
        return json(201, {}, { 'x-request-id': 'req-1' })
      },
      { now: () => now },
    )
    await call(`${mcp}/memory?q=private`, { method: 'POST' })
    expect(events).toEqual([
      {
        service: 'mcpHttp',
        method: 'POST',
        route: '/api/v1/memory',
        status: 201,
        requestId: 'req-1',
        attempt: 1,
        durationMs: 25,
      },
    ])
  })
})

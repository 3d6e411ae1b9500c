import { describe, expect, it } from 'vitest'
import { judgeApiKey, type KeyVerdict } from '../../src/gateway/identity.ts'
import { Secret } from '../../src/secret/secret.ts'
import { failure } from '../support/async.ts'
import { type Answering, connectionError, fakeFetch, json } from '../support/fetches.ts'
import { platformAt } from '../support/setup.ts'

const gateway = 'https://auth.lanonasis.com'
const key = new Secret('pk_1.sk_canary')

function setup(answer: Answering) {
  const { fetch, sent } = fakeFetch(answer)
  return { sent, judge: () => judgeApiKey(gateway, key, { fetch, timeoutMs: 60_000 }) }
}

/** One answer for each of the two routes. */
function routes(introspect: () => Response, verify: () => Response): Answering {
  return ({ url }) => (url.endsWith('/introspect') ? introspect() : verify())
}

const missing = () => json(404, { error: 'Not found', code: 'ROUTE_NOT_FOUND' })
const refused = (code: string, status = 401) => json(status, { valid: false, error: { code } })
const unsent = (): Response => {
  throw new Error('This route was not to be asked.')
}

describe('what the gateway says of an API key', () => {
  const rows: [string, () => Response, KeyVerdict][] = [
    ['valid', () => json(200, { valid: true, identity: {}, error: null }), 'valid'],
    ['expired', () => refused('expired_credential'), 'expired'],
    ['invalid', () => refused('invalid_credential'), 'invalid'],
    ['valid: false with 200', () => refused('expired_credential', 200), 'expired'],
    ['that it cannot tell', () => refused('gateway_unavailable', 503), 'unknown'],
    ['that the scope is not allowed', () => refused('unauthorized_project_scope', 403), 'unknown'],
    ['a code of the future', () => refused('on_holiday'), 'unknown'],
    ['valid: false and nothing else', () => json(401, { valid: false }), 'unknown'],
    [
      'that it has had enough',
      () => json(429, { error: 'RATE_LIMITED', retryAfter: 30 }),
      'unknown',
    ],
    ['that it failed', () => json(500, { error: 'Internal server error' }), 'unknown'],
    ['a proxy page', () => new Response('<html>502</html>', { status: 502 }), 'unknown'],
    ['nothing', () => new Response(null, { status: 401 }), 'unknown'],
    ['a list', () => json(200, [true]), 'unknown'],
    ['to go elsewhere', () => Response.redirect('https://evil.example.com/', 307), 'unknown'],
  ]

  it.each(rows)('%s', async (_what, answer, verdict) => {
    const { judge, sent } = setup(routes(answer, unsent))
    expect(await judge()).toBe(verdict)
    expect(sent).toHaveLength(1)
  })

  it.each(['ECONNREFUSED', 'ENOTFOUND', 'UND_ERR_SOCKET'])('nothing, for %s', async (code) => {
    const { judge } = setup(() => {
      throw connectionError(code)
    })
    expect(await judge()).toBe('unknown')
  })

  it('nothing in time', async () => {
    const hanging = (_input: unknown, init?: RequestInit) =>
      new Promise<Response>((_, reject) => {
        init?.signal?.addEventListener('abort', () => reject(init.signal?.reason))
      })
    expect(await judgeApiKey(gateway, key, { fetch: hanging, timeoutMs: 1 })).toBe('unknown')
  })

  it('at the older route, where the newer one is missing', async () => {
    const invalid = () =>
      json(401, { valid: false, code: 'API_KEY_INVALID', reason: 'has expired' })
    const old = setup(routes(missing, invalid))
    expect(await old.judge()).toBe('invalid')
    expect(old.sent.map(({ url }) => url)).toEqual([
      `${gateway}/v1/auth/introspect`,
      `${gateway}/v1/auth/verify-api-key`,
    ])
    const valid = () => json(200, { valid: true, userId: '1', permissions: [] })
    expect(await setup(routes(missing, valid)).judge()).toBe('valid')
    expect(await setup(routes(missing, () => json(500, {}))).judge()).toBe('unknown')
  })

  it('at neither route', async () => {
    expect(await setup(routes(missing, missing)).judge()).toBe('unsupported')
  })

  it('★5 ★6 ★19 to a request with the key in a header, a body, and nothing else of it', async () => {
    const { judge, sent } = setup(() => json(200, { valid: true }))
    await judge()
    expect(sent).toMatchObject([
      { method: 'POST', url: `${gateway}/v1/auth/introspect`, body: '{}', redirect: 'manual' },
    ])
    expect(Object.fromEntries(sent[0]?.headers ?? [])).toEqual({
      'x-api-key': 'pk_1.sk_canary',
      'content-type': 'application/json',
      accept: 'application/json',
    })
  })

  it('is not waited for when the caller gives up', async () => {
    const { fetch, sent } = fakeFetch(() => json(200, { valid: true }))
    const signal = AbortSignal.abort()
    const judging = judgeApiKey(gateway, key, { fetch, timeoutMs: 60_000, signal })
    expect(await failure(judging)).toMatchObject({ code: 'aborted' })
    expect(sent).toEqual([])
  })
})

describe('what the platform says of an API key', () => {
  it('is understood at both routes', async () => {
    const platform = platformAt()
    const transport = { fetch: platform.fetch, timeoutMs: 60_000 }
    const judge = (text: string) => judgeApiKey(gateway, new Secret(text), transport)
    const { id, key } = await platform.createApiKey()
    expect([await judge(key), await judge('pk_of.sk_nobody')]).toEqual(['valid', 'invalid'])
    platform.expireApiKey(id)
    expect(await judge(key)).toBe('expired')
    platform.order({ match: 'POST /v1/auth/introspect', action: { status: 404 } })
    expect(await judge(key)).toBe('invalid')
  })
})

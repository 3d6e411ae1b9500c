import { describe, expect, it } from 'vitest'
import { platformAt } from '../../support/setup.ts'
import { examine, overriding, statuses, troubles } from '../examine.ts'

const origin = 'https://dashboard.lanonasis.com'

describe('a page', () => {
  it('of an origin on the list may call every service', async () => {
    const platform = platformAt()
    const findings = await examine('cors', { platform, options: { origin } })
    expect(statuses(findings)).toEqual(['ok', 'ok', 'ok', 'ok', 'ok', 'ok', 'ok'])
    expect(platform.requests.map(({ method, path }) => `${method} ${path}`).sort()).toEqual([
      'GET /oauth/authorize',
      'OPTIONS ',
      'OPTIONS /memory',
      'OPTIONS /memory',
      'OPTIONS /memory/doctor',
      'OPTIONS /memory/doctor',
      'OPTIONS /oauth/token',
    ])
  })

  it('★8 ★28 is asked about with nothing optional: no X-API-Key, X-Request-ID or Last-Event-ID', async () => {
    const platform = platformAt()
    await examine('cors', { platform, options: { origin } })
    const asked = platform.requests.map(({ headers }) =>
      new Headers(headers).get('access-control-request-headers'),
    )
    expect(asked.filter((names) => names !== null)).toHaveLength(6)
    expect(asked.join(' ')).not.toMatch(/api-key|request-id|last-event/i)
  })

  it('of another origin gets a 500 from the gateway: it has to be put on the list', async () => {
    const options = { origin: 'https://other.example' }
    const findings = await examine('cors', { options })
    expect(troubles(findings)).toEqual(
      Array.from({ length: 2 }, () => ({
        status: 'failure',
        service: 'authGateway',
        what: expect.stringContaining('https://other.example gets 500'),
        expected: 'Access-Control-Allow-Origin: https://other.example',
        hint: expect.stringContaining('list of the gateway'),
      })),
    )
  })

  it.each([
    [{ 'access-control-allow-origin': 'https://others.example' }, 'others may'],
    [{}, 'is not told that it may'],
    [{ 'access-control-allow-origin': '*' }, 'authorization, content-type is not allowed'],
    [
      { 'access-control-allow-origin': '*', 'access-control-allow-headers': '*' },
      'authorization is not allowed',
    ],
  ])('that is answered %j may not call MCP Core', async (headers, what) => {
    const platform = platformAt()
    platform.order({
      match: 'OPTIONS /memory',
      service: 'mcpHttp',
      action: { status: 204, headers },
    })
    expect(troubles(await examine('cors', { platform, options: { origin } }))).toMatchObject([
      {
        status: 'failure',
        service: 'mcpHttp',
        what: expect.stringContaining(what),
        hint: expect.stringContaining('CORS settings'),
      },
    ])
  })

  it.each([
    ['GET, POST, PUT', ['DELETE']],
    ['GET, POST', ['PUT', 'DELETE']],
    ['*', []],
    ['get, post, put, Delete', ['PUT', 'DELETE']],
  ])('that is allowed %j is told what else it needs for memories', async (methods, lacking) => {
    const platform = platformAt()
    const headers = {
      'access-control-allow-origin': origin,
      'access-control-allow-headers': 'authorization, content-type',
      'access-control-allow-methods': methods,
    }
    const action = { status: 204, headers }
    platform.order({ match: 'OPTIONS *', service: 'mcpHttp', action })
    expect(troubles(await examine('cors', { platform, options: { origin } }))).toEqual(
      lacking.map((method) => ({
        status: 'failure',
        service: 'mcpHttp',
        what: `Before ${method} /api/v1/memory/doctor at mcp.lanonasis.com: the method is not allowed.`,
        expected: `Access-Control-Allow-Methods with ${method}`,
        hint: expect.stringContaining('Add the method'),
      })),
    )
  })

  it('is not called refused where a limit has hidden the answer', async () => {
    const platform = platformAt()
    platform.order({ match: '*', action: { status: 429 } })
    const findings = await examine('cors', { platform, options: { origin } })
    expect(new Set(statuses(findings))).toEqual(new Set(['skipped']))
    expect(findings[0]?.what).toMatch(/asks us to wait \(429\)\.$/)
  })

  it('is not blamed for a proxy that finds no gateway', async () => {
    const platform = platformAt()
    platform.order({ match: '*', service: 'authGateway', action: { status: 502 } })
    for (const { hint } of troubles(await examine('cors', { platform, options: { origin } }))) {
      expect(hint).toMatch(/^Look at the log of the service/)
    }
  })

  it('whose preflight wants a credential may not call the service', async () => {
    const platform = platformAt()
    const headers = {
      'access-control-allow-origin': '*',
      'access-control-allow-headers': 'authorization',
    }
    platform.order({ match: 'OPTIONS *', service: 'mcpSse', action: { status: 401, headers } })
    expect(troubles(await examine('cors', { platform, options: { origin } }))).toMatchObject([
      { status: 'failure', service: 'mcpSse', hint: expect.stringContaining('OPTIONS') },
    ])
  })

  it('whose preflights get no answer is told of each', async () => {
    const platform = platformAt()
    platform.order({ match: 'OPTIONS *', action: 'drop' })
    const findings = await examine('cors', { platform, options: { origin } })
    expect(troubles(findings)).toHaveLength(6)
  })
})

describe('an origin', () => {
  it('has to be given', async () => {
    const platform = platformAt()
    expect(statuses(await examine('cors', { platform }))).toEqual(['skipped'])
    expect(platform.requests).toEqual([])
  })

  it.each(['dashboard', 'https://a.example/path', 'vscode://x', ''])('is not %j', async (text) => {
    const platform = platformAt()
    const findings = await examine('cors', { platform, options: { origin: text } })
    expect(findings).toMatchObject([{ status: 'failure', hint: expect.stringContaining('origin') }])
    expect(platform.requests).toEqual([])
  })

  it('may be written with a slash', async () => {
    const findings = await examine('cors', { options: { origin: `${origin}/` } })
    expect(troubles(findings)).toEqual([])
  })
})

it('an unreadable answer to a simple request is told of', async () => {
  const platform = platformAt()
  const fetch = overriding(platform, ({ url, method }) =>
    method === 'GET' && url.pathname === '/oauth/authorize' ? new Response('{}') : undefined,
  )
  expect(
    troubles(await examine('cors', { platform, client: { fetch }, options: { origin } })),
  ).toMatchObject([
    { service: 'authGateway', what: expect.stringContaining('GET /oauth/authorize') },
  ])
})

import { describe, expect, it } from 'vitest'
import { memoryStore } from '../../../src/index.ts'
import { lifeMs, platformAt } from '../../support/setup.ts'
import { examine, statuses } from '../examine.ts'

describe('MCP Core', () => {
  it('★5 is asked with the key alone, where there is one', async () => {
    const platform = platformAt()
    const { key: apiKey } = await platform.createApiKey()
    const store = memoryStore({ tokens: await platform.issueTokens(), apiKey })
    expect(await examine('access', { platform, client: { store } })).toEqual([
      {
        status: 'ok',
        service: 'mcpHttp',
        what: 'MCP Core takes the API key.',
        latencyMs: expect.any(Number),
      },
    ])
    expect(platform.requestsTo('GET /memory').map(({ credential }) => credential)).toEqual([
      'none',
      'api-key',
    ])
  })

  it('is asked with the access token otherwise', async () => {
    const platform = platformAt()
    const store = memoryStore({ tokens: await platform.issueTokens() })
    expect(await examine('access', { platform, client: { store } })).toMatchObject([
      { status: 'ok', what: 'MCP Core takes the access token.' },
    ])
  })

  it('is asked by the newer name where it knows no other', async () => {
    const platform = platformAt()
    platform.order({ match: 'GET /memory', action: { status: 404 } })
    const { key: apiKey } = await platform.createApiKey()
    expect(statuses(await examine('access', { platform, client: { apiKey } }))).toEqual(['ok'])
  })

  it('is not asked with a token that would have to be renewed', async () => {
    const platform = platformAt()
    const store = memoryStore({ tokens: await platform.issueTokens() })
    platform.clock.advance(lifeMs)
    expect(statuses(await examine('access', { platform, client: { store } }))).toEqual(['skipped'])
    expect(platform.requestsTo('POST /oauth/token')).toEqual([])
  })

  it('is not asked without a credential', async () => {
    expect(statuses(await examine('access'))).toEqual(['skipped'])
  })

  it.each([
    [401, 'failure', 'no organisation'],
    [403, 'warning', 'memories:read'],
    [429, 'skipped', undefined],
    [500, 'failure', 'log of MCP Core'],
  ])('that answers %i is a %s', async (status, expected, hint) => {
    const platform = platformAt()
    const { key: apiKey } = await platform.createApiKey()
    let count = 0
    const fetch: typeof platform.fetch = async (input, init) => {
      const isOurs = new Headers(init?.headers).has('x-api-key')
      count += isOurs ? 1 : 0
      return isOurs
        ? new Response('{"error":"x","code":"X"}', { status })
        : platform.fetch(input, init)
    }
    expect(await examine('access', { platform, client: { apiKey, fetch } })).toMatchObject([
      {
        status: expected,
        service: 'mcpHttp',
        ...(hint && { hint: expect.stringContaining(hint) }),
      },
    ])
    expect(count).toBe(1)
  })

  it('that does not answer is told by another check', async () => {
    const platform = platformAt()
    platform.order({ match: '*', service: 'mcpHttp', action: 'drop' })
    const { key: apiKey } = await platform.createApiKey()
    expect(statuses(await examine('access', { platform, client: { apiKey } }))).toEqual(['skipped'])
  })

  it('★1 at an address from a file gets no stored credential', async () => {
    const platform = platformAt()
    const { key } = await platform.createApiKey()
    const findings = await examine('access', {
      platform,
      client: {
        store: memoryStore({ apiKey: key }),
        endpoints: {},
        services: { mcp_http: 'https://mcp.lanonasis.com/api/v1' },
      },
    })
    expect(findings).toMatchObject([
      { status: 'failure', hint: expect.stringContaining('MCP_HTTP_URL') },
    ])
    expect(platform.requests.every(({ credential }) => credential === 'none')).toBe(true)
  })
})

import { describe, expect, it } from 'vitest'
import { connectionError, json } from '../../support/fetches.ts'
import { platformAt } from '../../support/setup.ts'
import { examine, overriding, statuses, troubles } from '../examine.ts'

const services = ['authGateway', 'mcpHttp', 'mcpSse', 'restApi'] as const

describe.each(['roadmap', '2026'] as const)('the services of %s', (generation) => {
  it('are well when each answers in its own voice, with the time it took', async () => {
    const findings = await examine('services', { platform: platformAt({ generation }) })
    expect(findings).toEqual(
      services.map((service) => ({
        status: 'ok',
        service,
        what: expect.stringMatching(/ answers\.$/),
        latencyMs: expect.any(Number),
      })),
    )
  })
})

describe('a service that', () => {
  it.each(services)('refuses connections is a failure: %s', async (service) => {
    const platform = platformAt()
    platform.order({ match: '*', service, action: 'refuse' })
    expect(troubles(await examine('services', { platform }))).toEqual([
      {
        status: 'failure',
        service,
        what: expect.stringContaining('ECONNREFUSED'),
        hint: expect.stringContaining('address of the service'),
      },
    ])
  })

  it('hangs is given up after the time limit', async () => {
    const platform = platformAt()
    platform.order({ match: '*', service: 'mcpHttp', action: 'hang' })
    const findings = await examine('services', { platform, options: { timeoutMs: 30 } })
    expect(troubles(findings)).toMatchObject([
      { status: 'failure', service: 'mcpHttp', what: expect.stringContaining('within 30 ms') },
    ])
  })

  it.each([
    [{ status: 502, body: 'Bad Gateway' }, 'answers 502', 'proxy in front'],
    [{ status: 404, body: { error: 'x', code: 'NOT_FOUND' } }, 'for /api/v1/memories', 'address'],
    [
      { status: 302, headers: { location: 'https://elsewhere.example/x?secret=1' } },
      'a redirect to https://elsewhere.example.',
      'set the address',
    ],
    [
      {
        status: 200,
        body: '<html>Sign in to this network</html>',
        headers: { 'content-type': 'text/html' },
      },
      'a page for people',
      'in between',
    ],
    [{ status: 200, body: { data: [] } }, 'without a credential', 'at once'],
  ])('answers %j is a failure with a hint', async (action, what, hint) => {
    const platform = platformAt()
    platform.order({ match: 'GET /memor*', service: 'mcpHttp', action })
    expect(troubles(await examine('services', { platform }))).toEqual([
      {
        status: 'failure',
        service: 'mcpHttp',
        what: expect.stringContaining(what),
        expected: '401 without a credential',
        hint: expect.stringContaining(hint),
        latencyMs: expect.any(Number),
      },
    ])
  })

  it('knows the newer name of its route only is well', async () => {
    const platform = platformAt()
    platform.order({ match: 'GET /memory', service: 'mcpHttp', action: { status: 404 } })
    expect(statuses(await examine('services', { platform }))).toEqual(['ok', 'ok', 'ok', 'ok'])
    expect(platform.requestsTo('GET /memories')).toHaveLength(1)
  })

  it('asks us to wait is a warning', async () => {
    const platform = platformAt()
    platform.order({ match: '*', service: 'restApi', action: { status: 429 } })
    expect(troubles(await examine('services', { platform }))).toMatchObject([
      { status: 'warning', service: 'restApi', hint: expect.stringContaining('Wait') },
    ])
  })

  it('opens a stream that does not end is waited for no longer than its head', async () => {
    const platform = platformAt()
    let cancelled = false
    const stream = new ReadableStream({
      cancel() {
        cancelled = true
      },
    })
    const fetch = overriding(platform, ({ url }) =>
      url.pathname.endsWith('/events')
        ? new Response(stream, { headers: { 'content-type': 'text/event-stream' } })
        : undefined,
    )
    const findings = await examine('services', { platform, client: { fetch } })
    expect(statuses(findings)).toEqual(['ok', 'ok', 'ok', 'ok'])
    expect(cancelled).toBe(true)
  })

  it('shows a certificate that is not trusted comes with the hint for that', async () => {
    const fetch = async () => {
      throw connectionError('DEPTH_ZERO_SELF_SIGNED_CERT')
    }
    const findings = await examine('services', { client: { fetch } })
    expect(statuses(findings)).toEqual(['failure', 'failure', 'failure', 'failure'])
    for (const { hint } of findings) expect(hint).toContain('NODE_EXTRA_CA_CERTS')
  })

  it('is slow is a warning', async () => {
    const platform = platformAt()
    let clock = 0
    const original = performance.now
    performance.now = () => clock
    try {
      const fetch = overriding(platform, ({ url }) => {
        if (url.host === 'api.lanonasis.com') clock += 2_500
        return url.host === 'api.lanonasis.com' ? json(401, { error: 'x', code: 'X' }) : undefined
      })
      const findings = await examine('services', { platform, client: { fetch } })
      expect(findings.at(-1)).toMatchObject({
        status: 'warning',
        service: 'restApi',
        latencyMs: 2_500,
        expected: expect.stringContaining('2000 ms'),
      })
    } finally {
      performance.now = original
    }
  })
})

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { checks } from '../../src/doctor/checks.ts'
import { type CheckId, formatReport, memoryStore } from '../../src/index.ts'
import { failure } from '../support/async.ts'
import { epoch, lifeMs, platformAt } from '../support/setup.ts'
import { patient, troubles } from './examine.ts'

const origin = 'https://dashboard.lanonasis.com'
const ids = checks.map(({ id }) => id)

/** Somebody with everything that there is to look at. */
async function wholePatient(platform = platformAt()) {
  const { key: apiKey } = await platform.createApiKey()
  const tokens = await platform.issueTokens()
  const store = memoryStore({ tokens, apiKey })
  return { platform, tokens, apiKey, store, client: patient(platform, { store }) }
}

describe.each(['roadmap', '2026'] as const)('a deployment of %s that is well', (generation) => {
  it('gets a report of all checks, in their order, and without trouble', async () => {
    const { client } = await wholePatient(platformAt({ generation }))
    const report = await client.doctor({ origin })
    expect(troubles(report.findings)).toEqual([])
    expect([...new Set(report.findings.map(({ check }) => check))]).toEqual(ids)
    expect(report).toMatchObject({
      ok: true,
      startedAt: epoch,
      durationMs: expect.any(Number),
      deployment: { name: 'production', clientId: 'lanonasis-cli', profile: 'default' },
    })
  })
})

describe('a report', () => {
  it('is plain data: it comes through JSON as it was', async () => {
    const { client } = await wholePatient()
    const report = await client.doctor({ origin })
    expect(JSON.parse(JSON.stringify(report))).toEqual(report)
  })

  it('names the deployment', async () => {
    const nameOf = async (options: object) => {
      const { deployment } = await patient(platformAt(), { endpoints: {}, ...options }).doctor({
        only: ['endpoints'],
      })
      return deployment.name
    }
    expect(await nameOf({})).toBe('production')
    expect(await nameOf({ environment: 'staging' })).toBe('staging')
    expect(await nameOf({ env: { MCP_HTTP_URL: 'https://mcp.example/api/v1' } })).toBe('custom')
  })

  it('is ok with warnings, and not with a failure', async () => {
    const client = patient(platformAt())
    const warned = await client.doctor({ only: ['clients'], clientIds: ['dashboard-web'] })
    expect([warned.ok, troubles(warned.findings).length]).toEqual([true, 1])
    const failed = await client.doctor({ only: ['cors'], origin: 'https://other.example' })
    expect(failed.ok).toBe(false)
  })

  it('holds only the checks that were asked for; one that does not exist is a failure', async () => {
    const client = patient(platformAt())
    const report = await client.doctor({ only: ['clock', 'store'] })
    expect(report.findings.map(({ check }) => check)).toEqual(['clock', 'store'])
    const misspelt = await client.doctor({ only: ['clocks' as CheckId] })
    expect(misspelt).toMatchObject({
      ok: false,
      findings: [{ check: 'clocks', status: 'failure', hint: expect.stringContaining('clock,') }],
    })
  })

  it('has a hint for everything that needs somebody, whatever goes wrong', async () => {
    for (const action of [
      'refuse',
      'drop',
      'html',
      'edge-401',
      'lose-answer',
      'cut-answer',
      { status: 500 },
      { status: 404 },
      { status: 200, body: {} },
    ] as const) {
      const { platform, client } = await wholePatient()
      platform.order({ match: '*', action })
      const report = await client.doctor({ origin })
      expect(report.ok, JSON.stringify(action)).toBe(false)
      for (const { hint = '' } of troubles(report.findings)) expect(hint).toMatch(/\w.*[.?]$/)
    }
  })
})

describe('a doctor', () => {
  it('sends few requests: one to the token endpoint, and each credential only where it belongs', async () => {
    const { platform, client } = await wholePatient()
    await client.doctor({ origin })
    expect(platform.requests.length).toBeLessThan(30)
    expect(platform.requestsTo('POST /oauth/token')).toHaveLength(1)
    const credentialed = platform.requests.filter(({ credential }) => credential !== 'none')
    expect(
      credentialed
        .map(({ service, path, credential }) => `${service} ${path} ${credential}`)
        .sort(),
    ).toEqual(['authGateway /v1/auth/introspect api-key', 'mcpHttp /memory api-key'])
    expect(platform.requestsTo('POST /oauth/introspect').length).toBe(2)
  })

  it('neither renews nor ends a session, and changes nothing that is stored', async () => {
    const { platform, client, store, apiKey } = await wholePatient()
    const key = {
      issuer: platform.endpoints.authGateway,
      clientId: 'lanonasis-cli',
      profile: 'default',
    }
    const before = await store.read(key)
    await client.doctor({ origin })
    platform.clock.advance(lifeMs)
    await client.doctor({ origin })
    platform.revokeTokens()
    for (const { id } of platform.apiKeys) platform.revokeApiKey(id)
    await client.doctor({ origin })
    expect(await store.read(key)).toEqual(before)
    expect(before?.value.apiKey?.value).toBe(apiKey)
    const refreshes = platform
      .requestsTo('POST /oauth/token')
      .filter(({ body }) => body?.grant_type === 'refresh_token')
    expect(refreshes).toEqual([])
  })

  it('tells listeners of its requests, each with its service', async () => {
    const { client, platform } = await wholePatient()
    const services: string[] = []
    client.on('request', ({ service }) => services.push(service))
    await client.doctor({ only: ['services'] })
    expect(services.sort()).toEqual(['authGateway', 'mcpHttp', 'mcpSse', 'restApi'])
    expect(platform.requests).toHaveLength(4)
  })

  it('does not wait once more for a gateway that does not answer', async () => {
    const { platform, client } = await wholePatient()
    platform.order({ match: '*', service: 'authGateway', action: 'hang' })
    const report = await client.doctor({ timeoutMs: 50 })
    expect(platform.requests.filter(({ service }) => service === 'authGateway')).toHaveLength(1)
    expect(report.ok).toBe(false)
  })

  it('throws for nothing that goes wrong: a network, a store, a lock or a clock that throws anything', async () => {
    const broken = () => {
      throw new TypeError('a-secret-token in a message')
    }
    const rejected = async () => broken()
    for (const options of [
      { fetch: rejected },
      { fetch: broken },
      { fetch: () => Promise.reject(undefined) },
      { store: { ...memoryStore(), read: rejected } },
      { store: { ...memoryStore(), describe: broken } },
      { lock: { withLock: rejected } },
      { webSocket: { takesHeaders: true, open: broken } },
      { diagnostics: { certificate: broken, file: broken } },
    ]) {
      const report = await patient(platformAt(), options).doctor({ origin })
      expect(report.findings.length).toBeGreaterThanOrEqual(checks.length)
      expect(JSON.stringify(report)).not.toContain('a-secret-token')
    }
  })

  it('throws when its caller gives up, before it has begun and while it works', async () => {
    const { platform, client } = await wholePatient()
    expect(await failure(client.doctor({ signal: AbortSignal.abort() }))).toMatchObject({
      code: 'aborted',
    })
    expect(platform.requests).toEqual([])
    platform.order({ match: '*', action: 'hang' })
    const controller = new AbortController()
    const running = client.doctor({ signal: controller.signal })
    setImmediate(() => controller.abort())
    expect(await failure(running)).toMatchObject({ code: 'aborted' })
  })

  it('ends when the client is closed', async () => {
    const { platform, client } = await wholePatient()
    platform.order({ match: '*', action: 'hang' })
    const running = failure(client.doctor())
    await client.close()
    expect(await running).toMatchObject({ code: 'aborted' })
  })
})

describe('no secret', () => {
  it('is in a report, also when services repeat what they were sent', async () => {
    const { platform, client, tokens, apiKey } = await wholePatient()
    const said = [tokens.accessToken, tokens.refreshToken, apiKey]
    const text = async () => {
      const report = await client.doctor({ origin })
      return `${JSON.stringify(report)} ${await formatReport(report)}`
    }
    const texts = [await text()]
    for (const secret of said) {
      const stop = platform.order({
        match: '*',
        action: {
          status: 400,
          body: {
            error: secret,
            code: secret,
            message: `You sent ${secret}`,
            issuer: `https://x/${secret}`,
          },
          headers: { location: `https://x.example/?token=${secret}` },
        },
      })
      texts.push(await text())
      stop()
    }
    for (const secret of said) expect(texts.join('\n')).not.toContain(secret)
  })
})

const answers = fc.record({
  status: fc.oneof(fc.integer({ min: 200, max: 599 }), fc.constantFrom(200, 302, 400, 401)),
  body: fc.oneof(
    fc.json(),
    fc.string(),
    fc
      .record({
        error: fc.anything(),
        code: fc.anything(),
        issuer: fc.anything(),
        token_endpoint: fc.anything(),
        code_challenge_methods_supported: fc.anything(),
        userinfo_endpoint: fc.webUrl(),
        active: fc.anything(),
        valid: fc.anything(),
        exp: fc.anything(),
      })
      .map((fields) => {
        try {
          return JSON.stringify(fields)
        } catch {
          return ''
        }
      }),
  ),
  headers: fc.record(
    {
      date: fc.string().map(encodeURI),
      age: fc.string().map(encodeURI),
      location: fc.oneof(fc.webUrl(), fc.constantFrom('//', 'https://', 'javascript:alert(1)')),
      'content-type': fc.constantFrom('text/html', 'application/json', 'text/event-stream', ''),
      'retry-after': fc.string().map(encodeURI),
      'access-control-allow-origin': fc.constantFrom('*', origin, 'null'),
    },
    { requiredKeys: [] },
  ),
})

it('whatever services answer, there is a report that JSON can hold, and a table of it', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(answers, { minLength: 1, maxLength: 12 }), async (said) => {
      const platform = platformAt()
      const { store } = await wholePatient(platform)
      let next = 0
      const fetch = async () => {
        const { status, body, headers } = said[next++ % said.length] ?? {
          status: 200,
          body: '',
          headers: {},
        }
        const isBodyless = [204, 205, 304].includes(status)
        return new Response(isBodyless ? null : body, { status, headers })
      }
      const report = await patient(platform, { store, fetch }).doctor({ origin })
      expect(JSON.parse(JSON.stringify(report))).toEqual(report)
      expect(await formatReport(report)).toContain(report.ok ? 'All is well' : 'Something is wrong')
      expect([...new Set(report.findings.map(({ check }) => check))]).toEqual(ids)
    }),
    { numRuns: 150 },
  )
})

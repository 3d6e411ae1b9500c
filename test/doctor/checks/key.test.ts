import { describe, expect, it } from 'vitest'
import { memoryStore } from '../../../src/index.ts'
import { platformAt } from '../../support/setup.ts'
import { examine, statuses } from '../examine.ts'

describe.each(['roadmap', '2026'] as const)('an API key of %s', (generation) => {
  it('that the gateway takes is well, and only its public part is shown', async () => {
    const platform = platformAt({ generation })
    const { key } = await platform.createApiKey()
    const findings = await examine('key', {
      platform,
      client: { store: memoryStore({ apiKey: key }) },
    })
    expect(findings).toMatchObject([
      {
        status: 'ok',
        service: 'authGateway',
        what: expect.stringMatching(/^The API key \w+… from the store is good\.$/),
      },
    ])
    expect(JSON.stringify(findings)).not.toContain(key)
  })

  it('that has expired, or was revoked, is a failure', async () => {
    const platform = platformAt({ generation })
    const one = await platform.createApiKey()
    platform.expireApiKey(one.id)
    expect(await examine('key', { platform, client: { apiKey: one.key } })).toMatchObject([
      { status: 'failure', what: expect.stringContaining('has expired'), hint: expect.any(String) },
    ])
    const other = await platform.createApiKey({ name: 'other' })
    platform.revokeApiKey(other.id)
    expect(await examine('key', { platform, client: { apiKey: other.key } })).toMatchObject([
      {
        status: 'failure',
        what: expect.stringContaining('is not known'),
        hint: expect.any(String),
      },
    ])
  })
})

describe('an API key', () => {
  it('need not be there', async () => {
    const platform = platformAt()
    expect(statuses(await examine('key', { platform }))).toEqual(['skipped'])
    expect(platform.requests).toEqual([])
  })

  it.each([
    ['pk_only_the_public_half', 'public_half_only'],
    ['"lano_quoted"', 'surrounded'],
    ['a'.repeat(64), 'hash'],
  ])('that is none is a failure, without any request (%s)', async (apiKey, reason) => {
    const platform = platformAt()
    const store = memoryStore({ apiKey })
    const findings = await examine('key', { platform, client: { store } })
    expect(findings).toMatchObject([
      { status: 'failure', what: expect.stringContaining(reason), hint: expect.any(String) },
    ])
    expect(JSON.stringify(findings)).not.toContain(apiKey)
    expect(platform.requests).toEqual([])
  })

  it('about which the gateway says nothing is a warning', async () => {
    const platform = platformAt()
    const { key } = await platform.createApiKey()
    platform.order({ match: 'POST /v1/auth/introspect', action: { status: 429 } })
    expect(statuses(await examine('key', { platform, client: { apiKey: key } }))).toEqual([
      'warning',
    ])
  })

  it('of a gateway that cannot be asked is passed over', async () => {
    const platform = platformAt()
    const { key } = await platform.createApiKey()
    platform.order({ match: 'POST /v1/auth/*', action: { status: 404 } })
    expect(statuses(await examine('key', { platform, client: { apiKey: key } }))).toEqual([
      'skipped',
    ])
  })

  it('★1 is not shown to a gateway that a file names', async () => {
    const platform = platformAt()
    const { key } = await platform.createApiKey()
    const findings = await examine('key', {
      platform,
      client: {
        store: memoryStore({ apiKey: key }),
        endpoints: {},
        services: { auth_gateway: 'https://auth.lanonasis.com' },
      },
    })
    expect(statuses(findings)).toEqual(['skipped'])
    expect(platform.requests).toEqual([])
  })
})

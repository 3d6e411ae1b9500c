import { describe, expect, it } from 'vitest'
import { json } from '../../support/fetches.ts'
import { platformAt } from '../../support/setup.ts'
import { examine, overriding, statuses, troubles } from '../examine.ts'

const issuer = 'https://auth.lanonasis.com'
const path = '/.well-known/oauth-authorization-server'

/** The gateway's document with these fields changed. */
async function announcing(changes: Record<string, unknown>) {
  const platform = platformAt()
  const said = await (await platform.fetch(`${issuer}${path}`)).json()
  const fetch = overriding(platform, ({ url }) =>
    url.pathname === path ? json(200, { ...said, ...changes }) : undefined,
  )
  return troubles(await examine('metadata', { platform, client: { fetch } }))
}

describe('the metadata', () => {
  it('are well when they fit what the client goes by; a missing userinfo is known', async () => {
    expect(await examine('metadata')).toEqual([
      {
        status: 'ok',
        service: 'authGateway',
        what: expect.stringContaining('oauth-authorization'),
      },
      { status: 'ok', service: 'authGateway', what: expect.stringContaining('openid-config') },
      {
        status: 'ok',
        service: 'authGateway',
        what: 'userinfo is announced and missing, which is known.',
      },
    ])
  })

  it('tell when userinfo is there after all', async () => {
    const platform = platformAt()
    platform.order({ match: '/oauth/userinfo', action: { status: 401 } })
    expect((await examine('metadata', { platform })).at(-1)?.what).toBe('userinfo is there.')
  })

  it('★3 of the production gateway at the staging address are a failure', async () => {
    expect(await announcing({ issuer: `${issuer}:3005` })).toEqual([
      {
        status: 'failure',
        service: 'authGateway',
        what: expect.stringContaining('another issuer: https://auth.lanonasis.com:3005'),
        expected: issuer,
        hint: expect.stringContaining('port included'),
      },
    ])
  })

  it('that name an endpoint elsewhere are a failure, at another path a warning', async () => {
    expect(
      await announcing({ token_endpoint: 'https://evil.example/oauth/token?x=1' }),
    ).toMatchObject([
      {
        status: 'failure',
        what: expect.stringMatching(/token_endpoint: https:\/\/evil\.example\/oauth\/token\.$/),
        expected: `${issuer}/oauth/token`,
      },
    ])
    expect(await announcing({ revocation_endpoint: `${issuer}/revoke` })).toMatchObject([
      { status: 'warning', expected: `${issuer}/oauth/revoke` },
    ])
    expect(await announcing({ introspection_endpoint: undefined })).toMatchObject([
      { status: 'warning', what: expect.stringContaining('no introspection_endpoint') },
    ])
  })

  it.each([[['plain']], [undefined], ['S256']])(
    'without S256 (%j) are a failure',
    async (methods) => {
      expect(await announcing({ code_challenge_methods_supported: methods })).toMatchObject([
        { status: 'failure', hint: expect.stringContaining('S256') },
      ])
    },
  )

  it('are not asked for userinfo at another address', async () => {
    const platform = platformAt()
    const fetch = overriding(platform, ({ url }) =>
      url.pathname === path
        ? json(200, { issuer, userinfo_endpoint: 'https://evil.example/userinfo' })
        : undefined,
    )
    const findings = await examine('metadata', { platform, client: { fetch } })
    expect(findings.map(({ what }) => what)).toContain(
      'userinfo is announced at another address, and was not asked.',
    )
  })

  it.each([
    { status: 404, body: { error: 'Not found', code: 'ROUTE_NOT_FOUND' } },
    { status: 200, body: 'no JSON' },
    { status: 200, body: [] },
  ])('that are not there are a failure (%j)', async (action) => {
    const platform = platformAt()
    platform.order({ match: '/.well-known/openid-configuration', action })
    expect(troubles(await examine('metadata', { platform }))).toMatchObject([
      { status: 'failure', what: expect.stringContaining('openid-configuration is not there') },
    ])
  })

  it('cannot be seen when the gateway does not answer, which another check tells', async () => {
    const platform = platformAt()
    platform.order({ match: '*', service: 'authGateway', action: 'drop' })
    expect(statuses(await examine('metadata', { platform }))).toEqual(['skipped'])
  })
})

import { describe, expect, it } from 'vitest'
import { platformAt } from '../../support/setup.ts'
import { examine, statuses } from '../examine.ts'

describe('the token endpoint', () => {
  it('★15 is asked once, without anything that could be worth something, and refuses', async () => {
    const platform = platformAt()
    expect(await examine('token', { platform })).toEqual([
      {
        status: 'ok',
        service: 'authGateway',
        what: 'A wrong code is refused (400 invalid_grant); lanonasis-cli needs no secret.',
        latencyMs: expect.any(Number),
      },
    ])
    expect(platform.requestsTo('POST /oauth/token')).toMatchObject([
      { contentType: 'application/json', body: { code: 'doctor-not-a-code' }, credential: 'none' },
    ])
  })

  it('is asked in the format of the client', async () => {
    const platform = platformAt()
    const findings = await examine('token', { platform, client: { tokenRequestFormat: 'form' } })
    expect(statuses(findings)).toEqual(['ok'])
    expect(platform.requestsTo('POST /oauth/token')).toMatchObject([
      { contentType: 'application/x-www-form-urlencoded' },
    ])
  })

  it('says that a client is confidential', async () => {
    const findings = await examine('token', { client: { clientId: 'dashboard-web' } })
    expect(findings).toMatchObject([
      {
        status: 'failure',
        expected: '400 invalid_grant',
        hint: expect.stringContaining('confidential'),
      },
    ])
  })

  it('says that a client is not registered', async () => {
    const findings = await examine('token', { client: { clientId: 'nobody' } })
    expect(findings).toMatchObject([
      { status: 'failure', hint: expect.stringContaining('Register nobody') },
    ])
  })

  it('that is limited is not blamed', async () => {
    const platform = platformAt()
    for (let count = 0; count < 5; count++) await examine('token', { platform })
    expect(await examine('token', { platform })).toMatchObject([
      { status: 'skipped', what: expect.stringContaining('for 900 s (429 AUTH_RATE_LIMITED)') },
    ])
  })

  it.each([
    [{ status: 403, body: { error: 'Forbidden' } }, '§5.1'],
    [{ status: 400, body: { error: 'x', code: 'CSRF_TOKEN_INVALID' } }, '§5.1'],
    [{ status: 400, body: { error: 'x', code: 'INVALID_BODY' } }, 'tokenRequestFormat'],
    [{ status: 415 }, 'tokenRequestFormat'],
    [{ status: 200, body: { access_token: 'secret-secret-secret-secret' } }, 'off the network'],
    [{ status: 404 }, 'log of the gateway'],
    [{ status: 400, body: { error: 'invalid_request' } }, 'log of the gateway'],
  ])('that answers %j is a failure with a hint', async (action, hint) => {
    const platform = platformAt()
    platform.order({ match: 'POST /oauth/token', action })
    const findings = await examine('token', { platform })
    expect(findings).toMatchObject([
      { status: 'failure', expected: '400 invalid_grant', hint: expect.stringContaining(hint) },
    ])
    expect(JSON.stringify(findings)).not.toContain('secret-secret')
  })

  it('that does not answer is a failure', async () => {
    const platform = platformAt()
    platform.order({ match: 'POST /oauth/token', action: 'lose-answer' })
    expect(await examine('token', { platform })).toMatchObject([
      { status: 'failure', what: expect.stringContaining('UND_ERR_SOCKET') },
    ])
    expect(platform.requestsTo('POST /oauth/token')).toHaveLength(1)
  })
})

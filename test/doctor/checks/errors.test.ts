import { describe, expect, it } from 'vitest'
import { platformAt } from '../../support/setup.ts'
import { examine, statuses, troubles } from '../examine.ts'

describe.each(['roadmap', '2026'] as const)('the errors of %s', (generation) => {
  it('are well when programs can read them', async () => {
    const platform = platformAt({ generation })
    expect(await examine('errors', { platform })).toMatchObject([
      { status: 'ok', service: 'authGateway', what: expect.stringContaining('400 INVALID_BODY') },
      { status: 'ok', service: 'mcpHttp', what: expect.stringContaining('401 UNAUTHORIZED') },
      { status: 'ok', service: 'restApi', what: expect.stringContaining('401 UNAUTHORIZED') },
    ])
    expect(platform.requestsTo('POST /oauth/token')).toEqual([])
  })
})

describe('an error', () => {
  it.each([
    'html',
    { status: 401, body: '' },
    { status: 401, body: { message: 'Please sign in first' } },
  ] as const)('without a code is a warning (%j)', async (action) => {
    const platform = platformAt()
    platform.order({ match: 'GET /memory', service: 'mcpHttp', action })
    expect(troubles(await examine('errors', { platform }))).toMatchObject([
      { status: 'warning', service: 'mcpHttp', expected: expect.stringContaining('"code"') },
    ])
  })

  it('that is another one than expected, for a request without a body, is told of', async () => {
    const platform = platformAt()
    const stop = platform.order({
      match: 'POST /oauth/introspect',
      action: { status: 400, body: { error: 'invalid_request' } },
    })
    expect(troubles(await examine('errors', { platform }))).toMatchObject([
      { status: 'warning', service: 'authGateway', expected: '400 INVALID_BODY' },
    ])
    stop()
    platform.order({ match: 'POST /oauth/introspect', action: { status: 200, body: {} } })
    expect(troubles(await examine('errors', { platform }))).toMatchObject([
      { status: 'failure', service: 'authGateway' },
    ])
  })

  it('cannot be seen of a service that does not answer, or gives none', async () => {
    const platform = platformAt()
    platform.order({ match: '*', service: 'authGateway', action: 'drop' })
    platform.order({ match: '*', service: 'mcpHttp', action: 'drop' })
    platform.order({ match: '*', service: 'restApi', action: { status: 200, body: {} } })
    expect(statuses(await examine('errors', { platform }))).toEqual([
      'skipped',
      'skipped',
      'skipped',
    ])
  })
})

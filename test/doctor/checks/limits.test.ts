import { expect, it } from 'vitest'
import { platformAt } from '../../support/setup.ts'
import { examine, statuses } from '../examine.ts'

it.each([
  ['authorize', 'With no response_type'],
  ['clients', 'lanonasis-cli'],
  ['metadata', 'oauth-authorization-server'],
] as const)(
  'a limit that was met hides from %s what would be seen, and is no failure',
  async (check, what) => {
    const platform = platformAt()
    const body = { error: 'Too many requests', code: 'RATE_LIMITED' }
    platform.order({ match: '*', action: { status: 429, body } })
    const findings = await examine(check, { platform })
    expect(new Set(statuses(findings))).toEqual(new Set(['skipped']))
    expect(findings[0]).toMatchObject({
      service: 'authGateway',
      what: `${what}: auth.lanonasis.com asks us to wait (429 RATE_LIMITED).`,
    })
  },
)

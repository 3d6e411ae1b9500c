import { describe, expect, it } from 'vitest'
import { json, redirectTo } from '../../support/fetches.ts'
import { platformAt } from '../../support/setup.ts'
import { examine, overriding, statuses } from '../examine.ts'

const cases = ['response_type', 'PKCE', 'plain', 'client', 'redirect', 'scope'] as const
type Case = (typeof cases)[number]

/** Which of the bad requests this is. */
function caseOf({ searchParams }: URL): Case | undefined {
  if (!searchParams.has('response_type')) return 'response_type'
  if (!searchParams.has('code_challenge')) return 'PKCE'
  if (searchParams.get('code_challenge_method') === 'plain') return 'plain'
  if (searchParams.get('client_id') !== 'lanonasis-cli') return 'client'
  if (searchParams.get('redirect_uri') === 'https://doctor.invalid/callback') return 'redirect'
  return searchParams.get('scope') === 'doctor:unknown' ? 'scope' : undefined
}

const codes: Record<Case, string> = {
  response_type: 'invalid_request',
  PKCE: 'invalid_request',
  plain: 'invalid_request',
  client: 'invalid_client',
  redirect: 'invalid_request',
  scope: 'invalid_scope',
}

/** A gateway that judges requests before it asks for a sign-in, except for what `answer` does. */
function strict(answer: (bad: Case, url: URL) => Response | undefined = () => undefined) {
  const platform = platformAt()
  const fetch = overriding(platform, ({ url }) => {
    const bad = url.pathname === '/oauth/authorize' ? caseOf(url) : undefined
    return bad && (answer(bad, url) ?? json(400, { error: codes[bad] }))
  })
  return { platform, client: { fetch } }
}

describe.each(['redirect', 'login_required', 'AUTH_REQUIRED'] as const)(
  'a gateway that asks for a sign-in first (%s)',
  (authorize) => {
    it('shows that it looks at the form of a request, and no more', async () => {
      const platform = platformAt({ authorize })
      expect(await examine('authorize', { platform })).toEqual([
        {
          status: 'ok',
          service: 'authGateway',
          what: 'With no response_type: refused (400 invalid_request).',
        },
        {
          status: 'skipped',
          service: 'authGateway',
          what: 'With no PKCE challenge, the challenge method plain, an unknown client, a redirect that is not registered, an unknown scope: a sign-in is asked for first; a refusal would come after it.',
        },
      ])
      expect(platform.requestsTo('GET /oauth/authorize')).toHaveLength(cases.length)
    })
  },
)

describe('a gateway that judges first', () => {
  it('is well when it refuses every bad request', async () => {
    expect(statuses(await examine('authorize', strict()))).toEqual(cases.map(() => 'ok'))
  })

  it.each(cases)('that sends the browser away for %s is a failure', async (which) => {
    const examined = strict((bad, url) =>
      bad === which
        ? redirectTo(`${url.searchParams.get('redirect_uri')}?code=made-up`)
        : undefined,
    )
    const findings = await examine('authorize', examined)
    expect(statuses(findings)).toEqual(cases.map((each) => (each === which ? 'failure' : 'ok')))
    const [finding] = findings.filter(({ status }) => status === 'failure')
    expect(finding).toMatchObject({ expected: `400 ${codes[which]}`, hint: expect.any(String) })
    expect(JSON.stringify(findings)).not.toContain('made-up')
  })

  it('may tell the redirect of a mistake, where that is registered (RFC 6749 §4.1.2.1)', async () => {
    const telling = strict((_bad, url) =>
      redirectTo(`${url.searchParams.get('redirect_uri')}?error=invalid_request`),
    )
    expect(statuses(await examine('authorize', telling))).toEqual([
      'ok',
      'ok',
      'ok',
      'failure',
      'failure',
      'ok',
    ])
  })

  it('that refuses with another code is a warning', async () => {
    const findings = await examine(
      'authorize',
      strict(() => json(400, { error: 'oops' })),
    )
    expect(statuses(findings)).toEqual(cases.map(() => 'warning'))
    expect(findings[0]).toMatchObject({ what: expect.stringContaining('400 oops') })
  })

  it('that breaks on a bad request is a failure', async () => {
    const findings = await examine(
      'authorize',
      strict(() => json(500, { code: 'INTERNAL_ERROR' })),
    )
    expect(statuses(findings)).toEqual(cases.map(() => 'failure'))
  })

  it('that does not answer a bad request is a failure', async () => {
    const platform = platformAt()
    platform.order({ match: 'GET /oauth/authorize', times: 1, action: 'drop' })
    expect(statuses(await examine('authorize', { platform }))).toContain('failure')
  })
})

it('no request names a loopback redirect that is not registered: the gateway would add it', async () => {
  const platform = platformAt()
  await examine('authorize', { platform })
  const before = platformAt().clients
  expect(platform.clients).toEqual(before)
})

import { describe, expect, it } from 'vitest'
import { json, redirectTo } from '../../support/fetches.ts'
import { platformAt } from '../../support/setup.ts'
import { examine, overriding, statuses } from '../examine.ts'

const all = ['lanonasis-cli', 'vscode-extension', 'cursor-extension', 'windsurf-extension']

/** A gateway that judges the client before the session. */
function judging(answer: Response) {
  const platform = platformAt()
  const fetch = overriding(platform, ({ url }) =>
    url.pathname === '/oauth/authorize' ? answer : undefined,
  )
  return { platform, client: { fetch } }
}

describe('the clients', () => {
  it('are well when they are led to the sign-in', async () => {
    const platform = platformAt()
    const findings = await examine('clients', { platform, options: { clientIds: all } })
    expect(findings).toEqual(
      all.map((clientId) => ({
        status: 'ok',
        service: 'authGateway',
        what: `${clientId} is led to the sign-in.`,
      })),
    )
    expect(platform.clients).toEqual(platformAt().clients)
  })

  it('are the client’s own, where no other is named', async () => {
    const findings = await examine('clients', { client: { clientId: 'cursor-extension' } })
    expect(findings.map(({ what }) => what)).toEqual(['cursor-extension is led to the sign-in.'])
  })

  it('that are confidential are told: a page needs another one', async () => {
    const findings = await examine('clients', { options: { clientIds: ['dashboard-web'] } })
    expect(findings[1]).toEqual({
      status: 'warning',
      service: 'authGateway',
      what: expect.stringContaining('confidential and without PKCE'),
      expected: 'a public client with PKCE, for a page',
      hint: expect.stringContaining('public client'),
    })
  })

  it.each([
    ['invalid_client', 'Register this client'],
    ['invalid_request', 'Register this redirect'],
    ['invalid_scope', 'ask for less'],
    ['else', 'log of the gateway'],
  ])('that are refused with %s are a failure with a hint', async (error, hint) => {
    expect(await examine('clients', judging(json(400, { error })))).toEqual([
      {
        status: 'failure',
        service: 'authGateway',
        what: expect.stringContaining(`cannot sign in: ${error}`),
        expected: 'a sign-in page',
        hint: expect.stringContaining(hint),
      },
    ])
  })

  it.each([
    [redirectTo('http://127.0.0.1:8888/callback?error=unauthorized_client'), 'unauthorized_client'],
    [redirectTo('https://elsewhere.example/login'), 'https://elsewhere.example'],
    [json(503, { code: 'DOWN' }), '503 DOWN'],
  ])('that are led elsewhere are a failure', async (answer, what) => {
    const findings = await examine('clients', judging(answer))
    expect(statuses(findings)).toEqual(['failure'])
    expect(findings[0]?.what).toContain(what)
  })

  describe('whose redirects are not known here', () => {
    const clientIds = ['my-dashboard']

    it('are asked for with a redirect that no gateway adds', async () => {
      const platform = platformAt()
      const redirects: (string | null)[] = []
      const fetch = overriding(platform, ({ url }) => {
        if (url.pathname === '/oauth/authorize')
          redirects.push(url.searchParams.get('redirect_uri'))
        return undefined
      })
      await examine('clients', { platform, client: { fetch }, options: { clientIds } })
      await examine('authorize', { platform, client: { fetch, clientId: 'my-dashboard' } })
      expect(redirects.length).toBeGreaterThan(3)
      for (const redirect of redirects) expect(new URL(redirect ?? '').host).toBe('doctor.invalid')
    })

    it.each([
      ['invalid_request', 'ok', 'is known; its redirects are not known here'],
      ['invalid_client', 'failure', 'cannot sign in: invalid_client'],
    ])('are judged by what refuses them: %s', async (error, status, what) => {
      const findings = await examine('clients', {
        ...judging(json(400, { error })),
        options: { clientIds },
      })
      expect(findings).toMatchObject([{ status, what: expect.stringContaining(what) }])
    })
  })
})

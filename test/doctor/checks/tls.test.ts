import { describe, expect, it } from 'vitest'
import type { CertificateFacts } from '../../../src/index.ts'
import { connectionError } from '../../support/fetches.ts'
import { epoch } from '../../support/setup.ts'
import { examine, statuses } from '../examine.ts'

const dayMs = 86_400_000
const good: CertificateFacts = { validFrom: epoch - dayMs, validTo: epoch + 60 * dayMs }

function showing(facts: CertificateFacts | undefined) {
  const asked: string[] = []
  const certificate = async ({ origin }: URL) => {
    asked.push(origin)
    return facts
  }
  return { asked, client: { diagnostics: { certificate } } }
}

describe('a certificate', () => {
  it('is looked at once for each origin, and is well while it lasts', async () => {
    const { asked, client } = showing(good)
    expect(await examine('tls', { client })).toEqual(
      ['auth', 'mcp', 'api'].map((name) => ({
        status: 'ok',
        what: `The certificate of ${name}.lanonasis.com is trusted, and good until 2026-07-31.`,
      })),
    )
    expect(asked).toEqual(['auth', 'mcp', 'api'].map((name) => `https://${name}.lanonasis.com`))
  })

  it('that ends within two weeks is a warning', async () => {
    const { client } = showing({ ...good, validTo: epoch + 13 * dayMs })
    const [finding] = await examine('tls', { client })
    expect(finding).toMatchObject({
      status: 'warning',
      what: expect.stringContaining('in 13 days'),
      hint: expect.stringContaining('Renew'),
    })
  })

  it.each([
    [
      'has ended',
      { ...good, validTo: epoch - 1, problem: 'CERT_HAS_EXPIRED' },
      'CERT_HAS_EXPIRED',
      'Renew the certificate',
    ],
    ['has not begun', { ...good, validFrom: epoch + 1 }, 'CERT_NOT_YET_VALID', 'clock'],
    [
      'is of another host',
      { ...good, problem: 'ERR_TLS_CERT_ALTNAME_INVALID' },
      'ALTNAME',
      'correct the address',
    ],
    [
      'is not trusted',
      { ...good, problem: 'DEPTH_ZERO_SELF_SIGNED_CERT' },
      'SELF_SIGNED',
      'NODE_EXTRA_CA_CERTS',
    ],
  ])('that %s is a failure with its own hint', async (_what, facts, code, hint) => {
    const { client } = showing(facts)
    const [finding] = await examine('tls', { client })
    expect(finding).toMatchObject({
      status: 'failure',
      what: expect.stringContaining(code),
      hint: expect.stringContaining(hint),
    })
  })
})

describe('without a look at the certificate', () => {
  it('a request that came through says that it is trusted', async () => {
    expect(await examine('tls')).toMatchObject([
      { status: 'ok', what: expect.stringContaining('cannot be seen from here') },
      { status: 'ok' },
      { status: 'ok' },
    ])
  })

  it('a look that fails counts for nothing', async () => {
    const certificate = async () => {
      throw connectionError('ECONNRESET')
    }
    expect(statuses(await examine('tls', { client: { diagnostics: { certificate } } }))).toEqual([
      'ok',
      'ok',
      'ok',
    ])
  })

  it('a request that failed for it says why', async () => {
    const fetch = async () => {
      throw connectionError('CERT_HAS_EXPIRED')
    }
    const findings = await examine('tls', { client: { fetch } })
    expect(statuses(findings)).toEqual(['failure', 'failure', 'failure'])
    expect(findings[0]?.hint).toContain('Renew the certificate')
  })

  it('there is nothing to say of a service that cannot be reached', async () => {
    const fetch = async () => {
      throw connectionError('ECONNREFUSED')
    }
    expect(statuses(await examine('tls', { client: { fetch } }))).toEqual([
      'skipped',
      'skipped',
      'skipped',
    ])
  })

  it('nothing is asked of what is on this machine, where encryption is of no use', async () => {
    const { asked, client } = showing(good)
    const endpoints = { authGateway: 'http://127.0.0.1:3005' }
    const findings = await examine('tls', {
      client: { ...client, endpoints, fetch: async () => new Response() },
    })
    expect(findings[0]).toMatchObject({ status: 'skipped' })
    expect(asked).not.toContain('http://127.0.0.1:3005')
  })
})

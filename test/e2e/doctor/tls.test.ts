import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { DoctorOptions } from '../../../src/index.ts'
import { memoryStore } from '../../../src/index.ts'
import { createClient, type NodeClientOptions } from '../../../src/node.ts'
import { type Certificate, selfSigned, trust } from '../../support/certificate.ts'
import { startProxy } from '../../support/connect-proxy.ts'
import { serveOverTls } from '../../support/tls-platform.ts'

const dayMs = 86_400_000
const onThisMachine = { hostOf: () => 'localhost' }
const hosts = ['localhost', '*.services.test']

/** What is found of encryption at services that show this certificate. */
async function examine(
  shown: Certificate,
  {
    variables = {},
    given = onThisMachine as Parameters<typeof serveOverTls>[1],
    options = {} as DoctorOptions,
    client: own = {} as NodeClientOptions,
  } = {},
) {
  const services = await serveOverTls(shown, given)
  const client = createClient({
    env: { ...services.env, ...variables },
    store: memoryStore(),
    ...own,
  })
  onTestFinished(() => client.close())
  const report = await client.doctor({ only: ['tls', 'services'], ...options })
  const tls = report.findings.filter(({ check }) => check === 'tls')
  return { ...services, report, tls }
}

describe('a certificate', () => {
  it('that is trusted and lasts is well', async () => {
    const certificate = selfSigned(hosts, {
      startsAt: Date.now() - dayMs,
      endsAt: Date.now() + 60 * dayMs,
    })
    trust(certificate)
    const until = new Date(Date.now() + 60 * dayMs).toISOString().slice(0, 10)
    const { tls, report } = await examine(certificate)
    expect(tls).toMatchObject([
      { status: 'ok', what: expect.stringContaining(`good until ${until}`) },
    ])
    expect(report.ok).toBe(true)
  })

  it('that ends tomorrow is a warning', async () => {
    const certificate = selfSigned(hosts)
    trust(certificate)
    const { tls, report } = await examine(certificate)
    expect(tls).toMatchObject([{ status: 'warning', hint: expect.stringContaining('Renew') }])
    expect(report.ok).toBe(true)
  })

  it('that is not trusted is a failure that says what to do, and the services see no request', async () => {
    const { tls, report, platform } = await examine(selfSigned(hosts))
    expect(tls).toMatchObject([
      {
        status: 'failure',
        what: expect.stringContaining('DEPTH_ZERO_SELF_SIGNED_CERT'),
        hint: expect.stringContaining('NODE_EXTRA_CA_CERTS'),
      },
    ])
    expect(report.ok).toBe(false)
    expect(platform.requests).toEqual([])
  })

  it('that has ended is a failure with another hint', async () => {
    const certificate = selfSigned(hosts, { endsAt: Date.now() - dayMs })
    trust(certificate)
    const { tls } = await examine(certificate)
    expect(tls).toMatchObject([
      {
        status: 'failure',
        what: expect.stringContaining('CERT_HAS_EXPIRED'),
        hint: expect.stringMatching(/^Renew the certificate/),
      },
    ])
  })

  it('that has not begun is a failure', async () => {
    const certificate = selfSigned(hosts, { endsAt: Date.now() + 60 * dayMs })
    trust(certificate)
    const { tls } = await examine(certificate)
    expect(tls).toMatchObject([
      { status: 'failure', what: expect.stringContaining('CERT_NOT_YET_VALID') },
    ])
  })

  it('of another host is a failure', async () => {
    const certificate = selfSigned(['example.com'])
    trust(certificate)
    const { tls } = await examine(certificate)
    expect(tls).toMatchObject([
      {
        status: 'failure',
        what: expect.stringContaining('ERR_TLS_CERT_ALTNAME_INVALID'),
        hint: expect.stringContaining('correct the address'),
      },
    ])
  })
})

describe('behind a proxy', () => {
  it('the certificate of each host is looked at through the tunnel', async () => {
    const certificate = selfSigned(hosts)
    trust(certificate)
    const proxy = await startProxy()
    const { tls } = await examine(certificate, { variables: { HTTPS_PROXY: proxy.url }, given: {} })
    expect(tls).toHaveLength(3)
    for (const finding of tls) {
      expect(finding).toMatchObject({ status: 'warning', what: expect.stringContaining('ends on') })
    }
    expect(proxy.readable).toEqual([])
  })

  it('that refuses, there is a failure, and nothing can be said of the certificate', async () => {
    const proxy = await startProxy({ status: 407 })
    const { tls, report } = await examine(selfSigned(hosts), {
      variables: { HTTPS_PROXY: proxy.url },
      given: {},
    })
    expect(tls.map(({ status }) => status)).toEqual(['skipped', 'skipped', 'skipped'])
    expect(report.findings.filter(({ status }) => status === 'failure')).toHaveLength(4)
  })
})

describe('at the port of a service', () => {
  /** Takes connections and does with them what it is told. */
  async function listening(greet: (write: (text: string) => void) => void) {
    const server = createServer((socket) => {
      socket.on('error', () => {})
      onTestFinished(() => void socket.destroy())
      greet((text) => socket.write(text))
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void server.close())
    return `https://127.0.0.1:${(server.address() as AddressInfo).port}`
  }

  it.each([
    ['nobody says anything', () => {}],
    [
      'somebody speaks without encryption',
      (write: (text: string) => void) => write('HTTP/1.1 400 No\r\n\r\n'),
    ],
  ])('where %s, the doctor comes to an end', async (_what, greet) => {
    const authGateway = await listening(greet)
    const { report } = await examine(selfSigned(hosts), {
      options: { timeoutMs: 300 },
      client: { endpoints: { authGateway } },
    })
    expect(report.findings).toContainEqual(
      expect.objectContaining({ check: 'services', service: 'authGateway', status: 'failure' }),
    )
    expect(report.findings).toContainEqual(
      expect.objectContaining({ check: 'tls', status: 'skipped' }),
    )
  })
})

import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { build } from 'esbuild'
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { isAuthError, memoryStore } from '../../src/index.ts'
import { createClient, type NodeClientOptions } from '../../src/node.ts'
import { failure } from '../support/async.ts'
import { type Certificate, selfSigned, trust } from '../support/certificate.ts'
import { startProxy } from '../support/connect-proxy.ts'
import { temporaryDirectory } from '../support/directories.ts'
import { personFlow } from '../support/setup.ts'
import { serveOverTls } from '../support/tls-platform.ts'
import { run } from '../tools/process.mjs'

const onThisMachine = { hostOf: () => 'localhost' }
const certificate = selfSigned(['localhost', '*.services.test'])
const dayMs = 86_400_000

/** A client of services that show this certificate, which nobody here trusts. */
async function setup(
  shown: Certificate = certificate,
  { variables, ...options }: NodeClientOptions & { variables?: Record<string, string> } = {},
  given: Parameters<typeof serveOverTls>[1] = onThisMachine,
) {
  const services = await serveOverTls(shown, given)
  const { platform, env } = services
  const { key: apiKey } = await platform.createApiKey()
  const tokens = await platform.issueTokens()
  const client = createClient({
    env: { ...env, ...variables },
    store: memoryStore({ tokens, apiKey }),
    login: personFlow(platform),
    ...options,
  })
  onTestFinished(() => client.close())
  return { ...services, client, tokens, apiKey }
}

/** What a person with such a proxy can do about it. */
const hint = expect.stringContaining('NODE_EXTRA_CA_CERTS')
const untrusted = {
  code: 'network_error',
  retryable: false,
  hint,
  message: expect.stringMatching(
    /^No connection to https:\/\/localhost:\d+.* \(DEPTH_ZERO_SELF_SIGNED_CERT\)\.$/,
  ),
}

describe('a certificate that is not trusted', () => {
  it('is a network error that says what to do, and is not tried again', async () => {
    const { client, platform, connections } = await setup()
    expect(await failure(client.memory.list())).toMatchObject(untrusted)
    expect(connections()).toBe(1)
    expect(await failure(client.fetch(`${client.endpoints.mcpHttp}/memory`))).toMatchObject(
      untrusted,
    )
    expect(await failure(client.introspect())).toMatchObject(untrusted)
    expect(connections()).toBe(3)
    expect(platform.requests).toEqual([])
  })

  it('is the end of a sign-in before a browser is opened', async () => {
    const { client, platform } = await setup(certificate, { store: memoryStore() })
    expect(await failure(client.login())).toMatchObject(untrusted)
    expect(platform.requests).toEqual([])
  })

  it('loses nothing: neither session nor key, and says what to do when it cannot renew', async () => {
    const { client, tokens, apiKey } = await setup()
    const error = await failure(client.refresh())
    expect(error).toMatchObject({ code: 'refresh_failed', retryable: false, hint })
    expect(await client.getAccessToken()).toBe(tokens.accessToken)
    expect(await client.getSession()).toMatchObject({
      status: 'signed-in',
      apiKey: { publicId: apiKey.slice(0, 8) },
    })
    // Nothing was sent, so there is nothing to wait for either.
    trust(certificate)
    expect(await client.refresh()).toMatchObject({ status: 'signed-in' })
    expect(await client.getAccessToken()).not.toBe(tokens.accessToken)
  })

  it('is the same through a proxy, where the certificate is often the proxy’s own', async () => {
    const proxy = await startProxy()
    const { client, platform, connections } = await setup(
      certificate,
      { variables: { HTTPS_PROXY: proxy.url } },
      {},
    )
    expect(await failure(client.memory.list())).toMatchObject({
      ...untrusted,
      message: expect.stringMatching(/services\.test:\d+ \(DEPTH_ZERO_SELF_SIGNED_CERT\)\.$/),
    })
    expect([connections(), platform.requests.length]).toEqual([1, 0])
  })

  it('never gets a credential to see', async () => {
    const { client, tokens, apiKey } = await setup()
    const error = await failure(client.memory.list())
    const printed = isAuthError(error) ? `${error.stack} ${JSON.stringify(error)}` : ''
    expect(printed).toContain('NODE_EXTRA_CA_CERTS')
    expect(printed).not.toContain(tokens.accessToken)
    expect(printed).not.toContain(apiKey)
  })
})

/** What the program prints: how many memories there are, or why it does not know. */
const program = `
  import { isAuthError, memoryStore } from './src/index.ts'
  import { createClient } from './src/node.ts'
  const apiKey = process.env.TEST_KEY
  const client = createClient({ store: memoryStore({ apiKey }) })
  try {
    const { items } = await client.memory.list()
    console.log(items.length)
  } catch (error) {
    console.log(JSON.stringify(error))
    if (!isAuthError(error)) throw error
  }`

describe('a program that was started with NODE_EXTRA_CA_CERTS', { timeout: 60_000 }, () => {
  let text = ''
  beforeAll(async () => {
    const result = await build({
      stdin: { contents: program, resolveDir: process.cwd(), loader: 'ts' },
      bundle: true,
      write: false,
      platform: 'node',
      format: 'esm',
      target: 'node20',
      banner: {
        js: `import { createRequire as requireOf } from 'node:module'; const require = requireOf(import.meta.url);`,
      },
    })
    text = result.outputFiles[0]?.text ?? ''
  }, 60_000)

  /** Runs the program with a certificate that it trusts. */
  async function start(
    trusted: Certificate,
    shown: Certificate,
    { variables = {}, given = onThisMachine as Parameters<typeof serveOverTls>[1] } = {},
  ) {
    const services = await serveOverTls(shown, given)
    const { key } = await services.platform.createApiKey()
    const directory = await temporaryDirectory()
    const [file, authority] = [join(directory, 'program.mjs'), join(directory, 'ca.pem')]
    await writeFile(file, text)
    await writeFile(authority, trusted.certificate)
    const env = {
      ...services.env,
      TEST_KEY: key,
      NODE_EXTRA_CA_CERTS: authority,
      HTTPS_PROXY: undefined,
      https_proxy: undefined,
      HTTP_PROXY: undefined,
      http_proxy: undefined,
      NO_PROXY: undefined,
      no_proxy: undefined,
      ...variables,
    }
    const { stdout, stderr, code } = await run(process.execPath, [file], { env, timeoutMs: 50_000 })
    return { ...services, said: stdout.trim() || stderr, code, key }
  }

  it('reaches the services: the hint is of help', async () => {
    const { said, platform } = await start(certificate, certificate)
    expect(said).toBe('0')
    expect(platform.requests).toMatchObject([{ path: '/memory', status: 200 }])
  })

  it('reaches them through a proxy, too', async () => {
    const proxy = await startProxy()
    const { said } = await start(certificate, certificate, {
      variables: { HTTPS_PROXY: proxy.url },
      given: {},
    })
    expect(said).toBe('0')
    expect(proxy.tunnels).toHaveLength(1)
  })

  it('does not take another certificate for it', async () => {
    const { said, platform } = await start(selfSigned(['localhost']), certificate)
    expect(JSON.parse(said)).toMatchObject({ code: 'network_error', retryable: false, hint })
    expect(said).toContain('DEPTH_ZERO_SELF_SIGNED_CERT')
    expect(platform.requests).toEqual([])
  })

  it.each([
    [
      'that has ended',
      selfSigned(['localhost'], { endsAt: Date.now() - dayMs }),
      'CERT_HAS_EXPIRED',
    ],
    ['of another host', selfSigned(['example.com']), 'ERR_TLS_CERT_ALTNAME_INVALID'],
  ])('does not take a certificate %s', async (_what, shown, code) => {
    const { said, platform, key } = await start(shown, shown)
    expect(JSON.parse(said)).toMatchObject({ code: 'network_error', retryable: false })
    expect(said).toContain(code)
    expect(said).not.toContain(key)
    expect(platform.requests).toEqual([])
  })
})

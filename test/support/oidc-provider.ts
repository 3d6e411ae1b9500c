import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Provider } from 'oidc-provider'
import { onTestFinished, vi } from 'vitest'
import { cookieHeader, keepCookie } from '../../src/testing/person/browser.ts'
import { readForm, readText } from '../../src/testing/person/form.ts'
import { createBrowser } from '../../src/testing.ts'

/** An authorization server that is not ours: the independent judge of what we say. */
export interface OidcServer {
  readonly issuer: string
  /** What was asked, in order. */
  readonly requests: readonly OidcRequest[]
  requestsTo(path: string): readonly OidcRequest[]
  /** A person signs in and agrees. Gives the address of the app's callback, which is not fetched. */
  signIn(authorizeUrl: string): Promise<string>
  /** A person opens a device's page, signs in, and allows it or not. Gives what the last page says. */
  answerDevice(page: string, options?: DeviceAnswer): Promise<string>
}

/** How a person answers a device. */
interface DeviceAnswer {
  readonly decline?: boolean
  /** What they type where the page asks for the code. */
  readonly userCode?: string
}

interface OidcRequest {
  readonly method: string
  readonly path: string
  readonly contentType: string | undefined
}

export interface OidcOptions {
  /**
   * What its answers to authorization requests say of themselves (RFC 9207): `sent` and announced,
   * announced and `missing`, of `another` server, or `unknown`, as servers of before 2022 do it.
   */
  readonly iss?: 'sent' | 'missing' | 'another' | 'unknown'
  /**
   * What it answers where RFC 8414 looks for metadata: those, nothing, or the `page` that a web
   * application has for every path. OpenID Connect Discovery always works.
   */
  readonly metadata?: 'found' | 'not found' | 'page'
}

const scopes = ['memories:read', 'memories:write']

/** Starts a server with the public clients `my-app` and `my-reader`, which may only read, until the end of the test. */
export async function startOidcServer(options: OidcOptions = {}): Promise<OidcServer> {
  const { iss = 'sent', metadata = 'found' } = options
  const requests: OidcRequest[] = []
  let answer: ReturnType<Provider['callback']> = () => {}
  const server = createServer((request, response) => {
    requests.push(describe(request))
    answer(request, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(
    () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  )
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  silence()
  // Here, because it complains of this version of Node when it is loaded.
  const { Provider } = await import('oidc-provider')
  const provider = new Provider(issuer, configuration)
  provider.use(async (context, next) => {
    await next()
    if (metadata !== 'found' && context.path.endsWith('/oauth-authorization-server')) {
      context.status = metadata === 'page' ? 200 : 404
      context.response.set('content-type', 'text/html')
      context.body = '<!doctype html><title>An application</title>'
    }
    if (iss === 'unknown' && context.path.startsWith('/.well-known/')) {
      context.body = withoutIssuerParameter(context.body)
    }
    const location = context.response.get('location')
    if (iss !== 'sent' && location?.includes('/callback?')) {
      context.response.set('location', withIssuer(location, iss === 'another'))
    }
  })
  answer = provider.callback()

  return {
    issuer,
    requests,
    requestsTo: (path) => requests.filter((request) => request.path === path),
    async signIn(authorizeUrl) {
      const end = await walk(authorizeUrl)
      if (end.type === 'page') throw new Error(`The server shows a page: ${end.text}`)
      return end.url
    },
    async answerDevice(page, answer) {
      const end = await walk(page, answer)
      if (end.type === 'left') throw new Error(`The server leads elsewhere: ${end.url}`)
      return end.text
    },
  }
}

const publicClient = {
  client_id: 'my-app',
  token_endpoint_auth_method: 'none',
  application_type: 'native',
  redirect_uris: ['http://127.0.0.1/callback'],
  grant_types: [
    'authorization_code',
    'refresh_token',
    'urn:ietf:params:oauth:grant-type:device_code',
  ],
  response_types: ['code'],
}

const configuration = {
  clients: [publicClient, { ...publicClient, client_id: 'my-reader', scope: 'memories:read' }],
  scopes: ['openid', ...scopes],
  pkce: { required: () => true },
  features: {
    devInteractions: { enabled: true },
    deviceFlow: { enabled: true },
    introspection: { enabled: true },
    revocation: { enabled: true },
    userinfo: { enabled: true },
  },
  rotateRefreshToken: true,
  issueRefreshToken: async () => true,
  ttl: {
    AccessToken: 900,
    AuthorizationCode: 60,
    DeviceCode: 120,
    RefreshToken: 3_600,
    IdToken: 900,
  },
  findAccount: (_context: unknown, id: string) => ({ accountId: id, claims: () => ({ sub: id }) }),
  cookies: { keys: ['a key for tests'] },
}

/** Its notices are for those who run it in production. */
function silence(): void {
  for (const name of ['info', 'warn', 'log'] as const) {
    const spy = vi.spyOn(console, name).mockImplementation(() => {})
    onTestFinished(() => spy.mockRestore())
  }
}

function describe({ method = '', url = '', headers }: IncomingMessage): OidcRequest {
  return { method, path: url.split('?', 1)[0] ?? '', contentType: headers['content-type'] }
}

function withoutIssuerParameter(metadata: unknown): unknown {
  if (typeof metadata !== 'object' || metadata === null) return metadata
  return { ...metadata, authorization_response_iss_parameter_supported: undefined }
}

function withIssuer(location: string, another: boolean): string {
  const url = new URL(location)
  url.searchParams.delete('iss')
  if (another) url.searchParams.set('iss', 'https://another.example.com')
  return url.href
}

type End =
  | { readonly type: 'left'; readonly url: string }
  | { readonly type: 'page'; readonly text: string }

/** Follows the pages and fills in their forms, until the server sends the browser to the app or has no more to ask. */
async function walk(
  start: string,
  { decline = false, userCode = '' }: DeviceAnswer = {},
): Promise<End> {
  const browser = createBrowser()
  const { origin } = new URL(start)
  let url = new URL(start)
  let body: URLSearchParams | undefined
  let declined = false
  for (let step = 0; step < 20; step++) {
    const cookie = cookieHeader(browser, url)
    const response = await fetch(url, {
      method: body === undefined ? 'GET' : 'POST',
      redirect: 'manual',
      headers: cookie === undefined ? {} : { cookie },
      ...(body === undefined ? {} : { body }),
    })
    for (const header of response.headers.getSetCookie()) keepCookie(browser, { url, header })
    const location = response.headers.get('location')
    const page = await response.text()
    body = undefined
    if (location !== null) {
      url = new URL(location, url)
      if (url.origin !== origin) return { type: 'left', url: url.href }
      continue
    }
    const form = readForm(page)
    if (form === undefined || declined) return { type: 'page', text: readText(page) }
    url = new URL(form.action, url)
    const typed = (name: string) => (name === 'user_code' ? userCode : 'ada')
    const fields = form.fields.map(({ name, value }) => [name, value === '' ? typed(name) : value])
    body = new URLSearchParams(fields)
    // The page that asks whether the device shows this code; its buttons are outside of the form.
    declined = decline && form.fields.some(({ name }) => name === 'confirm')
    if (declined) body.set('abort', 'yes')
  }
  throw new Error('The server sends the browser around without end.')
}

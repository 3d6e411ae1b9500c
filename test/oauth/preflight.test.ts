import { beforeAll, describe, expect, it } from 'vitest'
import { type AuthorizationTransaction, startAuthorization } from '../../src/oauth/authorization.ts'
import { preflight } from '../../src/oauth/preflight.ts'
import { gatewayServer } from '../../src/oauth/server.ts'
import { failure } from '../support/async.ts'
import { type Answering, connectionError, fakeFetch, json, redirectTo } from '../support/fetches.ts'
import { contextFor, gateway, redirectUri, scope } from '../support/oauth.ts'
import { platformAt } from '../support/setup.ts'

let transaction: AuthorizationTransaction
beforeAll(async () => {
  transaction = await startAuthorization(
    contextFor(() => Promise.reject(new Error('no request'))),
    { redirectUri, scope },
  )
})

const ask = (answer: Answering) => preflight(contextFor(fakeFetch(answer).fetch), transaction)
const returnTo = () => {
  const { pathname, search } = new URL(transaction.url)
  return pathname + search
}

describe('asking the authorization endpoint before a browser is opened', () => {
  it('★10 asks once, follows nothing, and carries no credential', async () => {
    const { fetch, sent } = fakeFetch(() => redirectTo('/web/login'))
    await preflight(contextFor(fetch), transaction)
    expect(sent).toMatchObject([{ method: 'GET', url: transaction.url, redirect: 'manual' }])
    expect([...(sent[0]?.headers.keys() ?? [])]).toEqual(['accept'])
  })

  it.each([
    ['a redirect to the sign-in page', () => redirectTo('/web/login?return_to=x')],
    ['a redirect for a client in a terminal', () => redirectTo('/auth/cli-login?return_to=x', 303)],
    ['a redirect to another host', () => redirectTo('https://sso.example.com/?error=none')],
    ['a redirect that leads nowhere', () => new Response(null, { status: 302 })],
    ['a redirect to an address that is none', () => redirectTo('http://')],
    ['a redirect to our callback with a code', () => redirectTo(`${redirectUri}?code=1&state=2`)],
    ['a page', () => new Response('<html>', { headers: { 'content-type': 'text/html' } })],
  ])('★10 opens the authorization URL after %s', async (_answer, answering) => {
    expect(await ask(answering)).toBe(transaction.url)
  })

  it.each([
    ['access_denied', 'access_denied'],
    ['invalid_scope', 'insufficient_scope'],
    ['temporarily_unavailable', 'service_unavailable'],
    ['server_error', 'server_error'],
    ['unauthorized_client', 'config_invalid'],
  ])('★10 makes a redirect to our own callback with %s to %s', async (error, code) => {
    const location = `${redirectUri}?error=${error}&state=x`
    expect(await failure(ask(() => redirectTo(location)))).toMatchObject({ code })
  })

  it('★10 does not take an error for ours that goes to another callback', async () => {
    for (const other of ['http://127.0.0.1:9999/callback', 'http://127.0.0.1:8989/other']) {
      expect(await ask(() => redirectTo(`${other}?error=access_denied`))).toBe(transaction.url)
    }
  })

  it('★10 opens the sign-in page after a plain 401, which leads back to authorize', async () => {
    const opened = new URL(await ask(() => json(401, { error: 'login_required' })))
    expect(opened.origin + opened.pathname).toBe(`${gateway}/web/login`)
    expect([...opened.searchParams]).toEqual([['return_to', returnTo()]])
  })

  it('★10 opens the sign-in page that a 401 suggests', async () => {
    const suggest = (login_url: string) =>
      ask(() => json(401, { error: 'Authentication required', code: 'AUTH_REQUIRED', login_url }))
    const opened = new URL(await suggest(`${gateway}/web/login?theme=dark`))
    expect(opened.pathname).toBe('/web/login')
    expect(opened.searchParams.get('theme')).toBe('dark')
    expect(opened.searchParams.get('return_to')).toBe(returnTo())
    expect(await suggest(`${gateway}/web/login?return_to=%2Fmine`)).toBe(
      `${gateway}/web/login?return_to=%2Fmine`,
    )
  })

  it.each([
    'https://evil.example.com/web/login',
    'http://auth.lanonasis.com/web/login',
    'javascript:alert(1)',
    'http://[',
  ])('★10 opens its own sign-in page when a 401 suggests %s', async (login_url) => {
    const opened = new URL(await ask(() => json(401, { code: 'AUTH_REQUIRED', login_url })))
    expect(opened.origin + opened.pathname).toBe(`${gateway}/web/login`)
  })

  it.each([
    ['invalid_scope', 'insufficient_scope'],
    ['invalid_client', 'config_invalid'],
    ['invalid_request', 'config_invalid'],
    ['access_denied', 'access_denied'],
    ['<b>', 'config_invalid'],
  ])('★10 makes a 400 with %s to %s, before a window opens', async (error, code) => {
    const body = { error, error_description: 'Requested scope not allowed: mcp:connect' }
    const found = await failure(ask(() => json(400, body)))
    expect(found).toMatchObject({ code })
    expect(found).toHaveProperty('message', expect.not.stringContaining('<b>'))
  })

  it.each([
    [
      'a 400 that says nothing',
      () => new Response('Bad request', { status: 400 }),
      'config_invalid',
    ],
    ['a 404', () => json(404, {}), 'not_found'],
    ['a limit', () => json(429, {}, { 'retry-after': '60' }), 'rate_limited'],
    ['a failing gateway', () => json(500, {}), 'server_error'],
    ["a proxy's page", () => new Response('<html>', { status: 502 }), 'service_unavailable'],
    [
      'a lost connection',
      (): Response => {
        throw connectionError('ECONNRESET')
      },
      'network_error',
    ],
  ])('★10 makes %s a typed error', async (_answer, answering, code) => {
    expect(await failure(ask(answering))).toMatchObject({ code })
  })

  it.each(['redirect', 'login_required', 'AUTH_REQUIRED'] as const)(
    '★10 opens an address that ends at our callback, on a gateway that answers %s',
    async (authorize) => {
      const platform = platformAt({ authorize })
      const opened = await preflight(contextFor(platform.fetch), transaction)
      const callback = new URL(await platform.signIn(opened))
      expect(callback.origin + callback.pathname).toBe(redirectUri)
      expect(callback.searchParams.get('state')).toBe(transaction.state)
    },
  )

  it('★2 finds the sign-in page of a gateway below a path', async () => {
    const issuer = 'https://id.example.com/auth/v2'
    const server = gatewayServer({ issuer, discover: false, tokenRequestFormat: 'json' })
    const { fetch } = fakeFetch(() => json(401, { error: 'login_required' }))
    const context = contextFor(fetch, { server })
    const started = await startAuthorization(context, { redirectUri, scope })
    expect(await preflight(context, started)).toMatch(
      /^https:\/\/id\.example\.com\/auth\/v2\/web\/login\?return_to=%2Fauth%2Fv2%2Foauth%2Fauthorize/,
    )
  })
})

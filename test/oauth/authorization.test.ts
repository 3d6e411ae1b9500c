import { describe, expect, it } from 'vitest'
import {
  authorizationError,
  finishAuthorization,
  startAuthorization,
} from '../../src/oauth/authorization.ts'
import type { OAuthContext } from '../../src/oauth/server.ts'
import { failure } from '../support/async.ts'
import { fakeFetch, htmlPage, json, redirectTo } from '../support/fetches.ts'
import { contextFor, gateway, redirectUri, scope, signInAt } from '../support/oauth.ts'
import { epoch, platformAt } from '../support/setup.ts'

const pair = {
  token_type: 'Bearer',
  access_token: 'a'.repeat(64),
  refresh_token: 'r'.repeat(86),
  expires_in: 900,
  refresh_expires_in: 2_592_000,
  scope,
}

/** A sign-in whose callback is what a test makes it, and whose token endpoint answers `pair`. */
async function started(changes: Partial<OAuthContext> = {}) {
  const { fetch, sent } = fakeFetch(() => json(200, pair))
  const context = contextFor(fetch, changes)
  const transaction = await startAuthorization(context, { redirectUri, scope })
  const finish = (query: string) =>
    finishAuthorization(
      context,
      transaction,
      new URL(`${redirectUri}?${query.replace('STATE', transaction.state)}`),
    )
  return { transaction, finish, sent }
}

describe('startAuthorization', () => {
  it('asks for a code with PKCE, naming client, redirect, scope and state', async () => {
    const { transaction } = await started()
    const url = new URL(transaction.url)
    const digest = await crypto.subtle.digest(
      'SHA-256',
      new TextEncoder().encode(transaction.verifier.reveal()),
    )
    expect(url.origin + url.pathname).toBe(`${gateway}/oauth/authorize`)
    expect(Object.fromEntries(url.searchParams)).toEqual({
      response_type: 'code',
      client_id: 'lanonasis-cli',
      redirect_uri: redirectUri,
      scope,
      code_challenge: Buffer.from(digest).toString('base64url'),
      code_challenge_method: 'S256',
      state: transaction.state,
    })
    expect(transaction.verifier.reveal().length).toBeGreaterThanOrEqual(43)
  })

  it('never uses a verifier or a state twice', async () => {
    const [one, other] = [await started(), await started()]
    expect(one.transaction.state).not.toBe(other.transaction.state)
    expect(one.transaction.verifier.equals(other.transaction.verifier)).toBe(false)
  })

  it('refuses a server without an authorization endpoint', async () => {
    const { server } = contextFor(fakeFetch(() => json(200, {})).fetch)
    const { authorization_endpoint: _, ...metadata } = server.metadata
    const request = { redirectUri, scope }
    const bare = { server: { ...server, metadata }, clientId: 'x' }
    expect(await failure(startAuthorization(bare, request))).toMatchObject({
      code: 'config_invalid',
    })
  })
})

describe('finishAuthorization', () => {
  it.each(['http://127.0.0.1:8989/callback', 'http://localhost:8989/callback'])(
    '★11 exchanges the code with the very redirect that authorize got (%s)',
    async (uri) => {
      const platform = platformAt()
      const { context, transaction, callback } = await signInAt(platform, uri)
      const tokens = await finishAuthorization(context, transaction, callback)
      expect(tokens).toMatchObject({ kind: 'opaque', scope, tokenType: 'Bearer' })
      expect(platform.requestsTo('POST /oauth/token')[0]?.body).toMatchObject({ redirect_uri: uri })
    },
  )

  it('★12 sends the code, the redirect, the client and the verifier, and never the state', async () => {
    const { transaction, finish, sent } = await started()
    await finish('code=a.code&state=STATE')
    expect(JSON.parse(sent[0]?.body ?? '')).toEqual({
      grant_type: 'authorization_code',
      code: 'a.code',
      redirect_uri: redirectUri,
      client_id: 'lanonasis-cli',
      code_verifier: transaction.verifier.reveal(),
    })
    expect(sent[0]?.headers.get('content-type')).toBe('application/json')
  })

  it('writes a form for a server that wants one', async () => {
    const { server } = contextFor(fakeFetch(() => json(200, {})).fetch)
    const { finish, sent } = await started({ server: { ...server, tokenRequestFormat: 'form' } })
    await finish('code=1&state=STATE')
    expect(sent[0]?.headers.get('content-type')).toMatch(/^application\/x-www-form-urlencoded/)
    expect(new URLSearchParams(sent[0]?.body).get('grant_type')).toBe('authorization_code')
  })

  it('counts the life of the tokens from when the request was sent', async () => {
    let now = epoch
    const { fetch } = fakeFetch(() => {
      now += 30_000
      return json(200, pair)
    })
    const context = contextFor(fetch, { now: () => now })
    const transaction = await startAuthorization(context, { redirectUri, scope })
    const callback = new URL(`${redirectUri}?code=1&state=${transaction.state}`)
    expect(await finishAuthorization(context, transaction, callback)).toMatchObject({
      obtainedAt: epoch,
      expiresAt: epoch + 900_000,
      refreshExpiresAt: epoch + 2_592_000_000,
    })
  })

  it.each([
    ['is wrapped in data', { data: pair }],
    ['names no type', { ...pair, token_type: undefined }],
    ['says nothing of what it names', { ...pair, scope: null, refresh_expires_in: null }],
  ])('takes an answer of the gateway that %s, as a renewal does', async (_what, body) => {
    const context = contextFor(fakeFetch(() => json(200, body)).fetch)
    const transaction = await startAuthorization(context, { redirectUri, scope })
    const callback = new URL(`${redirectUri}?code=1&state=${transaction.state}`)
    const tokens = await finishAuthorization(context, transaction, callback)
    expect(tokens.accessToken.reveal()).toBe(pair.access_token)
    expect(tokens.refreshToken?.reveal()).toBe(pair.refresh_token)
    expect(tokens.expiresAt).toBeGreaterThan(0)
  })

  it.each([
    ['no state', 'code=1'],
    ['another state', 'code=1&state=other'],
    ['two states', 'code=1&state=STATE&state=other'],
    ['the same state twice', 'code=1&state=STATE&state=STATE'],
    ['a refusal without our state', 'error=access_denied'],
  ])('refuses an answer with %s, and sends nothing', async (_what, query) => {
    const { finish, sent, transaction } = await started()
    const filled = query.replaceAll('STATE', transaction.state)
    expect(await failure(finish(filled))).toMatchObject({ code: 'state_mismatch' })
    expect(sent).toEqual([])
  })

  it.each([
    ['another issuer', 'https://evil.example.com'],
    ['the staging issuer', 'https://auth.lanonasis.com:3005'],
    ['an empty issuer', ''],
  ])('refuses an answer from %s, and sends nothing', async (_what, issuer) => {
    const { finish, sent } = await started()
    const query = `code=1&state=STATE&iss=${encodeURIComponent(issuer)}`
    expect(await failure(finish(query))).toMatchObject({ code: 'issuer_mismatch' })
    expect(sent).toEqual([])
  })

  it('takes an answer that names the issuer, and one that names none', async () => {
    const { finish, sent } = await started()
    await finish(`code=1&state=STATE&iss=${encodeURIComponent(gateway)}`)
    await finish('code=1&state=STATE')
    expect(sent).toHaveLength(2)
  })

  it('refuses an answer without an issuer from a server that promised one', async () => {
    const { server } = contextFor(fakeFetch(() => json(200, {})).fetch)
    const metadata = {
      ...server.metadata,
      authorization_response_iss_parameter_supported: true,
    }
    const { finish } = await started({ server: { ...server, metadata } })
    expect(await failure(finish('code=1&state=STATE'))).toMatchObject({ code: 'issuer_mismatch' })
  })

  it.each([
    ['no code', 'state=STATE'],
    ['two codes', 'code=1&code=2&state=STATE'],
    ['two issuers', `code=1&state=STATE&iss=${gateway}&iss=${gateway}`],
    ['a token in place of a code', 'access_token=1&token_type=bearer&state=STATE'],
  ])('refuses an answer with %s, and sends nothing', async (_what, query) => {
    const { finish, sent } = await started()
    expect(await failure(finish(query))).toMatchObject({ code: 'invalid_response' })
    expect(sent).toEqual([])
  })

  it('is access_denied when the person declined', async () => {
    const { finish, sent } = await started()
    expect(await failure(finish('error=access_denied&state=STATE'))).toMatchObject({
      code: 'access_denied',
    })
    expect(sent).toEqual([])
  })

  it('asks to sign in again when the code is used up', async () => {
    const { context, transaction, callback } = await signInAt(platformAt())
    await finishAuthorization(context, transaction, callback)
    expect(await failure(finishAuthorization(context, transaction, callback))).toMatchObject({
      code: 'login_required',
      status: 400,
    })
  })

  it.each([
    ['no token', () => json(200, { token_type: 'Bearer' }), 'invalid_response'],
    ['a page', () => new Response('<html>'), 'invalid_response'],
    ['a limit', () => json(429, { error: 'x' }, { 'retry-after': '60' }), 'rate_limited'],
    ['a failing gateway', () => new Response('<html>', { status: 502 }), 'service_unavailable'],
    ['a bad request', () => json(400, { error: 'invalid_request' }), 'validation_failed'],
  ])('is a typed error when the token endpoint answers with %s', async (_what, answer, code) => {
    const { fetch, sent } = fakeFetch(answer)
    const context = contextFor(fetch)
    const transaction = await startAuthorization(context, { redirectUri, scope })
    const callback = new URL(`${redirectUri}?code=1&state=${transaction.state}`)
    expect(await failure(finishAuthorization(context, transaction, callback))).toMatchObject({
      code,
    })
    expect(sent).toHaveLength(1)
  })

  it.each([200, 400, 403, 404, 500])(
    'may be tried again when the page of a proxy comes for the code: %i',
    async (status) => {
      const { fetch } = fakeFetch(() => htmlPage(status))
      for (const discover of [false, true]) {
        const { server } = contextFor(fetch)
        const context = contextFor(fetch, { server: { ...server, discover } })
        const transaction = await startAuthorization(context, { redirectUri, scope })
        const callback = new URL(`${redirectUri}?code=1&state=${transaction.state}`)
        expect(await failure(finishAuthorization(context, transaction, callback))).toMatchObject({
          code: 'service_unavailable',
          retryable: true,
          status,
          message: expect.stringContaining('web page'),
          hint: expect.stringContaining('proxy'),
        })
      }
    },
  )

  it('takes the tokens though they are called a page', async () => {
    const headers = { 'content-type': 'text/html' }
    const { fetch } = fakeFetch(() => new Response(JSON.stringify(pair), { headers }))
    const context = contextFor(fetch)
    const transaction = await startAuthorization(context, { redirectUri, scope })
    const callback = new URL(`${redirectUri}?code=1&state=${transaction.state}`)
    expect(await finishAuthorization(context, transaction, callback)).toMatchObject({ scope })
  })

  it('★7 does not carry the code to where the token endpoint redirects', async () => {
    const { fetch, sent } = fakeFetch(() => redirectTo('https://evil.example.com/token', 307))
    const context = contextFor(fetch)
    const transaction = await startAuthorization(context, { redirectUri, scope })
    const callback = new URL(`${redirectUri}?code=1&state=${transaction.state}`)
    expect(await failure(finishAuthorization(context, transaction, callback))).toMatchObject({
      code: 'invalid_response',
    })
    expect(sent.map(({ url, redirect }) => [url, redirect])).toEqual([
      [`${gateway}/oauth/token`, 'manual'],
    ])
  })
})

describe('authorizationError', () => {
  it.each([
    ['access_denied', 'access_denied'],
    ['invalid_scope', 'insufficient_scope'],
    ['temporarily_unavailable', 'service_unavailable'],
    ['server_error', 'server_error'],
    ['unauthorized_client', 'config_invalid'],
    ['something_new', 'config_invalid'],
  ])('makes %s to %s', (error, code) => {
    expect(authorizationError(error, 'host')).toMatchObject({ code })
  })

  it('repeats only a plain code', () => {
    expect(authorizationError('something_new', 'host').message).toContain('(something_new)')
    expect(authorizationError('a b\u001b[2J', 'host').message).toContain('(unknown error)')
  })
})

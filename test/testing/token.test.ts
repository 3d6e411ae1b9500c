import { describe, expect, it } from 'vitest'
import { createPlatform } from '../../src/testing.ts'
import {
  authorizeUrl,
  exchange,
  gateway,
  post,
  redirectUri,
  signInForCode,
  still,
  verifier,
} from './support.ts'

const free = () => createPlatform({ limits: false, now: still })

describe('an authorization code', () => {
  it('is exchanged by a JSON body', async () => {
    const platform = createPlatform()
    const response = await exchange(platform, { code: await signInForCode(platform) })
    expect(response.status).toBe(200)
    expect(response.headers.get('cache-control')).toBe('no-store')
    expect(await response.json()).toEqual({
      token_type: 'Bearer',
      access_token: expect.stringMatching(/^[\w-]{64}$/),
      expires_in: 900,
      refresh_token: expect.stringMatching(/^[\w-]{86}$/),
      refresh_expires_in: 2_592_000,
      scope: 'memories:read memories:write',
    })
  })

  it('is exchanged by a form', async () => {
    const platform = createPlatform()
    const response = await platform.fetch(gateway(platform, '/oauth/token'), {
      method: 'POST',
      body: new URLSearchParams({
        grant_type: 'authorization_code',
        code: await signInForCode(platform),
        redirect_uri: redirectUri,
        client_id: 'lanonasis-cli',
        code_verifier: verifier,
      }),
    })
    expect(response.status).toBe(200)
  })

  it('works once', async () => {
    const platform = free()
    const code = await signInForCode(platform)
    await exchange(platform, { code })
    const again = await exchange(platform, { code })
    expect(again.status).toBe(400)
    expect(await again.json()).toMatchObject({ error: 'invalid_grant' })
  })

  it('lives for 300 seconds', async () => {
    const platform = free()
    const [young, old] = [await signInForCode(platform), await signInForCode(platform)]
    platform.clock.advance(299_999)
    expect((await exchange(platform, { code: young })).status).toBe(200)
    platform.clock.advance(1)
    expect((await exchange(platform, { code: old })).status).toBe(400)
  })

  it.each([
    ['localhost for 127.0.0.1 (trap 11)', { redirect_uri: 'http://localhost:8989/callback' }],
    ['another verifier', { code_verifier: 'x'.repeat(43) }],
    ['no verifier', { code_verifier: undefined }],
    ['another client', { client_id: 'vscode-extension' }],
  ])('is refused with %s', async (_, changes) => {
    const platform = free()
    const response = await exchange(platform, { code: await signInForCode(platform), ...changes })
    expect(response.status).toBe(400)
    expect(await response.json()).toMatchObject({ error: 'invalid_grant' })
  })

  it('is burnt by a wrong verifier', async () => {
    const platform = free()
    const code = await signInForCode(platform)
    await exchange(platform, { code, code_verifier: 'x'.repeat(43) })
    expect((await exchange(platform, { code })).status).toBe(400)
  })

  it('is refused with a dotted state in the body, and taken with another one (trap 12)', async () => {
    const platform = free()
    const code = await signInForCode(platform)
    expect((await exchange(platform, { code, state: 'mine.theirs' })).status).toBe(400)
    expect((await exchange(platform, { code, state: 'mine' })).status).toBe(200)
  })
})

describe('a token request', () => {
  it('needs a body', async () => {
    const platform = createPlatform()
    const response = await post(platform, gateway(platform, '/oauth/token'))
    expect(response.status).toBe(400)
    expect(await response.json()).toEqual({
      error: 'Request body is required',
      code: 'INVALID_BODY',
    })
  })

  it('is told which of its parameters are wrong', async () => {
    const response = await exchange(createPlatform(), {})
    expect(response.status).toBe(400)
    expect(await response.json()).toMatchObject({
      error: 'invalid_request',
      details: { code: [expect.any(String)] },
    })
  })

  it('of a confidential client needs its secret', async () => {
    const platform = free()
    const redirect_uri = 'https://dashboard.lanonasis.com/auth/callback'
    const changes = { client_id: 'dashboard-web', redirect_uri, code_challenge: undefined }
    const code = new URL(await platform.signIn(authorizeUrl(platform, changes))).searchParams.get(
      'code',
    )
    const request = { ...changes, code, code_verifier: undefined }
    expect((await exchange(platform, request)).status).toBe(401)
    const known = await exchange(platform, { ...request, client_secret: 'dashboard-secret' })
    expect(known.status).toBe(200)
  })
})

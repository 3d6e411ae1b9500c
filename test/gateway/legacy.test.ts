import { describe, expect, it } from 'vitest'
import { exchangeLegacyToken } from '../../src/gateway/legacy.ts'
import { Secret } from '../../src/secret/secret.ts'
import { failure } from '../support/async.ts'
import { type Answering, fakeFetch, json } from '../support/fetches.ts'
import { epoch } from '../support/setup.ts'

const gateway = 'https://auth.lanonasis.com'
const token = new Secret('header.payload.canary')

function setup(answer: Answering, now = () => epoch) {
  const { fetch, sent } = fakeFetch(answer)
  const exchange = () =>
    exchangeLegacyToken({ gateway, clientId: 'my-app' }, token, {
      transport: { fetch, timeoutMs: 60_000 },
      now,
    })
  return { sent, exchange }
}

const pair = {
  token_type: 'Bearer',
  access_token: 'a'.repeat(64),
  refresh_token: 'r'.repeat(86),
  expires_in: 900,
  refresh_expires_in: 2_592_000,
  scope: 'memories:read',
}

describe('offering a legacy token', () => {
  it('★6 ★7 is one JSON request with the token in its body, and follows nobody', async () => {
    const { exchange, sent } = setup(() => Response.redirect('https://evil.example.com/', 307))
    expect(await failure(exchange())).toMatchObject({ status: 307 })
    expect(sent).toMatchObject([
      { method: 'POST', url: `${gateway}/legacy/exchange`, redirect: 'manual' },
    ])
    expect(JSON.parse(sent[0]?.body ?? '')).toEqual({
      token: 'header.payload.canary',
      client_id: 'my-app',
    })
    expect(sent[0]?.headers.get('content-type')).toBe('application/json')
    expect(sent[0]?.headers.has('authorization')).toBe(false)
  })

  it.each([pair, { data: pair }])(
    'brings a pair whose life counts from when it was asked for',
    async (body) => {
      let now = epoch
      const { exchange } = setup(
        () => {
          now += 5_000
          return json(200, body)
        },
        () => now,
      )
      const outcome = await exchange()
      expect(outcome).toMatchObject({
        type: 'exchanged',
        tokens: {
          kind: 'opaque',
          scope: 'memories:read',
          obtainedAt: epoch,
          expiresAt: epoch + 900_000,
          refreshExpiresAt: epoch + 2_592_000_000,
        },
      })
      if (outcome.type !== 'exchanged') return
      expect(outcome.tokens.accessToken.reveal()).toBe(pair.access_token)
      expect(outcome.tokens.refreshToken?.reveal()).toBe(pair.refresh_token)
    },
  )

  it.each([
    [401, { error: 'Invalid or expired legacy token', code: 'INVALID_LEGACY_TOKEN' }],
    [401, { error: 'invalid_token' }],
    [400, { error: 'invalid_grant', error_description: 'Unknown token' }],
    [401, { error: 'Expired', code: 'TOKEN_EXPIRED' }],
  ])('is refused by %i %j', async (status, body) => {
    expect(await setup(() => json(status, body)).exchange()).toEqual({ type: 'refused' })
  })

  it.each([
    json(404, { error: 'Not found', code: 'ROUTE_NOT_FOUND' }),
    new Response('Cannot POST /legacy/exchange', { status: 404 }),
  ])('is not possible where the route is missing', async (answer) => {
    expect(await setup(() => answer.clone()).exchange()).toEqual({ type: 'not-deployed' })
  })

  it.each([
    [400, { error: 'Unknown client_id', code: 'INVALID_CLIENT' }, 'validation_failed'],
    [401, {}, 'service_unavailable'],
    [403, { error: 'Not allowed', code: 'INVALID_LEGACY_TOKEN' }, 'forbidden'],
    [429, { error: 'RATE_LIMITED', retryAfter: 30 }, 'rate_limited'],
    [500, { error: 'invalid_grant' }, 'server_error'],
    [503, {}, 'service_unavailable'],
    [200, {}, 'invalid_response'],
    [200, 'hello', 'invalid_response'],
  ])('decides nothing by %i %j', async (status, body, code) => {
    const { exchange, sent } = setup(() => json(status, body))
    expect(await failure(exchange())).toMatchObject({ code })
    expect(sent).toHaveLength(1)
  })

  it('says nothing of the token when it fails', async () => {
    const { exchange } = setup(() => json(500, { error: `no: ${token.reveal()}` }))
    const error = await failure(exchange())
    expect(`${String(error)} ${JSON.stringify(error)}`).not.toContain('canary')
  })
})

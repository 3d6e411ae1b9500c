import { describe, expect, it } from 'vitest'
import { discoverServer, gatewayServer } from '../../src/oauth/server.ts'
import { failure } from '../support/async.ts'
import { type Answering, fakeFetch, json } from '../support/fetches.ts'
import { gateway } from '../support/oauth.ts'
import { epoch } from '../support/setup.ts'

const issuer = 'https://id.example.com'
const metadata = {
  issuer,
  authorization_endpoint: `${issuer}/authorize`,
  token_endpoint: `${issuer}/token`,
}

function discover(answer: Answering, from = issuer) {
  const { fetch, sent } = fakeFetch(answer)
  const config = { issuer: from, discover: true, tokenRequestFormat: 'form' } as const
  const found = discoverServer(config, { fetch, timeoutMs: 60_000 }, () => epoch)
  return { found, sent }
}

describe('gatewayServer', () => {
  it("knows the gateway's routes without asking", () => {
    const server = gatewayServer({ issuer: gateway, discover: false, tokenRequestFormat: 'json' })
    expect(server.metadata).toMatchObject({
      issuer: gateway,
      authorization_endpoint: `${gateway}/oauth/authorize`,
      token_endpoint: `${gateway}/oauth/token`,
      revocation_endpoint: `${gateway}/oauth/revoke`,
      introspection_endpoint: `${gateway}/oauth/introspect`,
      device_authorization_endpoint: `${gateway}/oauth/device`,
    })
  })
})

describe('discoverServer', () => {
  it('reads the metadata of RFC 8414', async () => {
    const { found, sent } = discover(() => json(200, metadata))
    expect((await found).metadata).toMatchObject(metadata)
    expect(sent.map(({ url }) => url)).toEqual([`${issuer}/.well-known/oauth-authorization-server`])
  })

  it('reads those of OpenID Connect where it has no others', async () => {
    const { found, sent } = discover(({ url }) =>
      url.endsWith('openid-configuration') ? json(200, metadata) : json(404, {}),
    )
    expect((await found).metadata).toMatchObject(metadata)
    expect(sent).toHaveLength(2)
  })

  it.each(['https://evil.example.com', `${issuer}/other`, `${issuer}:8443`])(
    'does not take the metadata of %s for those of the server that was asked',
    async (said) => {
      const { found } = discover(() => json(200, { ...metadata, issuer: said }))
      expect(await failure(found)).toMatchObject({ code: 'issuer_mismatch' })
    },
  )

  it.each([
    ['no JSON', () => new Response('<html>', { headers: { 'content-type': 'text/html' } })],
    ['no issuer', () => json(200, { token_endpoint: metadata.token_endpoint })],
    ['an issuer that is no URL', () => json(200, { ...metadata, issuer: 12 })],
  ])('is an invalid response with %s', async (_what, answer) => {
    expect(await failure(discover(answer).found)).toMatchObject({ code: 'invalid_response' })
  })

  it.each([
    [404, 'not_found'],
    [503, 'service_unavailable'],
  ])('fails when both documents are answered with %i', async (status, code) => {
    expect(await failure(discover(() => json(status, {})).found)).toMatchObject({ code })
  })

  it('follows no redirect to another document', async () => {
    const { found, sent } = discover(
      () => new Response(null, { status: 302, headers: { location: 'https://evil.example.com' } }),
    )
    await failure(found)
    expect(sent.map(({ redirect }) => redirect)).toEqual(['manual', 'manual'])
  })
})

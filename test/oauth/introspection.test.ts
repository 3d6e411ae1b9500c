import { describe, expect, it } from 'vitest'
import { introspectToken } from '../../src/oauth/introspection.ts'
import { Secret } from '../../src/secret/secret.ts'
import { failure } from '../support/async.ts'
import { fakeFetch, json } from '../support/fetches.ts'
import { contextFor, scope } from '../support/oauth.ts'
import { epoch, platformAt } from '../support/setup.ts'

describe('introspectToken', () => {
  it('says of an opaque token whose it is, what it may do and when it ends', async () => {
    const platform = platformAt()
    const { accessToken } = await platform.issueTokens()
    const found = await introspectToken(contextFor(platform.fetch), new Secret(accessToken))
    expect(found).toEqual({
      active: true,
      clientId: 'lanonasis-cli',
      userId: platform.users[0]?.id,
      scope,
      tokenType: 'access',
      expiresAt: epoch + 900_000,
      issuedAt: epoch,
    })
  })

  it('says of a JWT who it is for', async () => {
    const platform = platformAt()
    const { accessToken } = await platform.issueTokens({ family: 'jwt' })
    expect(
      await introspectToken(contextFor(platform.fetch), new Secret(accessToken)),
    ).toMatchObject({ active: true, subject: platform.users[0]?.id, email: 'ada@example.com' })
  })

  it('says nothing else of a token that is not active', async () => {
    const platform = platformAt()
    expect(await introspectToken(contextFor(platform.fetch), new Secret('nonsense'))).toEqual({
      active: false,
    })
  })

  it('leaves out what it cannot read', async () => {
    const { fetch } = fakeFetch(() => json(200, { active: true, exp: 'soon', client_id: 12 }))
    expect(await introspectToken(contextFor(fetch), new Secret('x'))).toEqual({ active: true })
  })

  it.each([
    ['without active', () => json(200, { client_id: 'x' })],
    ['with a text as active', () => json(200, { active: 'false' })],
    ['that is no JSON', () => new Response('<html>')],
    ['that is empty', () => new Response('')],
  ])('does not guess from an answer %s', async (_what, answer) => {
    const { fetch } = fakeFetch(answer)
    expect(await failure(introspectToken(contextFor(fetch), new Secret('x')))).toMatchObject({
      code: 'invalid_response',
    })
  })

  it('is refused before any request for an empty token', async () => {
    const { fetch, sent } = fakeFetch(() => json(200, { active: false }))
    expect(await failure(introspectToken(contextFor(fetch), new Secret('')))).toMatchObject({
      code: 'validation_failed',
    })
    expect(sent).toEqual([])
  })

  it('is told to wait after twenty in a minute', async () => {
    const platform = platformAt()
    const context = contextFor(platform.fetch)
    for (let time = 0; time < 20; time++) await introspectToken(context, new Secret('x'))
    expect(await failure(introspectToken(context, new Secret('x')))).toMatchObject({
      code: 'rate_limited',
      retryAfterMs: 60_000,
    })
  })

  it('fails where there is no endpoint for it', async () => {
    const { fetch } = fakeFetch(() => json(200, {}))
    const { server } = contextFor(fetch)
    const { introspection_endpoint: _, ...metadata } = server.metadata
    const context = contextFor(fetch, { server: { ...server, metadata } })
    expect(await failure(introspectToken(context, new Secret('x')))).toMatchObject({
      code: 'not_found',
    })
  })
})

import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { createPlatform, type Platform } from '../../src/testing.ts'
import { gateway, mcp, post } from './support.ts'

const identify = async (platform: Platform, headers: Record<string, string>) => {
  const response = await post(platform, gateway(platform, '/v1/auth/introspect'), {
    body: {},
    headers,
  })
  return { status: response.status, body: await response.json() }
}

const verify = async (platform: Platform, key: string) => {
  const headers = { 'x-api-key': key }
  const response = await post(platform, gateway(platform, '/v1/auth/verify-api-key'), { headers })
  return { status: response.status, body: await response.json() }
}

describe('the identity of a credential', () => {
  it('is told for both families and for keys', async () => {
    const platform = createPlatform()
    const user_id = platform.users[0]?.id
    const opaque = await platform.issueTokens()
    const jwt = await platform.issueTokens({ family: 'jwt' })
    const { id, key } = await platform.createApiKey()
    expect(
      await identify(platform, { authorization: `Bearer ${opaque.accessToken}` }),
    ).toMatchObject({ body: { valid: true, identity: { user_id, auth_source: 'oauth_token' } } })
    expect(await identify(platform, { authorization: `Bearer ${jwt.accessToken}` })).toMatchObject({
      body: { valid: true, identity: { user_id, auth_source: 'jwt' } },
    })
    expect(await identify(platform, { 'x-api-key': key })).toMatchObject({
      body: { valid: true, identity: { user_id, api_key_id: id, auth_source: 'api_key' } },
    })
  })

  it('tells an expired credential from an invalid one', async () => {
    const platform = createPlatform()
    const { accessToken } = await platform.issueTokens()
    const { id, key } = await platform.createApiKey({ expiresInMs: 900_000 })
    const revoked = await platform.createApiKey()
    platform.revokeApiKey(revoked.id)
    platform.clock.advance(900_000)
    const refusal = (code: string) => ({
      status: 401,
      body: { valid: false, error: { code, retryable: false, message: expect.any(String) } },
    })
    const expired = refusal('expired_credential')
    expect(await identify(platform, { authorization: `Bearer ${accessToken}` })).toMatchObject(
      expired,
    )
    expect(await identify(platform, { 'x-api-key': key })).toMatchObject(expired)
    const invalid = refusal('invalid_credential')
    expect(await identify(platform, { 'x-api-key': revoked.key })).toMatchObject(invalid)
    expect(await identify(platform, { authorization: 'Bearer nonsense' })).toMatchObject(invalid)
    expect(platform.apiKeys.find((record) => record.id === id)?.active).toBe(true)
  })

  it('goes by the bearer token when a key comes along (trap 5)', async () => {
    const platform = createPlatform()
    const { key } = await platform.createApiKey()
    const both = { authorization: 'Bearer nonsense', 'x-api-key': key }
    expect((await identify(platform, both)).status).toBe(401)
    expect(platform.requests.at(-1)?.credential).toBe('both')
  })
})

describe('verifying a key', () => {
  it.each(['roadmap', 'lano'] as const)('knows a good one (%s)', async (form) => {
    const platform = createPlatform()
    const { key } = await platform.createApiKey({ form })
    expect(await verify(platform, key)).toMatchObject({
      status: 200,
      body: { valid: true, userId: platform.users[0]?.id, projectScope: 'lanonasis-maas' },
    })
  })

  it('takes the hash of a key for the key, which MCP Core does not (trap 9)', async () => {
    const platform = createPlatform()
    const { key } = await platform.createApiKey()
    const hash = createHash('sha256').update(key).digest('hex')
    expect((await verify(platform, hash)).status).toBe(200)
    const headers = { 'x-api-key': hash }
    expect((await platform.fetch(mcp(platform, '/memory'), { headers })).status).toBe(401)
  })

  it('refuses others with a free text', async () => {
    const platform = createPlatform()
    const { id, key } = await platform.createApiKey()
    platform.expireApiKey(id)
    expect(await verify(platform, key)).toMatchObject({
      status: 401,
      body: { valid: false, code: 'API_KEY_INVALID', reason: 'API key has expired' },
    })
    expect((await verify(platform, 'pk_half')).body).toMatchObject({ code: 'API_KEY_INVALID' })
  })
})

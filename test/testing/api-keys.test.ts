import { describe, expect, it } from 'vitest'
import { createPlatform, type Platform, type PlatformOptions } from '../../src/testing.ts'
import { mcp, post, still } from './support.ts'

async function setUp(options: PlatformOptions = {}) {
  const platform = createPlatform(options)
  const { accessToken } = await platform.issueTokens()
  const headers = { authorization: `Bearer ${accessToken}` }
  const url = mcp(platform, '/auth/api-keys')
  const create = (body: object) => post(platform, url, { body, headers })
  return { platform, headers, url, create }
}

const uses = async (platform: Platform, key: string) =>
  (await platform.fetch(mcp(platform, '/memory'), { headers: { 'x-api-key': key } })).status

describe('key management', () => {
  it('shows a key once', async () => {
    const { platform, headers, url, create } = await setUp({ now: still })
    const response = await create({ name: 'laptop', expires_in_days: 30, description: 'mine' })
    const { success, data, message } = await response.json()
    expect([response.status, success, typeof message]).toEqual([201, true, 'string'])
    expect(data).toMatchObject({
      name: 'laptop',
      access_level: 'authenticated',
      permissions: ['memories:read', 'memories:write'],
      is_active: true,
      key: expect.stringMatching(/^lano_/),
    })
    expect(Date.parse(data.expires_at) - Date.parse(data.created_at)).toBe(30 * 24 * 3_600_000)
    const list = await (await platform.fetch(url, { headers })).json()
    expect(list.data).toEqual([expect.not.objectContaining({ key: expect.anything() })])
    const one = await (await platform.fetch(`${url}/${data.id}`, { headers })).json()
    expect(one.data).toEqual(list.data[0])
  })

  it('hands out the halves apart on older deployments', async () => {
    const { platform, create } = await setUp({ generation: 'roadmap' })
    const { data } = await (await create({ name: 'laptop' })).json()
    expect(data).not.toHaveProperty('key')
    expect(await uses(platform, `${data.key_id}.${data.key_secret}`)).toBe(200)
    expect(await uses(platform, data.key_id)).toBe(401)
  })

  it('is at every place where clients look for it', async () => {
    const { platform, headers } = await setUp()
    const { authGateway, mcpHttp, restApi } = platform.endpoints
    for (const url of [
      `${mcpHttp}/auth/api-keys`,
      `${authGateway}/api/v1/auth/api-keys`,
      `${authGateway}/api/v1/api-keys`,
      `${restApi}/api-keys`,
    ]) {
      expect((await platform.fetch(url, { headers })).status).toBe(200)
    }
    expect((await platform.fetch(`${restApi}/auth/api-keys`, { headers })).status).toBe(404)
  })

  it('is not for keys, and claims that no token came (trap 24)', async () => {
    const { platform, url } = await setUp()
    const { key } = await platform.createApiKey()
    for (const headers of [{ 'x-api-key': key }, { authorization: 'Bearer bad' }]) {
      const response = await platform.fetch(url, { headers })
      expect(response.status).toBe(401)
      expect(await response.json()).toEqual({
        error: 'No token provided',
        code: 'AUTH_TOKEN_MISSING',
      })
    }
  })

  it('refuses a second key of one name, also when both come at once', async () => {
    const { create } = await setUp()
    const responses = await Promise.all([create({ name: 'a' }), create({ name: 'a' })])
    expect(responses.map(({ status }) => status).sort()).toEqual([201, 409])
    expect(await (await create({ name: 'a' })).json()).toMatchObject({ code: 'KEY_EXISTS' })
  })

  it('calls some mistakes of the caller its own (trap 20)', async () => {
    const { create } = await setUp()
    const nameless = await create({ name: ' ' })
    expect([nameless.status, await nameless.json()]).toMatchObject([
      400,
      { code: 'INVALID_REQUEST' },
    ])
    const endless = await create({ name: 'a', expires_in_days: -1 })
    expect([endless.status, await endless.json()]).toMatchObject([
      500,
      { code: 'CREATE_KEY_ERROR' },
    ])
  })

  it('rotates under one id, needs a body for it, and kills the old secret at once (traps 19, 21)', async () => {
    const { platform, headers, url, create } = await setUp()
    const { data: old } = await (await create({ name: 'a' })).json()
    const bodiless = await post(platform, `${url}/${old.id}/rotate`, { headers })
    expect([bodiless.status, await bodiless.json()]).toMatchObject([400, { code: 'INVALID_BODY' }])
    expect(await uses(platform, old.key)).toBe(200)
    const rotated = await post(platform, `${url}/${old.id}/rotate`, { body: {}, headers })
    const { data } = await rotated.json()
    expect(data.id).toBe(old.id)
    expect([await uses(platform, old.key), await uses(platform, data.key)]).toEqual([401, 200])
  })

  it('revokes and deletes', async () => {
    const { platform, headers, url, create } = await setUp()
    const { data } = await (await create({ name: 'a' })).json()
    await post(platform, `${url}/${data.id}/revoke`, { body: {}, headers })
    expect(await uses(platform, data.key)).toBe(401)
    const shown = await (await platform.fetch(`${url}/${data.id}`, { headers })).json()
    expect(shown.data.is_active).toBe(false)
    await platform.fetch(`${url}/${data.id}`, { method: 'DELETE', headers })
    expect((await platform.fetch(`${url}/${data.id}`, { headers })).status).toBe(404)
  })

  it("does not show one person's keys to another", async () => {
    const { platform, url, create } = await setUp()
    const { data } = await (await create({ name: 'a' })).json()
    platform.addUser({ email: 'eve@example.com', password: 'x' })
    const { accessToken } = await platform.issueTokens({ email: 'eve@example.com' })
    const headers = { authorization: `Bearer ${accessToken}` }
    expect((await platform.fetch(`${url}/${data.id}`, { headers })).status).toBe(404)
    expect(await (await platform.fetch(url, { headers })).json()).toMatchObject({ data: [] })
  })
})

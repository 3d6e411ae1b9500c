import { describe, expect, it } from 'vitest'
import { createPlatform, type PlatformOptions } from '../../src/testing.ts'
import { mcp, post } from './support.ts'

async function setUp(options: PlatformOptions = {}) {
  const platform = createPlatform(options)
  const { key } = await platform.createApiKey()
  const headers = { 'x-api-key': key }
  const url = mcp(platform, '/memory')
  const create = (body: object) => post(platform, url, { body, headers })
  const get = async (path: string) => {
    const response = await platform.fetch(url + path, { headers })
    return { status: response.status, body: await response.json() }
  }
  return { platform, headers, url, create, get }
}

const example = { title: 'Example', content: 'Details', type: 'knowledge', tags: ['a', 'b'] }

describe('memory routes', () => {
  it('wrap their answers, and older ones do not (trap 22)', async () => {
    const wrapped = await (await (await setUp()).create(example)).json()
    expect(wrapped).toMatchObject({ data: { title: 'Example', memory_type: 'knowledge' } })
    const bare = await (await (await setUp({ generation: 'roadmap' })).create(example)).json()
    expect(bare).toMatchObject({ title: 'Example', type: 'knowledge' })
  })

  it('are at /memories on newer deployments only', async () => {
    for (const [generation, status] of [
      ['2026', 200],
      ['roadmap', 404],
    ] as const) {
      const { platform, headers } = await setUp({ generation })
      expect((await platform.fetch(mcp(platform, '/memories'), { headers })).status).toBe(status)
    }
  })

  it('list newest first, by page, type and any of some tags', async () => {
    const { create, get } = await setUp()
    for (const index of [1, 2, 3, 4]) {
      await create({ ...example, title: `${index}`, tags: [index % 2 ? 'odd' : 'even'] })
    }
    await create({ ...example, title: '5', type: 'project', tags: ['odd'] })
    const titles = async (query: string) =>
      (await get(query)).body.data.map(({ title }: { title: string }) => title)
    expect(await titles('?limit=2&offset=1')).toEqual(['4', '3'])
    expect(await titles('?tags=odd')).toEqual(['5', '3', '1'])
    expect(await titles('?tags=odd,even&type=knowledge')).toEqual(['4', '3', '2', '1'])
    expect((await get('?limit=2&offset=1')).body.pagination).toMatchObject({
      total: 5,
      limit: 2,
      offset: 1,
      has_next: true,
    })
  })

  it('read, change, find, count and delete', async () => {
    const { platform, url, headers, create, get } = await setUp()
    const { data } = await (await create(example)).json()
    expect((await get(`/${data.id}`)).body).toEqual({ data })
    platform.clock.advance(1000)
    const changed = await platform.fetch(`${url}/${data.id}`, {
      method: 'PUT',
      headers: { ...headers, 'content-type': 'application/json' },
      body: JSON.stringify({ title: 'Changed' }),
    })
    expect(await changed.json()).toMatchObject({ data: { title: 'Changed', content: 'Details' } })
    const found = await post(platform, `${url}/search`, { body: { query: 'details' }, headers })
    expect(await found.json()).toMatchObject({ data: [{ id: data.id }], pagination: { total: 1 } })
    expect((await get('/stats')).body).toEqual({
      data: { total_memories: 1, memories_by_type: { knowledge: 1 } },
    })
    await platform.fetch(`${url}/${data.id}`, { method: 'DELETE', headers })
    expect((await get(`/${data.id}`)).status).toBe(404)
    expect(platform.memories).toEqual([])
  })

  it('create once per idempotency key', async () => {
    const { platform, create } = await setUp()
    const first = await (await create({ ...example, idempotency_key: 'k' })).json()
    const again = await (await create({ ...example, idempotency_key: 'k' })).json()
    expect(again).toEqual(first)
    await create(example)
    await create(example)
    expect(platform.memories).toHaveLength(3)
  })

  it('say what is wrong in the form of the edge, and of the old server', async () => {
    const { platform, headers, create } = await setUp()
    const response = await create({ title: 'x', type: 'novel' })
    expect(response.status).toBe(400)
    expect(await response.json()).toEqual({
      error: 'Validation failed',
      code: 'VALIDATION_ERROR',
      details: expect.arrayContaining([{ field: 'content', message: expect.any(String) }]),
      timestamp: expect.any(String),
      request_id: response.headers.get('x-request-id'),
    })
    const old = await post(platform, `${platform.endpoints.restApi}/memory`, { body: {}, headers })
    expect(await old.json()).toMatchObject({
      error: {
        message: 'Validation failed',
        type: 'invalid_request_error',
        code: 'VALIDATION_ERROR',
      },
      request_id: old.headers.get('x-request-id'),
    })
  })

  it('answer a plain 401 to a good key, of a person without an organisation or at the order of a test (trap 23)', async () => {
    const { platform, url, get } = await setUp()
    platform.addUser({ email: 'new@example.com', password: 'x', organization: null })
    const { key } = await platform.createApiKey({ email: 'new@example.com' })
    const alone = await platform.fetch(url, { headers: { 'x-api-key': key } })
    platform.order({ match: 'GET /memory', times: 1, action: 'edge-401' })
    const ordered = await get('')
    const { timestamp, request_id, ...plain } = await alone.json()
    expect([timestamp, request_id]).toEqual([expect.any(String), expect.any(String)])
    expect(ordered).toMatchObject({ status: 401, body: plain })
    expect((await get('')).status).toBe(200)
  })

  it('go by the key at the old server when both headers come (trap 5)', async () => {
    const { platform, headers } = await setUp()
    const url = `${platform.endpoints.restApi}/memory`
    const both = { ...headers, authorization: 'Bearer bad' }
    expect((await platform.fetch(url, { headers: both })).status).toBe(200)
  })

  it('need the scope', async () => {
    const { platform, url } = await setUp()
    const { accessToken } = await platform.issueTokens({ scope: 'memories:read' })
    const headers = { authorization: `Bearer ${accessToken}` }
    expect((await platform.fetch(url, { headers })).status).toBe(200)
    const refused = await post(platform, url, { body: example, headers })
    expect([refused.status, await refused.json()]).toMatchObject([
      403,
      { code: 'SCOPE_INSUFFICIENT' },
    ])
  })

  it("keep people's memories apart", async () => {
    const { platform, url, create } = await setUp()
    const { data } = await (await create(example)).json()
    platform.addUser({ email: 'eve@example.com', password: 'x' })
    const { key } = await platform.createApiKey({ email: 'eve@example.com' })
    const theirs = await platform.fetch(`${url}/${data.id}`, { headers: { 'x-api-key': key } })
    expect(theirs.status).toBe(404)
  })
})

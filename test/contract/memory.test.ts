import { describe, expect, it } from 'vitest'
import { failure } from '../support/async.ts'
import { accessToken, apiKey, byKey, byToken, clientWith, mcp, opaqueTokens } from './clients.ts'
import { describeMemoryRoutes } from './memory-routes.ts'
import { useWire, type WireAnswer } from './wire.ts'

const wire = useWire()
const nothing: WireAnswer = { status: 200, body: { data: [] } }

describe('memories at MCP Core, with an API key', () => {
  describeMemoryRoutes(wire, { base: mcp, credential: byKey, client: () => clientWith({ apiKey }) })
})

describe('which credential goes to MCP Core', () => {
  it('★5 GET /api/v1/memory gets the API key and no bearer token where there are both', async () => {
    wire.expect(`GET ${mcp}/memory`, { credential: byKey }, nothing)
    await clientWith({ tokens: opaqueTokens, apiKey }).memory.list()
  })

  it('★5 GET /api/v1/memory gets the bearer token where there is no key', async () => {
    wire.expect(`GET ${mcp}/memory`, { credential: byToken }, nothing)
    await clientWith({ tokens: opaqueTokens }).memory.list()
  })

  it('GET /api/v1/memory gets the key of the option rather than the stored one', async () => {
    const other = `lano_${'0'.repeat(64)}`
    wire.expect(`GET ${mcp}/memory`, { credential: `x-api-key: ${other}` }, nothing)
    await clientWith({ tokens: opaqueTokens, apiKey }, { apiKey: other }).memory.list()
  })

  it.each([
    `lano_${'f'.repeat(64)}`,
    'vx_0123456789',
    'lns_0123456789',
    'lms_0123456789',
    'vibe_0123456789',
    'master_0123456789',
  ])('GET /api/v1/memory gets a key of every form in circulation as it is (%s)', async (key) => {
    wire.expect(`GET ${mcp}/memory`, { credential: `x-api-key: ${key}` }, nothing)
    await clientWith({ apiKey: key }).memory.list()
  })

  it('★9 GET /api/v1/memory never gets the SHA-256 of a key, and no key is hashed', async () => {
    const error = await failure(clientWith({ apiKey: 'a'.repeat(64) }).memory.list())
    expect(error).toMatchObject({ code: 'api_key_malformed' })
    expect(JSON.stringify(error)).not.toContain('a'.repeat(64))
  })

  it('GET /api/v1/memory is not asked without any credential', async () => {
    expect(await failure(clientWith().memory.list())).toMatchObject({ code: 'login_required' })
  })

  it('★2 GET /api/v1/memory is below the base, however that is written', async () => {
    for (const mcpHttp of [mcp, `${mcp}/`, 'https://mcp.lanonasis.com//api/v1']) {
      wire.expect(`GET ${mcp}/memory`, { credential: byKey }, nothing)
      await clientWith({ apiKey }, { endpoints: { mcpHttp } }).memory.list()
    }
    wire.expect('GET https://mcp.lanonasis.com/memory', { credential: byKey }, nothing)
    const bare = { mcpHttp: 'https://mcp.lanonasis.com' }
    await clientWith({ apiKey }, { endpoints: bare }).memory.list()
  })

  it('★6 a credential in the query of client.fetch is refused, and nothing is sent', async () => {
    for (const [credential, held] of [
      [apiKey, { apiKey }],
      [accessToken, { tokens: opaqueTokens }],
    ] as const) {
      const url = `${mcp}/memory?key=${credential}`
      expect(await failure(clientWith(held).fetch(url))).toMatchObject({
        code: 'validation_failed',
      })
    }
  })

  it("★7 GET /api/v1/memory follows a redirect within the origin, and refuses another's", async () => {
    const client = clientWith({ apiKey })
    wire.expect(
      `GET ${mcp}/memory`,
      { credential: byKey },
      { status: 307, headers: { location: '/api/v1/memories' } },
    )
    wire.expect(`GET ${mcp}/memories`, { credential: byKey }, nothing)
    await client.memory.list()
    wire.expect(
      `GET ${mcp}/memory`,
      { credential: byKey },
      { status: 302, headers: { location: 'https://evil.example.com/' } },
    )
    expect(await failure(client.memory.list())).toMatchObject({ code: 'origin_not_allowed' })
  })

  it('★7 POST /api/v1/memory carries its body nowhere else, not even within the origin', async () => {
    wire.expect(
      `POST ${mcp}/memory`,
      {
        credential: byKey,
        json: { title: 'T', content: 'C', type: 'context', idempotency_key: expect.any(String) },
      },
      { status: 307, headers: { location: '/api/v1/memories' } },
    )
    const { memory } = clientWith({ apiKey })
    expect(await failure(memory.create({ title: 'T', content: 'C' }))).toMatchObject({
      code: 'invalid_response',
    })
  })

  it('DELETE /api/v1/memory/:id whose answer was lost is done when the memory is gone', async () => {
    const lost = Object.assign(new Error('reset'), { code: 'ECONNRESET' })
    const gone: WireAnswer = { status: 404, body: { error: 'Memory not found', code: 'NOT_FOUND' } }
    wire.expect(`DELETE ${mcp}/memory/m1`, { credential: byKey }, lost)
    wire.expect(`DELETE ${mcp}/memory/m1`, { credential: byKey }, gone)
    expect(await clientWith({ apiKey }).memory.delete('m1')).toBeUndefined()
  })

  it('POST /api/v1/memory is repeated with the same idempotency key', async () => {
    const lost = Object.assign(new Error('reset'), { code: 'ECONNRESET' })
    const created = { id: 'm1' }
    const json = { title: 'T', content: 'C', type: 'context', idempotency_key: expect.any(String) }
    wire.expect(`POST ${mcp}/memory`, { credential: byKey, json }, lost)
    wire.expect(`POST ${mcp}/memory`, { credential: byKey, json }, { status: 201, body: created })
    const { memory } = clientWith({ apiKey })
    expect(await memory.create({ title: 'T', content: 'C' })).toMatchObject(created)
    const keys = wire.seen.map(
      ({ json }) => (json as typeof created & { idempotency_key: string }).idempotency_key,
    )
    expect(new Set(keys).size).toBe(1)
  })
})

import { describe, it } from 'vitest'
import { apiKey, byKey, byToken, clientWith, mcp, opaqueTokens, restApi } from './clients.ts'
import { describeMemoryRoutes } from './memory-routes.ts'
import { useWire, type WireAnswer } from './wire.ts'

const wire = useWire()
const nothing: WireAnswer = { status: 200, body: { memories: [] } }
const legacy = { legacyApi: true }

describe('memories at the REST API (--legacy-api), with an API key', () => {
  describeMemoryRoutes(wire, {
    base: restApi,
    credential: byKey,
    client: () => clientWith({ apiKey }, legacy),
  })
})

describe('which credential goes to the REST API', () => {
  it('★5 GET /api/v1/memory gets the API key and no bearer token where there are both', async () => {
    wire.expect(`GET ${restApi}/memory`, { credential: byKey }, nothing)
    await clientWith({ tokens: opaqueTokens, apiKey }, legacy).memory.list()
  })

  it('★5 GET /api/v1/memory gets the bearer token where there is no key', async () => {
    wire.expect(`GET ${restApi}/memory`, { credential: byToken }, nothing)
    await clientWith({ tokens: opaqueTokens }, legacy).memory.list()
  })

  it('★5 every other route gets the bearer token, although there is a key', async () => {
    const client = clientWith({ tokens: opaqueTokens, apiKey }, legacy)
    wire.expect(`GET ${restApi}/projects?limit=1`, { credential: byToken }, nothing)
    wire.expect(`GET ${restApi}/api-keys`, { credential: byToken }, nothing)
    await client.fetch(`${restApi}/projects?limit=1`)
    await client.fetch(`${restApi}/api-keys`)
  })

  it('key management stays at MCP Core', async () => {
    const client = clientWith({ tokens: opaqueTokens, apiKey }, legacy)
    wire.expect(
      `GET ${mcp}/auth/api-keys`,
      { credential: byToken },
      { status: 200, body: { success: true, data: [] } },
    )
    await client.apiKeys.list()
  })
})

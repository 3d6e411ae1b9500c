import { describe, expect, it } from 'vitest'
import { cliConfig, stagingServices } from './fixtures/contents.ts'
import { importer, type OldFiles } from './fixtures/home.ts'

const production = {
  authGateway: 'https://auth.lanonasis.com',
  mcpHttp: 'https://mcp.lanonasis.com/api/v1',
  mcpWs: 'wss://mcp.lanonasis.com/ws',
  mcpSse: 'https://mcp.lanonasis.com/api/v1/events',
  restApi: 'https://api.lanonasis.com/api/v1',
}

const acme = {
  auth_gateway: 'https://auth.acme.example/',
  mcp_http: 'https://mcp.acme.example/api/v1',
  mcp_ws: 'wss://mcp.acme.example/ws',
  mcp_sse: 'https://mcp.acme.example/api/v1/events',
  rest_api: 'https://api.acme.example/api/v1',
}

const ofAcme = {
  authGateway: 'https://auth.acme.example',
  mcpHttp: acme.mcp_http,
  mcpWs: acme.mcp_ws,
  mcpSse: acme.mcp_sse,
  restApi: acme.rest_api,
}

/** What an import says, of a program whose addresses nobody has chosen unless they are given. */
async function reportFor(files: OldFiles, options: Parameters<typeof importer>[1] = {}) {
  const { run, client } = await importer(files, { endpoints: undefined, ...options })
  const before = { ...client.endpoints }
  const report = await run()
  expect(client.endpoints).toEqual(before)
  return report
}

const config = (services: object) => ({ '.maas.config': { auth: {}, services } })

describe('the deployment that an import finds', () => {
  it('is the complete set of the config file, as the option endpoints takes it, and is not applied', async () => {
    const { deployment, found } = await reportFor(config(acme))
    expect(deployment?.endpoints).toEqual(ofAcme)
    expect(deployment?.changed).toEqual(Object.keys(ofAcme))
    expect(deployment?.location).toMatch(/\.maas\.config$/)
    expect(found[0]?.services).toEqual({ ...acme, auth_gateway: 'https://auth.acme.example' })
  })

  it('is found where the file has nothing but addresses', async () => {
    const { deployment } = await reportFor({ '.maas.config': { services: acme } })
    expect(deployment?.endpoints).toEqual(ofAcme)
  })

  it('has the client’s own addresses for what the file does not name', async () => {
    const { auth_gateway } = acme
    const { deployment } = await reportFor(config({ auth_gateway, mcp_ws: '', mcp_sse: null }))
    expect(deployment).toMatchObject({
      endpoints: { ...production, authGateway: ofAcme.authGateway },
      changed: ['authGateway'],
    })
  })

  it('is the one of the old CLI, whose names for production count as production', async () => {
    const discoveredServices = { ...stagingServices, mcp_base: 'https://mcp.lanonasis.com/v0' }
    const old = await reportFor({ '.maas/config.json': cliConfig({ discoveredServices }) })
    expect(old.deployment).toMatchObject({
      endpoints: { ...production, authGateway: 'https://auth.lanonasis.com:3005' },
      changed: ['authGateway'],
    })
    const before = cliConfig({ discoveredServices: { auth_base: 'https://api.lanonasis.com' } })
    expect(await reportFor({ '.maas/config.json': before })).not.toHaveProperty('deployment')
  })

  it('is none where it is that of the client', async () => {
    expect(await reportFor(config({ mcp_http: `${production.mcpHttp}/` }))).not.toHaveProperty(
      'deployment',
    )
    expect(await reportFor({ '.maas/config.json': cliConfig() })).not.toHaveProperty('deployment')
  })

  it.each([
    ['an option', { endpoints: { authGateway: 'https://auth.example.org' } }],
    ['a variable', { env: { AUTH_GATEWAY_URL: 'https://auth.example.org' } }],
  ])('★1 leaves what the user has set themselves by %s', async (_, options) => {
    const { deployment } = await reportFor(config(acme), options)
    expect(deployment?.endpoints).toEqual({ ...ofAcme, authGateway: 'https://auth.example.org' })
    expect(deployment?.changed).not.toContain('authGateway')
  })

  it('★1 is none where the user has named the deployment', async () => {
    const environment = 'staging'
    expect(await reportFor(config(acme), { environment })).not.toHaveProperty('deployment')
  })

  it.each([
    ['plain http', { mcp_http: 'http://mcp.acme.example/api/v1' }, 'mcp_http'],
    ['another scheme', { mcp_ws: 'https://mcp.acme.example/ws' }, 'mcp_ws'],
    ['a password in it', { auth_gateway: 'https://me:s3cret@auth.acme.example' }, 'auth_gateway'],
    ['a query', { rest_api: 'https://api.acme.example/?key=s3cret' }, 'rest_api'],
    ['no text', { mcp_sse: 5 }, 'mcp_sse'],
  ])(
    '★4 is none with an address that cannot be used, which is told of: %s',
    async (_, bad, field) => {
      const report = await reportFor(config({ ...acme, ...bad }))
      expect(report).not.toHaveProperty('deployment')
      const hint = report.hints.find(({ code }) => code === 'address_invalid')
      expect(hint?.message).toContain(`The address of ${field} `)
      expect(JSON.stringify(report)).not.toContain('s3cret')
    },
  )

  it('is that of the next place when the first cannot be used', async () => {
    const { deployment, hints } = await reportFor({
      ...config({ mcp_http: 'ftp://acme.example' }),
      '.maas/config.json': cliConfig({ discoveredServices: stagingServices }),
    })
    expect(deployment?.location).toMatch(/config\.json$/)
    expect(hints.map(({ code }) => code)).toContain('address_invalid')
  })
})

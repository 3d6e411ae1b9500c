import { describe, expect, it } from 'vitest'
import type { ServedPlatform } from '../../src/testing-node.ts'
import { failure } from '../support/async.ts'
import { configPath, readJson } from '../support/directories.ts'
import { browserFlow, clientOn, served } from './clients.ts'

/** The `services` block that leads to these services. */
function servicesOf({ endpoints }: ServedPlatform) {
  return {
    auth_gateway: endpoints.authGateway,
    mcp_http: endpoints.mcpHttp,
    mcp_ws: endpoints.mcpWs,
    mcp_sse: endpoints.mcpSse,
    rest_api: endpoints.restApi,
  }
}

/** Two deployments, one config file: it names the first one, and variables lead to the second. */
async function bothIn(path?: string) {
  const [production, staging] = [await served({ limits: false }), await served({ limits: false })]
  const file = path ?? (await configPath({ services: servicesOf(production) }))
  return {
    path: file,
    production,
    staging,
    atProduction: () =>
      clientOn(production, { path: file, env: {}, login: browserFlow(production) }),
    atStaging: () => clientOn(staging, { path: file }),
  }
}

/** Every text of a certain length in a request: there a token would be. */
function seenBy(platform: ServedPlatform): string {
  return JSON.stringify(platform.requests)
}

describe('★3 two deployments in one config file', () => {
  it('have a session each, and neither sees the other’s tokens', async () => {
    const { production, staging, atProduction, atStaging } = await bothIn()
    await atProduction().login({ apiKey: { name: 'my-laptop' } })
    const productionToken = await atProduction().getAccessToken()
    await expect(atStaging().getAccessToken()).rejects.toMatchObject({ code: 'login_required' })
    await atStaging().login({ apiKey: { name: 'my-laptop' } })
    const stagingToken = await atStaging().getAccessToken()

    for (const make of [atProduction, atStaging]) {
      await make().memory.create({ title: 'Example', content: 'Details' })
      await make().refresh()
      await make().memory.list()
    }
    expect(production.memories).toHaveLength(1)
    expect(staging.memories).toHaveLength(1)
    expect(seenBy(staging)).not.toContain(productionToken)
    expect(seenBy(production)).not.toContain(stagingToken)
    for (const platform of [production, staging]) {
      expect(platform.requests.filter(({ status }) => status === 401)).toEqual([])
    }
  })

  it('are kept where the roadmap says: the one that the file names in its own fields', async () => {
    const { path, production, staging, atProduction, atStaging } = await bothIn()
    await atStaging().login()
    expect((await readJson(path)).auth).not.toHaveProperty('tokens')
    await atProduction().login()

    const { auth, services } = await readJson(path)
    expect(auth.tokens).toMatchObject({
      access_token: await atProduction().getAccessToken(),
      issuer: production.endpoints.authGateway,
    })
    expect(Object.values(auth.accounts)).toMatchObject([
      {
        issuer: staging.endpoints.authGateway,
        tokens: { access_token: await atStaging().getAccessToken() },
      },
    ])
    expect(services).toEqual(servicesOf(production))
  })

  it.each(['production', 'staging'] as const)('%s changes nothing of the other', async (acting) => {
    const { path, production, staging, atProduction, atStaging } = await bothIn()
    await atProduction().login({ apiKey: { name: 'my-laptop' } })
    await atStaging().login({ apiKey: { name: 'my-laptop' } })
    const [act, platform] =
      acting === 'production' ? [atProduction, production] : [atStaging, staging]
    const part = async () => {
      const { accounts, ...own } = (await readJson(path)).auth
      return acting === 'production' ? accounts : own
    }

    const before = await part()
    await act().refresh()
    expect(await part()).toEqual(before)
    platform.revokeTokens()
    await failure(act().refresh())
    expect(await act().getSession()).toMatchObject({ status: 'expired' })
    expect(await part()).toEqual(before)
    await act().login()
    await act().logout({ apiKey: 'revoke' })
    expect(await act().getSession()).toMatchObject({ status: 'signed-out' })
    expect(await part()).toEqual(before)

    const [other, otherPlatform] =
      acting === 'production' ? [atStaging, staging] : [atProduction, production]
    expect(await other().introspect()).toMatchObject({ active: true })
    expect(otherPlatform.requestsTo('POST /oauth/revoke')).toEqual([])
  })

  it('give two programs that sign in at the same time a session each', async () => {
    const { atProduction, atStaging } = await bothIn()
    await Promise.all([atProduction().login(), atStaging().login()])
    expect(await atProduction().introspect()).toMatchObject({ active: true })
    expect(await atStaging().introspect()).toMatchObject({ active: true })
  })

  it('stay apart when the file is changed to name the other one', async () => {
    const { path, production, staging, atProduction, atStaging } = await bothIn()
    await atProduction().login()
    await atStaging().login()
    const token = await atProduction().getAccessToken()

    const changed = await configPath({ ...(await readJson(path)), services: servicesOf(staging) })
    const client = clientOn(staging, { path: changed, env: {} })
    expect(await client.introspect()).toMatchObject({ active: true })
    await client.refresh()
    await client.logout()
    expect(seenBy(staging)).not.toContain(token)

    const back = clientOn(production, { path: changed })
    expect(await back.getAccessToken()).toBe(token)
  })

  it('★1 get no key that was obtained for the other one', async () => {
    const { path, production, staging, atProduction } = await bothIn()
    await atProduction().login({ apiKey: { name: 'my-laptop' } })
    const config = await readJson(path)
    const services = { ...config.services, mcp_http: staging.endpoints.mcpHttp }
    const client = clientOn(production, {
      path: await configPath({ ...config, services }),
      env: {},
    })
    expect(await failure(client.memory.list())).toMatchObject({
      code: 'origin_not_allowed',
      message: expect.stringContaining('services.mcp_http'),
    })
    expect(await failure(client.apiKeys.create({ name: 'another' }))).toMatchObject({
      code: 'origin_not_allowed',
    })
    expect(staging.requests).toEqual([])
  })

  it('let a token of the time before OAuth be seen by the one that the file names', async () => {
    const production = await served()
    const path = await configPath({
      token: await production.issueLegacyToken(),
      services: servicesOf(production),
    })
    const { atStaging } = await bothIn(path)
    expect(await atStaging().getSession()).toEqual({ status: 'signed-out', legacy: false })
    const client = clientOn(production, { path, env: {} })
    expect(await client.getSession()).toEqual({ status: 'signed-out', legacy: true })
    await client.login()
    expect(await client.getSession()).toMatchObject({ status: 'signed-in' })
    expect(await readJson(path)).not.toHaveProperty('token')
  })
})

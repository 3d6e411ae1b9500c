import { homedir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { LanonasisClient, memoryStore } from '../../src/index.ts'
import { createClient, fileStore, type NodeClientOptions } from '../../src/node.ts'
import { configPath, readJson, temporaryDirectory } from '../support/directories.ts'
import { fakeFetch, json } from '../support/fetches.ts'

const optionKey = 'pk_option.sk_secret1'
const envKey = 'pk_env.sk_secret2'
const storedKey = 'pk_stored.sk_secret3'

afterEach(() => {
  vi.unstubAllEnvs()
})

/** A client that knows nothing of the machine it runs on. */
function client(options: NodeClientOptions = {}): LanonasisClient {
  const made = createClient({ env: {}, store: memoryStore(), ...options })
  onTestFinished(() => made.close())
  return made
}

/** A client on a config file. */
async function clientOn(content: unknown, options: NodeClientOptions = {}) {
  const path = await configPath(content)
  return client({ store: fileStore({ path }), ...options })
}

/** The key that a request to MCP Core carries. */
async function sentKey(options: NodeClientOptions): Promise<string | null | undefined> {
  const { fetch, sent } = fakeFetch(() => json(200, {}))
  const made = client({ ...options, fetch })
  await made.fetch(`${made.endpoints.mcpHttp}/memory`)
  return sent[0]?.headers.get('x-api-key')
}

describe('a client for Node', () => {
  it('is the client of every platform', () => {
    const made = client()
    expect(made).toBeInstanceOf(LanonasisClient)
    expect(made.clientId).toBe('lanonasis-cli')
    expect(client({ clientId: 'my-app' }).clientId).toBe('my-app')
  })

  it('keeps its credentials in ~/.maas.config', async () => {
    const home = await temporaryDirectory()
    vi.stubEnv('HOME', home)
    vi.stubEnv('USERPROFILE', home)
    expect(homedir()).toBe(home)
    const made = createClient({ env: {} })
    onTestFinished(() => made.close())
    await made.setApiKey(storedKey)
    expect((await readJson(join(home, '.maas.config'))).auth.api_key).toBe(storedKey)
  })

  it('reads the variables of the process', () => {
    vi.stubEnv('AUTH_GATEWAY_URL', 'https://gateway.example.com')
    vi.stubEnv('LANONASIS_API_KEY', '')
    const made = createClient({ store: memoryStore() })
    onTestFinished(() => made.close())
    expect(made.endpoints.authGateway).toBe('https://gateway.example.com')
  })

  it('reads only the variables it is given', () => {
    vi.stubEnv('AUTH_GATEWAY_URL', 'https://gateway.example.com')
    vi.stubEnv('LANONASIS_API_KEY', 'not a key')
    expect(client().endpoints.authGateway).toBe('https://auth.lanonasis.com')
  })

  it('takes an option that is explicitly undefined as left out', () => {
    const left = Object.fromEntries(
      [
        'clientId',
        'scope',
        'profile',
        'environment',
        'endpoints',
        'services',
        'apiKey',
        'login',
        'interaction',
        'fetch',
        'now',
        'timeoutMs',
        'tokenRequestFormat',
        'lock',
      ].map((name) => [name, undefined]),
    )
    const made = client({ ...left, env: { LANONASIS_API_KEY: envKey } })
    expect(made.toJSON()).toEqual(client().toJSON())
  })

  it('takes a store and variables that are explicitly undefined as left out', async () => {
    const home = await temporaryDirectory()
    vi.stubEnv('HOME', home)
    vi.stubEnv('USERPROFILE', home)
    vi.stubEnv('AUTH_GATEWAY_URL', 'https://gateway.example.com')
    vi.stubEnv('LANONASIS_API_KEY', '')
    const made = createClient({ store: undefined, env: undefined })
    onTestFinished(() => made.close())
    expect(made.endpoints.authGateway).toBe('https://gateway.example.com')
    expect(await made.getSession()).toEqual({ status: 'signed-out', legacy: false })
  })

  it('shows no secret when it is printed', () => {
    const made = client({ env: { LANONASIS_API_KEY: envKey } })
    const printed = inspect(made, { depth: 10, showHidden: true }) + JSON.stringify(made)
    expect(printed).toContain('lanonasis-cli')
    expect(printed).not.toContain('sk_secret')
  })
})

describe('the API key of a client for Node', () => {
  const store = () => memoryStore({ apiKey: storedKey })
  const env = { LANONASIS_API_KEY: envKey }

  it('is the option, before the variable and the store', async () => {
    expect(await sentKey({ apiKey: optionKey, env, store: store() })).toBe(optionKey)
  })

  it('is the variable, before the store', async () => {
    expect(await sentKey({ env, store: store() })).toBe(envKey)
    expect(await sentKey({ env, store: store(), apiKey: undefined })).toBe(envKey)
  })

  it.each([{}, { LANONASIS_API_KEY: undefined }, { LANONASIS_API_KEY: '' }])(
    'is the stored one when the variable says nothing (%j)',
    async (variables) => {
      expect(await sentKey({ env: variables, store: store() })).toBe(storedKey)
    },
  )

  it.each([
    ['half of a key', 'pk_only', 'api_key_incomplete'],
    ['the other half', 'sk_only', 'api_key_incomplete'],
    ['a token', 'aaa.bbb.ccc', 'api_key_malformed'],
    ['★9 the hash of a key', 'a'.repeat(64), 'api_key_malformed'],
    ['a key in quotes', '"pk_1.sk_2"', 'api_key_malformed'],
    ['a key and a line end', 'pk_1.sk_2\n', 'api_key_malformed'],
    ['blanks', '   ', 'api_key_malformed'],
  ])('is refused by name when the variable holds %s', (_name, value, code) => {
    const make = () => client({ env: { LANONASIS_API_KEY: value } })
    expect(make).toThrow(
      expect.objectContaining({
        name: 'AuthError',
        code,
        message: expect.stringContaining('LANONASIS_API_KEY'),
      }),
    )
    expect(make).not.toThrow(value.length > 8 ? value : 'never')
  })

  it('is not looked for in the variable when the option says it', () => {
    expect(() => client({ apiKey: optionKey, env: { LANONASIS_API_KEY: 'pk_only' } })).not.toThrow()
  })

  it('is never written to the store when it comes from outside', async () => {
    const path = await configPath()
    const { fetch } = fakeFetch(() => json(200, {}))
    for (const options of [{ env }, { apiKey: optionKey }]) {
      const made = client({ ...options, store: fileStore({ path }), fetch })
      expect(await made.apiKeys.ensure({ name: 'my-laptop' })).toMatchObject({ created: false })
      await made.fetch(`${made.endpoints.mcpHttp}/memory`)
      await made.logout()
    }
    expect(JSON.stringify(await readJson(path))).not.toMatch(/pk_|sk_/)
  })
})

describe('where a client for Node finds the services', () => {
  const services = {
    auth_gateway: 'https://gateway.from-file.example',
    mcp_http: 'https://mcp.from-file.example/api/v1',
  }

  it('is production when nobody says otherwise', async () => {
    expect((await clientOn({})).endpoints).toEqual({
      authGateway: 'https://auth.lanonasis.com',
      mcpHttp: 'https://mcp.lanonasis.com/api/v1',
      mcpWs: 'wss://mcp.lanonasis.com/ws',
      mcpSse: 'https://mcp.lanonasis.com/api/v1/events',
      restApi: 'https://api.lanonasis.com/api/v1',
    })
  })

  it('is what the config file says, service by service', async () => {
    const { endpoints } = await clientOn({ services })
    expect(endpoints.authGateway).toBe('https://gateway.from-file.example')
    expect(endpoints.mcpHttp).toBe('https://mcp.from-file.example/api/v1')
    expect(endpoints.restApi).toBe('https://api.lanonasis.com/api/v1')
  })

  it('is what ~/.maas.config says when credentials are kept elsewhere', async () => {
    const home = await temporaryDirectory()
    vi.stubEnv('HOME', home)
    vi.stubEnv('USERPROFILE', home)
    const { writeFile } = await import('node:fs/promises')
    await writeFile(join(home, '.maas.config'), JSON.stringify({ services }))
    expect(client().endpoints.authGateway).toBe('https://gateway.from-file.example')
  })

  it('is a variable rather than the config file', async () => {
    const env = { AUTH_GATEWAY_URL: 'https://gateway.from-env.example' }
    const { endpoints } = await clientOn({ services }, { env })
    expect(endpoints.authGateway).toBe('https://gateway.from-env.example')
    expect(endpoints.mcpHttp).toBe('https://mcp.from-file.example/api/v1')
  })

  it('is the environment option rather than a variable', async () => {
    const env = { AUTH_GATEWAY_URL: 'https://gateway.from-env.example' }
    const { endpoints } = await clientOn({ services }, { env, environment: 'staging' })
    expect(endpoints.authGateway).toBe('https://auth.lanonasis.com:3005')
    expect(endpoints.mcpHttp).toBe('https://mcp.lanonasis.com/api/v1')
  })

  it('is the endpoints option rather than anything else', async () => {
    const env = { AUTH_GATEWAY_URL: 'https://gateway.from-env.example' }
    const { endpoints } = await clientOn({ services }, {
      env,
      environment: 'staging',
      endpoints: { authGateway: 'https://gateway.from-option.example' },
    } as NodeClientOptions)
    expect(endpoints.authGateway).toBe('https://gateway.from-option.example')
    expect(endpoints.mcpHttp).toBe('https://mcp.lanonasis.com/api/v1')
  })

  it('is the services option rather than the config file', async () => {
    const options = { services: { auth_gateway: 'https://gateway.from-option.example' } }
    const { endpoints } = await clientOn({ services }, options)
    expect(endpoints.authGateway).toBe('https://gateway.from-option.example')
    expect(endpoints.mcpHttp).toBe('https://mcp.lanonasis.com/api/v1')
  })

  it.each([
    ['AUTH_GATEWAY_URL', 'htps://auth.lanonasis.com'],
    ['MCP_HTTP_URL', 'mcp.lanonasis.com/api/v1'],
    ['MCP_WS_URL', 'https://mcp.lanonasis.com/ws'],
    ['MCP_SSE_URL', 'http://mcp.lanonasis.com/api/v1/events'],
    ['API_BASE_URL', 'https://ada:secret-word@api.lanonasis.com'],
  ])('★4 is an error that names %s when it is wrong', async (variable, value) => {
    const make = () => client({ env: { [variable]: value } })
    expect(make).toThrow(
      expect.objectContaining({
        code: 'config_invalid',
        message: expect.stringContaining(variable),
      }),
    )
    expect(make).not.toThrow(/secret-word/)
  })

  it('★4 is an error that names the field of the config file when it is wrong', async () => {
    await expect(clientOn({ services: { mcp_http: 'http://mcp.example.com' } })).rejects.toThrow(
      expect.objectContaining({
        code: 'config_invalid',
        message: expect.stringContaining('services.mcp_http in the config file'),
      }),
    )
  })

  it('is read from a file with the mark that editors on Windows put there', async () => {
    const { endpoints } = await clientOn(`\uFEFF${JSON.stringify({ services })}`)
    expect(endpoints.authGateway).toBe('https://gateway.from-file.example')
  })

  it.each(['not json', '[]', '{"services":"production"}', ''])(
    'is production when the config file says nothing of it (%s)',
    async (content) => {
      const { endpoints } = await clientOn(content)
      expect(endpoints.authGateway).toBe('https://auth.lanonasis.com')
    },
  )

  it('leaves the report of a damaged config file to the store', async () => {
    const made = await clientOn('not json')
    await expect(made.getSession()).rejects.toMatchObject({ code: 'store_corrupt' })
    expect(await made.getSession()).toMatchObject({ status: 'signed-out' })
  })
})

describe('★1 services from a config file', () => {
  const evil = 'https://mcp.evil.example/api/v1'

  it('get no credential that was not obtained for them', async () => {
    const path = await configPath()
    const made = client({ store: fileStore({ path }) })
    await made.setApiKey(storedKey)

    const { fetch, sent } = fakeFetch(() => json(200, {}))
    const config = { ...(await readJson(path)), services: { mcp_http: evil } }
    const changed = await clientOn(config, { fetch })
    await expect(changed.fetch(`${evil}/memory`)).rejects.toMatchObject({
      code: 'origin_not_allowed',
      message: expect.stringContaining('services.mcp_http'),
      hint: expect.stringContaining('MCP_HTTP_URL'),
    })
    expect(sent).toEqual([])
  })

  it('★3 make another gateway, which gets no token of the one before', async () => {
    const tokens = { access_token: 'a-token', refresh_token: 'a-refresh-token' }
    const issuer = 'https://auth.lanonasis.com'
    const { fetch, sent } = fakeFetch(() => json(200, {}))
    const made = await clientOn(
      {
        services: { auth_gateway: 'https://gateway.evil.example' },
        auth: { tokens: { ...tokens, issuer }, client_id: 'lanonasis-cli' },
      },
      { fetch },
    )
    for (const work of [() => made.getAccessToken(), () => made.refresh()]) {
      await expect(work()).rejects.toMatchObject({ code: 'login_required' })
    }
    expect(await made.logout()).toMatchObject({ revoked: false })
    expect(sent).toEqual([])
  })

  it('get it when the person names them as well', async () => {
    const path = await configPath()
    const made = client({ store: fileStore({ path }) })
    await made.setApiKey(storedKey)
    const { fetch, sent } = fakeFetch(() => json(200, {}))
    const own = client({ store: fileStore({ path }), env: { MCP_HTTP_URL: evil }, fetch })
    await own.fetch(`${evil}/memory`)
    expect(sent[0]?.headers.get('x-api-key')).toBe(storedKey)
  })
})

import { describe, expect, it } from 'vitest'
import { presets, type ServiceName, serviceNames, settings } from '../../src/endpoints/presets.ts'
import { type EndpointSettings, resolveEndpoints } from '../../src/endpoints/resolve.ts'
import type { AuthError } from '../../src/errors/auth-error.ts'

function problem(from: EndpointSettings): AuthError {
  try {
    resolveEndpoints(from)
  } catch (error) {
    return error as AuthError
  }
  throw new Error('This was accepted.')
}

/** An address for a service that nobody else gives it. */
function address(name: ServiceName, from: string): string {
  const scheme = settings[name].scheme === 'ws' ? 'wss' : 'https'
  return `${scheme}://${from}.example.com`
}

describe('resolveEndpoints', () => {
  it("goes to the roadmap's addresses when nobody says otherwise", () => {
    expect(resolveEndpoints({}).urls).toEqual({
      authGateway: 'https://auth.lanonasis.com',
      mcpHttp: 'https://mcp.lanonasis.com/api/v1',
      mcpWs: 'wss://mcp.lanonasis.com/ws',
      mcpSse: 'https://mcp.lanonasis.com/api/v1/events',
      restApi: 'https://api.lanonasis.com/api/v1',
    })
  })

  it.each(serviceNames)(
    'asks for %s: the option, then the environment, the variable, the config file, the preset',
    (name) => {
      const { variable, field } = settings[name]
      const all = {
        endpoints: { [name]: address(name, 'option') },
        environment: 'staging',
        env: { [variable]: address(name, 'variable') },
        services: { [field]: address(name, 'file') },
      } as const
      const resolved = (from: EndpointSettings) => {
        const { urls, sources } = resolveEndpoints(from)
        return [urls[name], sources[name]]
      }
      const { env, services } = all
      const staging = { ...all, endpoints: undefined }
      expect(resolved(all)).toEqual([address(name, 'option'), 'option'])
      expect(resolved(staging)).toEqual([presets.staging[name], 'environment'])
      expect(resolved({ env, services })).toEqual([address(name, 'variable'), 'env'])
      expect(resolved({ services })).toEqual([address(name, 'file'), 'config'])
      expect(resolved({})).toEqual([presets.production[name], 'preset'])
    },
  )

  it('resolves each service by itself', () => {
    const { urls, sources } = resolveEndpoints({
      env: { MCP_HTTP_URL: 'http://localhost:3001/api/v1/' },
    })
    expect(urls.mcpHttp).toBe('http://localhost:3001/api/v1')
    expect(urls.authGateway).toBe(presets.production.authGateway)
    expect(sources).toMatchObject({ mcpHttp: 'env', authGateway: 'preset' })
  })

  it('counts an empty variable or field as not set', () => {
    const { sources } = resolveEndpoints({
      env: { AUTH_GATEWAY_URL: '' },
      services: { auth_gateway: '' },
    })
    expect(sources.authGateway).toBe('preset')
  })

  it('★3 has another issuer on staging, and the same host', () => {
    const { authGateway, ...rest } = resolveEndpoints({ environment: 'staging' }).urls
    expect(authGateway).toBe('https://auth.lanonasis.com:3005')
    expect({ ...rest, authGateway: presets.production.authGateway }).toEqual(presets.production)
  })

  it.each(serviceNames)('★4 names the variable of %s when it is wrong', (name) => {
    const { variable } = settings[name]
    const error = problem({ env: { [variable]: 'htps:/auth.lanonasis.com' } })
    expect(error).toMatchObject({ code: 'config_invalid' })
    expect(error.message).toMatch(new RegExp(`^${variable} `))
  })

  it('★4 names the option or the field of the file when it is wrong', () => {
    expect(problem({ endpoints: { mcpHttp: 'mcp' } }).message).toMatch(/^endpoints\.mcpHttp /)
    expect(problem({ services: { rest_api: 'http://api.example.com' } }).message).toMatch(
      /^services\.rest_api in the config file is not encrypted/,
    )
    expect(problem({ services: { rest_api: 12 } }).message).toMatch(/is not a text/)
  })

  it('★4 takes no unknown environment and no unknown service', () => {
    const environment = 'prod' as 'production'
    expect(problem({ environment })).toMatchObject({ code: 'config_invalid' })
    expect(problem({ environment: 'constructor' as 'production' })).toMatchObject({
      code: 'config_invalid',
    })
    const endpoints = { mcpHTTP: 'https://mcp.example.com' } as object
    expect(problem({ endpoints }).message).toBe('endpoints.mcpHTTP is not a service.')
  })

  it('gives addresses that nobody can change afterwards', () => {
    const { urls, sources } = resolveEndpoints({})
    expect(Object.isFrozen(urls) && Object.isFrozen(sources)).toBe(true)
  })
})

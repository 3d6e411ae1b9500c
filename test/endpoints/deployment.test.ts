import { describe, expect, it } from 'vitest'
import { parseDeployment } from '../../src/endpoints/deployment.ts'
import { memoryStore } from '../../src/index.ts'
import { createClient } from '../../src/node.ts'

describe('a deployment on a command line', () => {
  it.each(['staging', 'production'] as const)('may be %s', (environment) => {
    expect(parseDeployment(` ${environment} `)).toEqual({ environment })
  })

  it('may be the URL of a gateway', () => {
    expect(parseDeployment('https://auth.example:3005')).toEqual({
      endpoints: { authGateway: 'https://auth.example:3005' },
    })
  })

  it('may name each service, by any of its names', () => {
    expect(
      parseDeployment(
        'https://a.example,mcpHttp=https://m.example/api/v1 MCP_WS_URL=wss://m.example/ws, rest_api=https://r.example',
      ),
    ).toEqual({
      endpoints: {
        authGateway: 'https://a.example',
        mcpHttp: 'https://m.example/api/v1',
        mcpWs: 'wss://m.example/ws',
        restApi: 'https://r.example',
      },
    })
  })

  it('is checked by the client that is made of it', () => {
    const make = (text: string) =>
      createClient({ ...parseDeployment(text), env: {}, services: {}, store: memoryStore() })
    expect(make('staging').endpoints.authGateway).toBe('https://auth.lanonasis.com:3005')
    expect(() => make('http://auth.example')).toThrowError(
      /endpoints\.authGateway is not encrypted/,
    )
    for (const url of ['auth.example.com', 'ftp://auth.example.com']) {
      expect(() => make(`AUTH_GATEWAY_URL=${url}`)).toThrowError(/endpoints\.authGateway/)
    }
  })

  it.each([
    '',
    ' , ',
    'prod',
    'Staging',
    'auth.example.com',
    'x=https://a.example',
    'https://a.example,https://b.example',
    'mcpHttp=',
    'toString=https://a.example',
    'file:///etc/passwd',
  ])('that cannot be understood is an error, without the text (%j)', (text) => {
    const parse = () => parseDeployment(text)
    expect(parse).toThrowError(
      expect.objectContaining({
        code: 'config_invalid',
        message: 'The deployment cannot be understood.',
      }),
    )
  })
})

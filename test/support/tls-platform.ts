import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'
import { createPlatform, type Platform, type PlatformOptions } from '../../src/testing.ts'
import type { Certificate } from './certificate.ts'

/** The services behind TLS, as in production. */
export interface TlsPlatform {
  readonly platform: Platform
  /** The variables that lead a client there. */
  readonly env: Readonly<Record<string, string>>
  /** How many connections there were, whether a request followed or not. */
  readonly connections: () => number
}

type Listener = (request: IncomingMessage, response: ServerResponse) => void

interface TlsPlatformOptions extends PlatformOptions {
  /** The host of a service; default `{service}.services.test`, which only the proxy knows. */
  readonly hostOf?: (service: 'auth' | 'mcp' | 'api') => string
  /** Answers instead of the platform, by path. */
  readonly routes?: Readonly<Record<string, Listener>>
}

/** Listens until the end of the test; the hosts are names of this machine. */
export async function serveOverTls(
  { certificate: cert, privateKey: key }: Certificate,
  {
    hostOf = (service) => `${service}.services.test`,
    routes = {},
    ...options
  }: TlsPlatformOptions = {},
): Promise<TlsPlatform> {
  let connections = 0
  let listener: Listener = () => {}
  const server = createServer({ cert, key }, (request, response) => {
    const path = request.url?.split('?')[0] ?? ''
    const answer = routes[path] ?? listener
    answer(request, response)
  })
  server.on('connection', () => {
    connections += 1
  })
  // A client that does not trust the certificate hangs up.
  server.on('tlsClientError', () => {})
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(
    () =>
      new Promise<void>((resolve) => {
        server.closeAllConnections()
        server.close(() => resolve())
      }),
  )
  const { port } = server.address() as AddressInfo
  const origin = (service: 'auth' | 'mcp' | 'api') => `https://${hostOf(service)}:${port}`
  const endpoints = {
    authGateway: origin('auth'),
    mcpHttp: `${origin('mcp')}/api/v1`,
    mcpWs: `${origin('mcp').replace('https', 'wss')}/ws`,
    mcpSse: `${origin('mcp')}/api/v1/events`,
    restApi: `${origin('api')}/api/v1`,
  }
  const platform = createPlatform({ limits: false, ...options, endpoints })
  listener = (request, response) => {
    relay(platform, request, response).catch((error: unknown) => {
      response.writeHead(500).end(String(error))
    })
  }
  return {
    platform,
    env: {
      AUTH_GATEWAY_URL: endpoints.authGateway,
      MCP_HTTP_URL: endpoints.mcpHttp,
      MCP_WS_URL: endpoints.mcpWs,
      MCP_SSE_URL: endpoints.mcpSse,
      API_BASE_URL: endpoints.restApi,
    },
    connections: () => connections,
  }
}

/** Headers of one connection, which `fetch` does not take. */
const ofConnection = new Set(['connection', 'host', 'content-length', 'transfer-encoding'])

async function relay(
  platform: Platform,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk)
  const headers = Object.entries(request.headers).filter(([name]) => !ofConnection.has(name))
  const { method = 'GET', url = '/' } = request
  const answer = await platform.fetch(`https://${request.headers.host}${url}`, {
    method,
    headers: Object.fromEntries(headers.map(([name, value]) => [name, String(value)])),
    redirect: 'manual',
    ...(chunks.length === 0 ? {} : { body: Buffer.concat(chunks) }),
  })
  response.writeHead(answer.status, [...answer.headers].flat())
  response.end(Buffer.from(await answer.arrayBuffer()))
}

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'
import type { ServedPlatform } from '../../../src/testing-node.ts'

/** What came in, and what was said of its credential. */
interface GuardedRequest {
  readonly method: string
  readonly path: string
  readonly token: string | undefined
  readonly allowed: boolean
  readonly headers: IncomingMessage['headers']
}

/** What the token of a request stands for, as official servers take it. */
interface TokenInfo {
  readonly token: string
  readonly clientId: string
  readonly scopes: string[]
}

/** A server that asks the gateway about the token of each request before it lets it in. */
export interface GuardedServer {
  readonly origin: string
  readonly requests: readonly GuardedRequest[]
  readonly server: Server
  /** Looks at a request that is none of HTTP, such as the handshake of a WebSocket. */
  check(request: IncomingMessage): Promise<TokenInfo | undefined>
  /** How many answers to GET are under way. */
  streams(): number
}

/** What stands behind the guard. */
export type Behind = (
  request: IncomingMessage & { auth?: TokenInfo },
  response: ServerResponse,
) => void

/** Asks about a token as RFC 7662 has it. */
type Introspect = (token: string) => Promise<Response>

/** Whoever knows of a token whether it is good: the gateway, or another authorization server. */
export type Authority = ServedPlatform | Introspect

/** Listens on any free port of this machine, until the end of the test. */
export async function guardedServer(authority: Authority, behind: Behind): Promise<GuardedServer> {
  const introspect = typeof authority === 'function' ? authority : introspectionOf(authority)
  const requests: GuardedRequest[] = []
  const streams = new Set<ServerResponse>()
  const check = async (request: IncomingMessage) => {
    const { method = '', url = '', headers } = request
    const token = /^Bearer (\S+)$/.exec(headers.authorization ?? '')?.[1]
    const info = token === undefined ? undefined : await infoFrom(await introspect(token), token)
    const allowed = info !== undefined
    requests.push({ method, path: url.split('?')[0] ?? '', token, allowed, headers })
    return info
  }
  const server = createServer((request, response) => {
    if (request.method === 'GET') {
      streams.add(response)
      response.on('close', () => streams.delete(response))
    }
    check(request).then(
      (auth) => {
        if (auth !== undefined) return behind(Object.assign(request, { auth }), response)
        response.writeHead(401, { 'www-authenticate': 'Bearer error="invalid_token"' }).end()
      },
      () => response.destroy(),
    )
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(
    () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  )
  const { port } = server.address() as AddressInfo
  const origin = `http://127.0.0.1:${port}`
  return { origin, requests, server, check, streams: () => streams.size }
}

function introspectionOf({ endpoints }: ServedPlatform): Introspect {
  const url = `${endpoints.authGateway}/oauth/introspect`
  return (token) => fetch(url, { method: 'POST', body: new URLSearchParams({ token }) })
}

async function infoFrom(answer: Response, token: string): Promise<TokenInfo | undefined> {
  const { active, client_id, scope } = await answer.json()
  return active === true
    ? { token, clientId: String(client_id), scopes: String(scope).split(' ') }
    : undefined
}

import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { AuthError } from '../../errors/auth-error.ts'

/** An address of this machine that nobody else reaches; no name, which may lead elsewhere (RFC 8252 §8.3). */
export type LoopbackHost = '127.0.0.1' | '::1'

/** A server that listens, and how a browser has to name it. */
export interface BoundServer {
  readonly server: Server
  readonly authority: string
}

/** Listens on the first port that is free on every host that this machine has. Empty: there is none. */
export async function bindFirst(
  ports: readonly number[],
  hosts: readonly LoopbackHost[],
): Promise<readonly BoundServer[]> {
  for (const port of ports) {
    const bound = await bindAll(hosts, port)
    if (bound !== undefined) return bound
  }
  return []
}

/** `undefined`: somebody else has the port on one of the hosts, and might get what is meant for us. */
async function bindAll(
  hosts: readonly LoopbackHost[],
  port: number,
): Promise<readonly BoundServer[] | undefined> {
  const bound: BoundServer[] = []
  let missing: NodeJS.ErrnoException | undefined
  for (const host of hosts) {
    const wanted = port === 0 ? (bound[0] === undefined ? 0 : portOf(bound[0].server)) : port
    const server = createServer(limits)
    const error = await listen(server, { host, port: wanted })
    if (error === undefined) {
      bound.push({ server, authority: authorityOf(host, portOf(server)) })
      continue
    }
    // Of any ports another one may be free everywhere; a host that is forbidden stays forbidden.
    if (port === 0 ? error.code === 'EADDRINUSE' : isTaken(error)) {
      await Promise.all(bound.map(({ server }) => closeServer(server)))
      return port === 0 ? bindAll(hosts, port) : undefined
    }
    // A machine without IPv6, or without IPv4.
    missing = error
  }
  if (bound.length > 0) return bound
  throw new AuthError(
    'network_error',
    `This machine lets nobody listen on ${hosts.join(' or ')}.`,
    { cause: missing },
  )
}

export function noPortFree(ports: readonly number[]): AuthError {
  return new AuthError('port_in_use', `No port is free for the sign-in: ${ports.join(', ')}.`)
}

/** Releases the port, and ends all connections. */
export function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
}

const limits = {
  // Who sends a header slowly is not worth waiting for.
  headersTimeout: 5_000,
  requestTimeout: 10_000,
  connectionsCheckingInterval: 1_000,
  keepAlive: false,
  maxHeaderSize: 16_384,
}

const badRequest = 'HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n'

/** Windows reports a reserved port as a missing permission. */
function isTaken({ code }: NodeJS.ErrnoException): boolean {
  return code === 'EADDRINUSE' || code === 'EACCES'
}

function listen(
  server: Server,
  place: { host: LoopbackHost; port: number },
): Promise<NodeJS.ErrnoException | undefined> {
  // What is no request is answered as well, where somebody is there still, and its connection ended.
  server.on('clientError', (_error, socket) => {
    if (socket.writable) socket.end(badRequest, () => socket.destroy())
    else socket.destroy()
  })
  return new Promise((resolve) => {
    // Kept: a connection that could not be accepted (no file handle was free) does not end a sign-in.
    server.on('error', resolve)
    server.listen({ ...place, exclusive: true }, () => resolve(undefined))
  })
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port
}

function authorityOf(host: LoopbackHost, port: number): string {
  return `${host === '::1' ? '[::1]' : host}:${port}`
}

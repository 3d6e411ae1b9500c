import { createServer } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { onTestFinished } from 'vitest'

/** A proxy as companies have them: programs ask it for tunnels (RFC 9110 §9.3.6). */
export interface ConnectProxy {
  /** Such as `http://127.0.0.1:40123`. */
  readonly url: string
  /** The tunnels it was asked for, as `host:port`. */
  readonly tunnels: readonly string[]
  /** The `Proxy-Authorization` of each. */
  readonly authorizations: readonly (string | undefined)[]
  /** Requests that it could have read, because they came without a tunnel. */
  readonly readable: readonly string[]
  /** The bytes that went through the tunnels from the client. */
  readonly passed: () => Buffer
}

/**
 * Listens until the end of the test. Every name under `.test` is this machine to it, and to nobody else.
 *
 * @param options.status what it answers instead of opening a tunnel
 */
export async function startProxy({ status = 200 } = {}): Promise<ConnectProxy> {
  const tunnels: string[] = []
  const authorizations: (string | undefined)[] = []
  const readable: string[] = []
  const passed: Buffer[] = []
  const sockets = new Set<Socket>()
  const server = createServer((request, response) => {
    readable.push(`${request.method} ${request.url}`)
    response.writeHead(400).end()
  })
  server.on('connect', (request, client: Socket) => {
    const { host, port } = new URL(`http://${request.url}`)
    tunnels.push(host)
    authorizations.push(request.headers['proxy-authorization'])
    if (status !== 200) {
      client.end(`HTTP/1.1 ${status} No\r\ncontent-length: 0\r\n\r\n`)
      return
    }
    const service = connect(Number(port), '127.0.0.1', () => {
      client.write('HTTP/1.1 200 Connection Established\r\n\r\n')
      client.on('data', (chunk: Buffer) => passed.push(chunk))
      client.pipe(service).pipe(client)
    })
    for (const socket of [client, service]) {
      sockets.add(socket)
      // The other end of a tunnel ends with this one.
      socket.on('error', () => {})
      socket.on('close', () => {
        client.destroy()
        service.destroy()
      })
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(
    () =>
      new Promise<void>((resolve) => {
        for (const socket of sockets) socket.destroy()
        server.closeAllConnections()
        server.close(() => resolve())
      }),
  )
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    tunnels,
    authorizations,
    readable,
    passed: () => Buffer.concat(passed),
  }
}

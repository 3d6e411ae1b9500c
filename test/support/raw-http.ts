import { type IncomingHttpHeaders, request } from 'node:http'
import { connect, type Socket } from 'node:net'
import { onTestFinished } from 'vitest'

/** What a server said. */
export interface RawAnswer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/** A request as nobody's fetch would send it: any method, any `Host`, a path that is left as it is. */
export function rawRequest(
  url: string | URL,
  {
    method = 'GET',
    path,
    headers = {},
  }: { method?: string; path?: string; headers?: Record<string, string> } = {},
): Promise<RawAnswer> {
  const { hostname, port, pathname, search } = addressOf(url)
  return new Promise((resolve, reject) => {
    const outgoing = request(
      { host: hostname, port, method, path: path ?? pathname + search, headers, agent: false },
      (response) => {
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.on('error', reject)
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            body: Buffer.concat(chunks).toString('utf8'),
          }),
        )
      },
    )
    outgoing.on('error', reject)
    outgoing.end()
  })
}

/** A connection that only does what the test says. It ends with the test. */
export function openConnection(url: string | URL): Promise<Socket> {
  const { hostname, port } = addressOf(url)
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname)
    socket.once('error', reject)
    socket.once('connect', () => {
      socket.off('error', reject)
      // How the other side ends it is not what a test with such a connection asks.
      socket.on('error', () => {})
      resolve(socket)
    })
    onTestFinished(() => {
      socket.destroy()
    })
  })
}

/** As sockets take it: without the brackets of an IPv6 address. */
function addressOf(url: string | URL) {
  const { hostname, port, pathname, search } = new URL(url)
  return { hostname: hostname.replace(/^\[|\]$/g, ''), port, pathname, search }
}

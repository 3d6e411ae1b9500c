import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { Answer, ServiceRequest } from '../http/exchange.ts'
import type { Outcome } from '../platform/fault-effects.ts'

/** What answers the requests of a listener. */
type Answerer = (request: ServiceRequest) => Promise<Outcome>

/** One socket that requests come in by. */
export interface Listener {
  /** Such as `http://127.0.0.1:40123`. */
  readonly origin: string
  /** Sets what answers. It is not there from the start, because it has to know every listener's address. */
  answerWith(answerer: Answerer): void
  /** Stops listening and cuts every connection. */
  close(): Promise<void>
}

/** Listens on a port of a host; 0 is any free port. */
export async function listen(host: string, port: number): Promise<Listener> {
  let answerer: Answerer | undefined
  let origin = ''
  const server = createServer((incoming, response) => {
    if (answerer === undefined) {
      incoming.socket.destroy()
      return
    }
    handle(answerer, { incoming, response, origin }).catch((error: unknown) => {
      // Not a service's 500 but a mistake in this kit, which has to be seen to be one.
      if (!response.headersSent) response.writeHead(500, { 'content-type': 'text/plain' })
      response.end(`The platform failed: ${error}`)
    })
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => resolve())
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('The listener has no port.')
  origin = `http://${host.includes(':') ? `[${host}]` : host}:${address.port}`

  return {
    origin,
    answerWith(next) {
      answerer = next
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

async function handle(
  answerer: Answerer,
  exchange: {
    readonly incoming: IncomingMessage
    readonly response: ServerResponse
    readonly origin: string
  },
): Promise<void> {
  const { incoming, response, origin } = exchange
  const request = await readRequest(incoming, origin)
  const outcome = await answerer(request)
  switch (outcome.type) {
    case 'answer':
      writeHead(response, outcome.answer)
      response.end(outcome.answer.body)
      return
    case 'cut': {
      const body = Buffer.from(outcome.answer.body)
      writeHead(response, outcome.answer)
      response.setHeader('content-length', body.length)
      response.write(body.subarray(0, Math.floor(body.length / 2)), () => incoming.socket.destroy())
      return
    }
    case 'lost':
      incoming.socket.destroy()
      return
    case 'hang':
  }
}

async function readRequest(incoming: IncomingMessage, origin: string): Promise<ServiceRequest> {
  const chunks: Buffer[] = []
  for await (const chunk of incoming) chunks.push(chunk)
  const headers = new Headers()
  for (const [name, values] of Object.entries(incoming.headersDistinct)) {
    for (const value of values ?? []) headers.append(name, value)
  }
  const forwarded = headers.get('x-forwarded-for')?.split(',')[0]?.trim()
  return {
    method: incoming.method ?? 'GET',
    // Put together as text: `new URL('//memory', origin)` would take memory for a host.
    url: new URL(`${origin}${incoming.url ?? '/'}`),
    headers,
    text: Buffer.concat(chunks).toString('utf8'),
    address: forwarded || incoming.socket.remoteAddress || 'unknown',
  }
}

function writeHead(response: ServerResponse, answer: Answer): void {
  response.statusCode = answer.status
  for (const [name, value] of answer.headers) response.appendHeader(name, value)
}

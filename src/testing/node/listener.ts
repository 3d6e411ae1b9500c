import { createServer, type IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import type { Answer, ServiceRequest } from '../http/exchange.ts'
import type { Outcome } from '../platform/fault-effects.ts'
import { openSocketOn } from './socket-peer.ts'
import { openStreamOn } from './stream-peer.ts'

/** What answers the requests of a listener. */
type Answerer = (request: ServiceRequest, signal: AbortSignal) => Promise<Outcome>

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
  const serve = (exchange: Omit<Exchange, 'origin'>) => {
    const { incoming, response } = exchange
    if (answerer === undefined) {
      incoming.socket.destroy()
      return
    }
    handle(answerer, { ...exchange, origin }).catch((error: unknown) => {
      // Not a service's 500 but a mistake in this kit, which has to be seen to be one.
      if (!response.headersSent) response.writeHead(500, { 'content-type': 'text/plain' })
      response.end(`The platform failed: ${error}`)
    })
  }
  // The server itself forgets a connection that was upgraded.
  const upgraded = new Set<Duplex>()
  const server = createServer((incoming, response) => serve({ incoming, response }))
  server.on('upgrade', (incoming, socket, head) => {
    upgraded.add(socket)
    socket.on('close', () => upgraded.delete(socket))
    // Whoever is lost before the answer is simply gone.
    socket.on('error', () => {})
    const response = new ServerResponse(incoming)
    response.shouldKeepAlive = false
    response.assignSocket(incoming.socket)
    response.on('finish', () => socket.end())
    serve({ incoming, response, upgrade: { socket, head } })
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
        for (const socket of upgraded) socket.destroy()
      }),
  }
}

interface Exchange {
  readonly incoming: IncomingMessage
  readonly response: ServerResponse
  readonly origin: string
  /** Where the client wants another protocol: the connection, and what came with the head already. */
  readonly upgrade?: { readonly socket: Duplex; readonly head: Buffer }
}

async function handle(answerer: Answerer, exchange: Exchange): Promise<void> {
  const { incoming, response, origin, upgrade } = exchange
  const request = await readRequest(incoming, origin)
  const gone = new AbortController()
  const leave = () => gone.abort()
  incoming.socket.once('close', leave)
  const outcome = await answerer(request, gone.signal)
  incoming.socket.off('close', leave)
  switch (outcome.type) {
    case 'answer': {
      const { answer } = outcome
      const { ongoing } = answer
      if (ongoing?.type === 'socket' && upgrade !== undefined) {
        response.detachSocket(incoming.socket)
        await openSocketOn({ ...upgrade, incoming }, { answer, ongoing })
        return
      }
      writeHead(response, answer)
      if (ongoing?.type === 'stream') openStreamOn(response, ongoing)
      else response.end(answer.body)
      return
    }
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
      // An upgraded connection is read by nobody else, and would never notice its end.
      upgrade?.socket.on('end', () => upgrade.socket.destroy()).resume()
  }
}

async function readRequest(incoming: IncomingMessage, origin: string): Promise<ServiceRequest> {
  const chunks: Buffer[] = []
  for await (const chunk of incoming) chunks.push(chunk)
  const headers = new Headers()
  for (const [name, values] of Object.entries(incoming.headersDistinct)) {
    for (const value of values ?? []) headers.append(name, value)
  }
  const isWebSocket = headers.get('upgrade')?.toLowerCase() === 'websocket'
  const forwarded = headers.get('x-forwarded-for')?.split(',')[0]?.trim()
  return {
    method: incoming.method ?? 'GET',
    // Put together as text: `new URL('//memory', origin)` would take memory for a host.
    url: new URL(`${isWebSocket ? origin.replace('http', 'ws') : origin}${incoming.url ?? '/'}`),
    headers,
    text: Buffer.concat(chunks).toString('utf8'),
    address: forwarded || incoming.socket.remoteAddress || 'unknown',
  }
}

function writeHead(response: ServerResponse, answer: Answer): void {
  response.statusCode = answer.status
  for (const [name, value] of answer.headers) response.appendHeader(name, value)
}

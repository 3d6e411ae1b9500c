import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js'
import { SSEServerTransport } from '@modelcontextprotocol/sdk/server/sse.js'
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js'
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js'
import { onTestFinished } from 'vitest'
import { type WebSocket, WebSocketServer } from 'ws'
import { z } from 'zod'
import { deferred } from '../../support/async.ts'
import { type Authority, type Behind, type GuardedServer, guardedServer } from './guard.ts'

/** An official server of version 1 behind a guard: `/mcp`, `/sse` with `/messages`, and `/ws` by a plain bridge. */
export interface OfficialServer extends GuardedServer {
  /** The sessions of Streamable HTTP that are alive. */
  readonly sessions: ReadonlyMap<string, StreamableHTTPServerTransport>
  /** The sockets that are open. */
  readonly sockets: ReadonlySet<WebSocket>
  /** Lets the tool `slow` come to its end. */
  finishSlow(): void
}

export async function officialServer(
  authority: Authority,
  {
    jsonAnswers = false,
    badTokens = 'refuse',
  }: { jsonAnswers?: boolean; badTokens?: 'refuse' | 'open' } = {},
): Promise<OfficialServer> {
  const slow = deferred()
  const sessions = new Map<string, StreamableHTTPServerTransport>()
  const streams = new Map<string, SSEServerTransport>()

  const routes: Record<string, Behind> = {
    async '/mcp'(request, response) {
      const id = request.headers['mcp-session-id']
      let transport = typeof id === 'string' ? sessions.get(id) : undefined
      if (transport === undefined && id !== undefined) {
        response.writeHead(404).end()
        return
      }
      if (transport === undefined) {
        const made = new StreamableHTTPServerTransport({
          sessionIdGenerator: randomUUID,
          enableJsonResponse: jsonAnswers,
          onsessioninitialized: (session) => {
            sessions.set(session, made)
          },
          onsessionclosed: (session) => {
            sessions.delete(session)
          },
        })
        transport = made
        await connect(toolServer(slow.promise), made)
      }
      await transport.handleRequest(request, response)
    },
    async '/sse'(_request, response) {
      const transport = new SSEServerTransport('/messages', response)
      streams.set(transport.sessionId, transport)
      await connect(toolServer(slow.promise), transport)
    },
    async '/messages'(request, response) {
      const id = new URL(request.url ?? '', 'http://localhost').searchParams.get('sessionId')
      await streams.get(id ?? '')?.handlePostMessage(request, response)
    },
  }
  const guarded = await guardedServer(authority, (request, response) => {
    const route = routes[new URL(request.url ?? '', 'http://localhost').pathname]
    if (route === undefined) response.writeHead(404).end()
    else route(request, response)
  })
  const sockets = bridge(guarded, { server: () => toolServer(slow.promise), badTokens })
  return { ...guarded, sessions, sockets, finishSlow: () => slow.resolve() }
}

/** What every tool call shows: that it came through, and as whom. */
function toolServer(slow: Promise<void>): McpServer {
  const server = new McpServer(
    { name: 'official', version: '1.0.0' },
    { capabilities: { logging: {} } },
  )
  server.registerTool('double', { inputSchema: { n: z.number() } }, ({ n }, { authInfo }) => ({
    content: [{ type: 'text', text: `${n * 2} for ${authInfo?.clientId ?? 'the socket'}` }],
  }))
  server.registerTool('slow', {}, async () => {
    await slow
    return { content: [{ type: 'text', text: 'at last' }] }
  })
  server.registerTool('announce', {}, async () => {
    await server.sendLoggingMessage({ level: 'info', data: 'on the stream of its own' })
    return { content: [{ type: 'text', text: 'announced' }] }
  })
  return server
}

async function connect(server: McpServer, transport: unknown): Promise<void> {
  // Its types were not written for exact optional properties.
  await server.connect(transport as Transport)
}

/** A message of JSON-RPC in each message of the socket, and nothing else. */
function bridge(
  { server, check }: GuardedServer,
  { server: make, badTokens }: { server: () => McpServer; badTokens: 'refuse' | 'open' },
): ReadonlySet<WebSocket> {
  const sockets = new WebSocketServer({
    noServer: true,
    handleProtocols: (offered) => (offered.has('mcp') ? 'mcp' : false),
  })
  onTestFinished(() => {
    for (const socket of sockets.clients) socket.terminate()
    sockets.close()
  })
  server.on('upgrade', async (request: IncomingMessage, stream, head) => {
    const allowed = (await check(request)) !== undefined
    if (!allowed && badTokens !== 'open') {
      stream.end('HTTP/1.1 401 Unauthorized\r\nConnection: close\r\nContent-Length: 0\r\n\r\n')
      return
    }
    sockets.handleUpgrade(request, stream, head, (socket) => {
      // ★27
      if (allowed) serve(socket, make())
      else socket.close(1008, 'Unauthorized')
    })
  })
  return sockets.clients
}

function serve(socket: WebSocket, server: McpServer): void {
  const transport: Transport = {
    start: async () => {
      socket.on('message', (data) => transport.onmessage?.(JSON.parse(String(data))))
      socket.on('close', () => transport.onclose?.())
    },
    send: async (message) => socket.send(JSON.stringify(message)),
    close: async () => socket.close(),
  }
  connect(server, transport)
}

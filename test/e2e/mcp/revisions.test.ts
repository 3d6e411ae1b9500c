import type { IncomingMessage, ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { createMcpHandler, McpServer } from '@modelcontextprotocol/server'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { isAuthError } from '../../../src/index.ts'
import type { ServedPlatform } from '../../../src/testing-node.ts'
import { failure } from '../../support/async.ts'
import { mcpPeer, signedInAt } from './clients.ts'
import { guardedServer } from './guard.ts'
import { officialServer } from './official-server.ts'

const newest = '2026-07-28'

/** An official server of version 2, which speaks the newest revision, and the older one without sessions. */
function newestServer(platform: ServedPlatform) {
  const handler = createMcpHandler(() => {
    const server = new McpServer({ name: 'newest', version: '2.0.0' })
    server.registerTool('double', { inputSchema: z.object({ n: z.number() }) }, ({ n }) => ({
      content: [{ type: 'text', text: String(n * 2) }],
    }))
    return server
  })
  return guardedServer(platform, async (incoming, response) => {
    await answer(response, await handler.fetch(toRequest(incoming)))
  })
}

function toRequest(incoming: IncomingMessage): Request {
  const { method = 'GET', url, headers } = incoming
  const hasBody = method === 'POST'
  return new Request(`http://127.0.0.1${url}`, {
    method,
    headers: Object.entries(headers).map(([name, value]): [string, string] => [
      name,
      String(value),
    ]),
    ...(hasBody ? { body: bodyOf(incoming), duplex: 'half' } : {}),
  })
}

/** The types of Node.js and of the platform tell their streams apart. */
function bodyOf(incoming: IncomingMessage): ReadableStream {
  const chunks = incoming[Symbol.asyncIterator]()
  return new ReadableStream({
    async pull(controller) {
      const { done, value } = await chunks.next()
      if (done) controller.close()
      else controller.enqueue(value)
    },
  })
}

async function answer(response: ServerResponse, { status, headers, body }: Response) {
  response.writeHead(status, Object.fromEntries(headers))
  if (body === null) response.end()
  else Readable.from(body).pipe(response)
}

describe('the revision of 2026-07-28', () => {
  it.each(['auto', { pin: newest }] as const)(
    'is agreed upon by the client of version 2 (%o)',
    async (mode) => {
      const { client, platform, server, tokenRequests } = await signedInAt(newestServer)
      const peer = mcpPeer('v2', { versionNegotiation: { mode } })
      const transport = client.mcp.transport('http')
      await peer.connect(transport)
      expect(transport.hasPerRequestStream).toBe(true)
      expect(await peer.call('double', { n: 21 })).toBe('42')
      expect(server.requests.at(-1)?.headers).toMatchObject({
        'mcp-protocol-version': newest,
        'mcp-method': 'tools/call',
      })
      platform.expireAccessTokens()
      expect(await peer.call('double', { n: 4 })).toBe('8')
      expect(tokenRequests()).toHaveLength(1)
    },
  )

  it('is asked for, and done without, at a server that has only the older one', async () => {
    const { client, server } = await signedInAt(officialServer)
    const peer = mcpPeer('v2', { versionNegotiation: { mode: 'auto' } })
    await peer.connect(client.mcp.transport('http'))
    expect(await peer.call('double', { n: 2 })).toMatch(/^4 /)
    expect(server.requests.at(-1)?.headers['mcp-protocol-version']).toBe('2025-11-25')
  })

  it('is asked for over a WebSocket as well', async () => {
    const { client } = await signedInAt(officialServer)
    const peer = mcpPeer('v2', { versionNegotiation: { mode: 'auto' } })
    await peer.connect(client.mcp.transport('ws', { protocols: ['mcp'] }))
    expect(await peer.call('double', { n: 3 })).toBe('6 for the socket')
  })

  it('leaves our error as it is, or as the cause, when nobody is signed in any more', async () => {
    const { client, platform } = await signedInAt(newestServer)
    const revoked = mcpPeer('v2', { versionNegotiation: { mode: 'auto' } })
    platform.revokeTokens()
    const wrapped = await failure(revoked.connect(client.mcp.transport('http')))
    expect(
      isAuthError(wrapped instanceof Error ? wrapped.cause : undefined, 'session_expired'),
    ).toBe(true)
    const signedOut = mcpPeer('v2', { versionNegotiation: { mode: 'auto' } })
    const plain = await failure(signedOut.connect(client.mcp.transport('http')))
    expect(isAuthError(plain, 'session_expired')).toBe(true)
  })
})

describe('the revision of 2025-11-25', () => {
  it.each(['v1', 'v2'] as const)('is what client %s speaks to the same server', async (version) => {
    const { client, server } = await signedInAt(newestServer)
    const peer = mcpPeer(version)
    await peer.connect(client.mcp.transport('http'))
    expect(await peer.call('double', { n: 21 })).toBe('42')
    expect(server.requests.at(-1)?.headers['mcp-protocol-version']).toBe('2025-11-25')
  })
})

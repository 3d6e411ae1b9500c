import { describe, expect, it } from 'vitest'
import { isAuthError } from '../../../src/index.ts'
import { failure } from '../../support/async.ts'
import { startSink } from '../../support/sink.ts'
import { mcpPeer, signedInAt, versions } from './clients.ts'
import { guardedServer } from './guard.ts'
import { officialServer } from './official-server.ts'

describe.each(versions)('HTTP+SSE with the official client %s', (version) => {
  it('sends nothing to another origin that the server names as its endpoint', async () => {
    const sink = await startSink()
    const { client, server } = await signedInAt((platform) =>
      guardedServer(platform, (_request, response) => {
        response.writeHead(200, { 'content-type': 'text/event-stream' })
        response.write(`event: endpoint\ndata: ${sink.origin}/messages\n\n`)
      }),
    )
    const peer = mcpPeer(version)
    expect(await failure(peer.connect(client.mcp.transport('sse')))).toBeInstanceOf(Error)
    expect(sink.requests).toEqual([])
    await expect.poll(() => server.streams()).toBe(0)
  })

  it('gives up a server that names no endpoint, and does not ask it again', async () => {
    const { client, server } = await signedInAt(
      (platform) =>
        guardedServer(platform, (_request, response) => {
          response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders()
        }),
      { timeoutMs: 300 },
    )
    const peer = mcpPeer(version)
    const error = await failure(peer.connect(client.mcp.transport('sse')))
    expect(isAuthError(error, 'timeout')).toBe(true)
    await expect.poll(() => server.streams()).toBe(0)
    expect(server.requests).toHaveLength(1)
  })

  it('is over, with our error, when the person has signed out', async () => {
    const { client, server } = await signedInAt(officialServer)
    const peer = mcpPeer(version)
    await peer.connect(client.mcp.transport('sse'))
    await client.logout()
    // The event source waits before it looks for another stream, and learns then that there is none.
    await expect.poll(peer.closes, { timeout: 10_000 }).toBe(1)
    expect(peer.errors.at(-1)).toMatchObject({ code: 'login_required' })
    expect(server.streams()).toBe(0)
  })
})

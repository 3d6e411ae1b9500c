import { describe, expect, it } from 'vitest'
import { failure } from '../../support/async.ts'
import { mcpPeer, signedInAt, versions } from './clients.ts'
import { officialServer } from './official-server.ts'

/** Of a request of the client, which the answers here take longer than. */
const timeoutMs = 2_000

describe.each(versions)('Streamable HTTP with the official client %s', (version) => {
  it('ends the session at the server when it is closed', async () => {
    const { client, server } = await signedInAt(officialServer)
    const peer = mcpPeer(version)
    const transport = client.mcp.transport('http')
    await peer.connect(transport)
    expect([...server.sessions.keys()]).toEqual([transport.sessionId])
    await peer.close()
    expect(server.sessions.size).toBe(0)
    expect(server.requests.at(-1)).toMatchObject({ method: 'DELETE', allowed: true })
    expect(peer.errors).toEqual([])
  })

  it('resumes a session that was kept', async () => {
    const { client, server } = await signedInAt(officialServer)
    const first = mcpPeer(version)
    const transport = client.mcp.transport('http', { keepSession: true })
    await first.connect(transport)
    const { sessionId } = transport
    await first.close()
    expect(server.sessions.size).toBe(1)
    const second = mcpPeer(version)
    const protocolVersion = '2025-11-25'
    await second.connect(client.mcp.transport('http', { sessionId, protocolVersion }))
    expect(await second.call('double', { n: 4 })).toBe('8 for lanonasis-cli')
    expect(server.requests.at(-1)?.headers).toMatchObject({
      'mcp-session-id': sessionId,
      'mcp-protocol-version': protocolVersion,
    })
    expect(server.sessions.size).toBe(1)
  })

  it('agrees on the revision of 2025-11-25 and says so in each request', async () => {
    const { client, server } = await signedInAt(officialServer)
    const peer = mcpPeer(version)
    await peer.connect(client.mcp.transport('http'))
    await peer.call('double', { n: 1 })
    expect(server.requests.at(-1)?.headers['mcp-protocol-version']).toBe('2025-11-25')
  })

  it('waits for a tool longer than the client waits for other answers', async () => {
    const { client, server } = await signedInAt(
      (platform) => officialServer(platform, { jsonAnswers: true }),
      { timeoutMs },
    )
    const peer = mcpPeer(version)
    await peer.connect(client.mcp.transport('http'))
    const answer = peer.call('slow')
    await new Promise((resolve) => setTimeout(resolve, timeoutMs * 1.5))
    server.finishSlow()
    expect(await answer).toBe('at last')
  })

  it('hears what the server says by itself, on a stream that outlives the time limit of a request', async () => {
    const { client } = await signedInAt(officialServer, { timeoutMs })
    const peer = mcpPeer(version)
    const messages: unknown[] = []
    const transport = client.mcp.transport('http')
    await peer.connect(transport)
    const { onmessage } = transport
    transport.onmessage = (message, extra) => {
      messages.push(message)
      onmessage?.(message, extra)
    }
    await new Promise((resolve) => setTimeout(resolve, timeoutMs * 1.5))
    await peer.call('announce')
    await expect
      .poll(() => messages)
      .toContainEqual(expect.objectContaining({ method: 'notifications/message' }))
  })

  it('listens no longer in the name of somebody who has signed out', async () => {
    const { client, server } = await signedInAt(officialServer)
    const peer = mcpPeer(version)
    await peer.connect(client.mcp.transport('http'))
    await expect.poll(() => server.streams()).toBe(1)
    await client.logout()
    await expect.poll(() => server.streams()).toBe(0)
    expect(await failure(peer.call('double', { n: 1 }))).toMatchObject({ code: 'login_required' })
  })

  it('cannot be started twice', async () => {
    const { client } = await signedInAt(officialServer)
    const transport = client.mcp.transport('http')
    await mcpPeer(version).connect(transport)
    expect(await failure(transport.start())).toMatchObject({ code: 'config_invalid' })
  })
})

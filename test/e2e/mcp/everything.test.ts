import { describe, expect, it } from 'vitest'
import { mcpPeer, signedInAt, versions } from './clients.ts'
import { everythingServer } from './everything.ts'

const transports = [
  ['http', 'streamableHttp'],
  ['sse', 'sse'],
] as const

describe.each(versions)('server-everything with the official client %s', (version) => {
  it.each(transports)('calls tools over %s, through renewals', async (kind, transport) => {
    const { client, platform, server, tokenRequests } = await signedInAt((platform) =>
      everythingServer(platform, transport),
    )
    const peer = mcpPeer(version)
    await peer.connect(client.mcp.transport(kind))
    expect(await peer.call('echo', { message: 'hello' })).toBe('Echo: hello')
    expect(await peer.call('get-sum', { a: 40, b: 2 })).toContain('42')
    await expect.poll(() => server.streams()).toBe(1)
    platform.expireAccessTokens()
    expect(await peer.call('echo', { message: 'again' })).toBe('Echo: again')
    expect(tokenRequests()).toHaveLength(1)
    expect(peer.errors).toEqual([])
    await peer.close()
    await expect.poll(() => server.streams()).toBe(0)
  })
})

import { describe, expect, it } from 'vitest'
import { isAuthError } from '../../../src/index.ts'
import { failure } from '../../support/async.ts'
import { mcpPeer, signedInAt, versions } from './clients.ts'
import { officialServer } from './official-server.ts'

/** The bridge chooses it, as servers do that know the SDK's own transport. */
const official = { protocols: ['mcp'] }

describe.each(versions)('a WebSocket with the official client %s', (version) => {
  it('reaches an official server by a plain bridge, with and without its subprotocol', async () => {
    const { client } = await signedInAt(officialServer)
    for (const options of [{}, official, { ...official, dialect: 'json-rpc' }] as const) {
      const peer = mcpPeer(version)
      await peer.connect(client.mcp.transport('ws', options))
      expect(await peer.call('double', { n: 21 })).toBe('42 for the socket')
      await peer.close()
      expect(peer.errors).toEqual([])
    }
  })

  it('renews a token that has ended before it connects', async () => {
    const { client, platform, server, tokenRequests } = await signedInAt(officialServer)
    platform.clock.advance(3_600_000)
    await mcpPeer(version).connect(client.mcp.transport('ws', official))
    expect(tokenRequests()).toHaveLength(1)
    expect(server.requests.map(({ allowed }) => allowed)).toEqual([true])
  })

  it.each(['refuse', 'open'] as const)(
    'connects again with a new token where the server does not take the old one (%s)',
    async (takesFirst) => {
      const { client, platform, server, tokenRequests } = await signedInAt((platform) =>
        officialServer(platform, { badTokens: takesFirst }),
      )
      platform.expireAccessTokens()
      const peer = mcpPeer(version)
      await peer.connect(client.mcp.transport('ws', { ...official, dialect: 'auto' }))
      expect(await peer.call('double', { n: 2 })).toBe('4 for the socket')
      expect(tokenRequests()).toHaveLength(1)
      expect(server.requests.map(({ allowed }) => allowed)).toEqual([false, true])
    },
  )

  it('fails with our error when everything was revoked', async () => {
    const { client, platform } = await signedInAt(officialServer)
    platform.revokeTokens()
    const error = await failure(mcpPeer(version).connect(client.mcp.transport('ws', official)))
    expect(isAuthError(error, 'session_expired')).toBe(true)
  })

  it('is over when its socket is, and says why', async () => {
    const { client, server } = await signedInAt(officialServer)
    const peer = mcpPeer(version)
    await peer.connect(client.mcp.transport('ws', official))
    const pending = failure(peer.call('slow'))
    for (const socket of server.sockets) socket.terminate()
    expect(await pending).toBeInstanceOf(Error)
    expect(peer.closes()).toBe(1)
    expect(peer.errors.map((error) => isAuthError(error, 'network_error'))).toEqual([true])
  })

  it('is over when the person signs out', async () => {
    const { client, server } = await signedInAt(officialServer)
    const peer = mcpPeer(version)
    await peer.connect(client.mcp.transport('ws', official))
    await client.logout()
    expect(peer.closes()).toBe(1)
    expect(peer.errors.map((error) => isAuthError(error, 'login_required'))).toEqual([true])
    await expect.poll(() => server.sockets.size).toBe(0)
  })
})

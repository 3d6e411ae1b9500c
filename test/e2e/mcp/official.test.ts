import { describe, expect, it } from 'vitest'
import { isAuthError } from '../../../src/index.ts'
import { failure } from '../../support/async.ts'
import { lifeMs } from '../../support/setup.ts'
import { mcpPeer, signedInAt, versions } from './clients.ts'
import { type OfficialServer, officialServer } from './official-server.ts'

const kinds = ['http', 'sse', 'ws'] as const
/** Those that send a credential with each message. */
const requestKinds = ['http', 'sse'] as const

/** The stream for what the server says by itself is asked for after `connect` has resolved. */
async function streamOf({ requests }: OfficialServer): Promise<void> {
  await expect.poll(() => requests.map(({ method }) => method)).toContain('GET')
}

describe.each(versions)('the official client %s', (version) => {
  describe.each(kinds)('over %s', (kind) => {
    it('connects to an official server and calls its tools with our credential', async () => {
      const { client, server } = await signedInAt(officialServer)
      const peer = mcpPeer(version)
      await peer.connect(client.mcp.transport(kind))
      expect(await peer.call('double', { n: 21 })).toMatch(/^42 for /)
      const token = await client.getAccessToken()
      expect(server.requests).not.toEqual([])
      expect(new Set(server.requests.map((request) => request.token))).toEqual(new Set([token]))
      await peer.close()
      expect(peer.errors).toEqual([])
      expect(peer.closes()).toBe(1)
    })

    it('is told at once that nobody is signed in, and sends nothing', async () => {
      const { client, server } = await signedInAt(officialServer)
      await client.logout()
      const peer = mcpPeer(version)
      const error = await failure(peer.connect(client.mcp.transport(kind)))
      expect(isAuthError(error, 'login_required')).toBe(true)
      expect(server.requests).toEqual([])
    })

    it('can connect again after it could not', async () => {
      const { client } = await signedInAt(officialServer)
      await client.logout()
      const peer = mcpPeer(version)
      await failure(peer.connect(client.mcp.transport(kind)))
      const { client: other } = await signedInAt(officialServer)
      await peer.connect(other.mcp.transport(kind))
      expect(await peer.call('double', { n: 1 })).toMatch(/^2 for /)
    })

    it('sends no credential to a server that is none of the services', async () => {
      const { client } = await signedInAt(officialServer)
      const { server: foreign } = await signedInAt(officialServer)
      const peer = mcpPeer(version)
      const transport = client.mcp.transport(kind, {
        url: `${kind === 'ws' ? foreign.origin.replace('http', 'ws') : foreign.origin}/${kind}`,
      })
      const error = await failure(peer.connect(transport))
      expect(isAuthError(error, 'origin_not_allowed')).toBe(true)
      expect(foreign.requests).toEqual([])
    })
  })

  describe.each(requestKinds)('over %s', (kind) => {
    it('goes on with a new token when the old one has ended, without a refusal in between', async () => {
      const { client, platform, server, tokenRequests } = await signedInAt(officialServer)
      const peer = mcpPeer(version)
      await peer.connect(client.mcp.transport(kind))
      await streamOf(server)
      platform.clock.advance(lifeMs)
      expect(await peer.call('double', { n: 2 })).toBe('4 for lanonasis-cli')
      expect(tokenRequests()).toHaveLength(1)
      expect(server.requests.every(({ allowed }) => allowed)).toBe(true)
      expect(server.requests.at(-1)?.token).toBe(await client.getAccessToken())
    })

    it('goes on after the server has refused a token that it should have taken', async () => {
      const { client, platform, server, tokenRequests } = await signedInAt(officialServer)
      const peer = mcpPeer(version)
      await peer.connect(client.mcp.transport(kind))
      await streamOf(server)
      platform.expireAccessTokens()
      expect(await peer.call('double', { n: 3 })).toBe('6 for lanonasis-cli')
      expect(tokenRequests()).toHaveLength(1)
      expect(server.requests.filter(({ allowed }) => !allowed)).toHaveLength(1)
      expect(peer.errors).toEqual([])
    })

    it('gets our error when everything was revoked', async () => {
      const { client, platform } = await signedInAt(officialServer)
      const peer = mcpPeer(version)
      await peer.connect(client.mcp.transport(kind))
      platform.revokeTokens()
      const error = await failure(peer.call('double', { n: 4 }))
      expect(isAuthError(error, 'session_expired')).toBe(true)
    })

    it('gets our error when the person has signed out meanwhile', async () => {
      const { client } = await signedInAt(officialServer)
      const peer = mcpPeer(version)
      await peer.connect(client.mcp.transport(kind))
      await client.logout()
      const error = await failure(peer.call('double', { n: 5 }))
      expect(isAuthError(error, 'login_required')).toBe(true)
    })
  })

  it('is ended with the client whose credentials it uses', async () => {
    const { client, server } = await signedInAt(officialServer)
    const peer = mcpPeer(version)
    await peer.connect(client.mcp.transport('http'))
    await client.close()
    expect(peer.closes()).toBe(1)
    await expect.poll(() => server.sessions.size).toBe(0)
  })
})

describe('the servers of these tests', () => {
  it.each(['/mcp', '/sse', '/messages'])('refuse a request without a token at %s', async (path) => {
    const { server } = await signedInAt(officialServer)
    const { status } = await fetch(`${server.origin}${path}`, { method: 'POST' })
    expect(status).toBe(401)
  })
})

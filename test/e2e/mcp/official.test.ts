import { describe, expect, it } from 'vitest'
import { mcpPeer, signedInAt, versions } from './clients.ts'
import { officialServer } from './official-server.ts'

const kinds = ['http', 'sse'] as const

describe.each(versions)('the official client %s', (version) => {
  describe.each(kinds)('over %s', (kind) => {
    it('connects to an official server and calls its tools with our credential', async () => {
      const { client, server } = await signedInAt(officialServer)
      const peer = mcpPeer(version)
      await peer.connect(client.mcp.transport(kind))
      expect(await peer.call('double', { n: 21 })).toBe('42 for lanonasis-cli')
      const token = await client.getAccessToken()
      expect(server.requests.length).toBeGreaterThan(1)
      expect(new Set(server.requests.map((request) => request.token))).toEqual(new Set([token]))
      await peer.close()
      expect(peer.errors).toEqual([])
    })
  })
})

import { describe, expect, it, onTestFinished } from 'vitest'
import { AuthClient } from '../../../src/index.ts'
import { httpTransport, sseTransport, webSocketTransport } from '../../../src/mcp.ts'
import { loopbackFlow, nodeWebSockets } from '../../../src/node.ts'
import { failure } from '../../support/async.ts'
import { startOidcServer } from '../../support/oidc-provider.ts'
import { mcpPeer, versions } from './clients.ts'
import { officialServer } from './official-server.ts'

/** Signed in at a server that is not Lanonasis, with an MCP server that asks that one about tokens. */
async function signedInElsewhere() {
  const authority = await startOidcServer()
  const server = await officialServer((token) =>
    fetch(`${authority.issuer}/token/introspection`, {
      method: 'POST',
      body: new URLSearchParams({ token, client_id: 'my-app' }),
    }),
  )
  const client = new AuthClient({
    clientId: 'my-app',
    issuer: authority.issuer,
    resources: [server.origin],
    webSocket: nodeWebSockets(),
    login: loopbackFlow({
      openUrl: async (url) => {
        await fetch(await authority.signIn(url))
      },
    }),
  })
  onTestFinished(() => client.close())
  await client.login()
  return { client, server }
}

describe.each(versions)(
  'a client of any authorization server, with the official client %s',
  (version) => {
    it('reaches an MCP server over each transport, and renews its token on the way', async () => {
      const { client, server } = await signedInElsewhere()
      const socketUrl = `${server.origin.replace('http', 'ws')}/ws`
      for (const make of [
        () => httpTransport(client, { url: `${server.origin}/mcp` }),
        () => sseTransport(client, { url: `${server.origin}/sse` }),
        () => webSocketTransport(client, { url: socketUrl }),
      ]) {
        const peer = mcpPeer(version)
        await peer.connect(make())
        expect(await peer.call('double', { n: 21 })).toMatch(/^42 /)
        await client.refresh()
        expect(await peer.call('double', { n: 4 })).toMatch(/^8 /)
        await peer.close()
      }
      expect(server.requests.every(({ allowed }) => allowed)).toBe(true)
      expect(new Set(server.requests.map(({ token }) => token)).size).toBeGreaterThan(2)
    })

    it('sends nothing to a server that its tokens are not for', async () => {
      const { client } = await signedInElsewhere()
      const { server: foreign } = await signedInElsewhere()
      const transport = httpTransport(client, { url: `${foreign.origin}/mcp` })
      const error = await failure(mcpPeer(version).connect(transport))
      expect(error).toMatchObject({ code: 'origin_not_allowed' })
      expect(foreign.requests).toEqual([])
    })
  },
)

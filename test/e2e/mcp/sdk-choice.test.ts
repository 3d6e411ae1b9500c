import * as sdk from '@modelcontextprotocol/client'
import { SSEClientTransport } from '@modelcontextprotocol/sdk/client/sse.js'
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import { describe, expect, it } from 'vitest'
import type { McpSdkChoice } from '../../../src/index.ts'
import { mcpPeer, signedInAt, versions } from './clients.ts'
import { officialServer } from './official-server.ts'

const choices: readonly (readonly [string, McpSdkChoice])[] = [
  ['version 1', 'v1'],
  ['version 2', 'v2'],
  ['classes of version 1', { SSEClientTransport, StreamableHTTPClientTransport }],
  ['the module of version 2', sdk],
]

describe.each(versions)('the official client %s', (version) => {
  describe.each(['http', 'sse'] as const)('over %s', (kind) => {
    it.each(choices)('takes a transport of %s', async (_name, choice) => {
      const { client, platform } = await signedInAt(officialServer)
      const peer = mcpPeer(version)
      await peer.connect(client.mcp.transport(kind, { sdk: choice }))
      platform.expireAccessTokens()
      expect(await peer.call('double', { n: 21 })).toMatch(/^42 /)
      await peer.close()
    })
  })
})

import { Client as ClientV2, type ClientOptions as OptionsV2 } from '@modelcontextprotocol/client'
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js'
import { onTestFinished } from 'vitest'
import { type LanonasisClientOptions, memoryStore } from '../../../src/index.ts'
import type { McpTransport } from '../../../src/mcp/transport/mcp-transport.ts'
import { nodeWebSockets } from '../../../src/node.ts'
import type { ServedPlatform } from '../../../src/testing-node.ts'
import { clientFor } from '../../support/setup.ts'
import { served } from '../clients.ts'

/** A version of the official SDK. */
export type SdkVersion = 'v1' | 'v2'

export const versions: readonly SdkVersion[] = ['v1', 'v2']

/** The official client of either version, as far as these tests use it. */
export interface McpPeer {
  /** What came to `onerror`. */
  readonly errors: readonly Error[]
  /** How often `onclose` was called. */
  readonly closes: () => number
  connect(transport: McpTransport): Promise<void>
  /** Calls a tool, and gives the text it answers. */
  call(name: string, args?: Record<string, unknown>): Promise<string>
  close(): Promise<void>
}

const identity = { name: 'a test', version: '1.0.0' }

/** The official client of a version, until the end of the test. */
export function mcpPeer(version: SdkVersion, options: OptionsV2 = {}): McpPeer {
  const client = version === 'v1' ? new ClientV1(identity) : new ClientV2(identity, options)
  const errors: Error[] = []
  let closes = 0
  client.onerror = (error) => {
    errors.push(error)
  }
  client.onclose = () => {
    closes += 1
  }
  onTestFinished(() => client.close())
  return {
    errors,
    closes: () => closes,
    connect: (transport) => client.connect(transport),
    async call(name, args = {}) {
      const { content } = await client.callTool({ name, arguments: args })
      return textIn(content)
    },
    close: () => client.close(),
  }
}

function textIn(content: unknown): string {
  const [first] = Array.isArray(content) ? content : []
  return String(first?.text)
}

/** A person who is signed in, with the MCP server where MCP Core is. */
export async function signedInAt<Server extends { readonly origin: string }>(
  start: (platform: ServedPlatform) => Promise<Server>,
  options: Partial<LanonasisClientOptions> = {},
) {
  const platform = await served({ limits: false })
  const server = await start(platform)
  const { origin } = server
  const client = clientFor(platform, {
    fetch: undefined,
    webSocket: nodeWebSockets(),
    ...options,
    store: memoryStore({ tokens: await platform.issueTokens() }),
    endpoints: {
      ...platform.endpoints,
      mcpHttp: origin,
      mcpSse: `${origin}/sse`,
      mcpWs: `${origin.replace('http', 'ws')}/ws`,
    },
  })
  onTestFinished(() => client.close())
  return { platform, client, server, tokenRequests: () => platform.requestsTo('POST /oauth/token') }
}

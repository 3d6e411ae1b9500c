import {
  AuthClient,
  type LanonasisClient,
  type McpSdk,
  type McpTransport,
} from '@lanonasis/auth-client'
import { httpTransport, sseTransport, webSocketTransport } from '@lanonasis/auth-client/mcp'
import * as v2 from '@modelcontextprotocol/client'
import type { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js'
import { SSEClientTransport } from '@modelcontextprotocol/sdk/client/sse.js'
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import type { Transport as TransportV1 } from '@modelcontextprotocol/sdk/shared/transport.js'
import { describe, expectTypeOf, it } from 'vitest'

declare const client: LanonasisClient

describe('a transport', () => {
  it('is one for the official clients of both versions', () => {
    expectTypeOf<McpTransport>().toExtend<TransportV1>()
    expectTypeOf<McpTransport>().toExtend<v2.Transport>()
    expectTypeOf<Parameters<ClientV1['connect']>[0]>().toEqualTypeOf<TransportV1>()
    expectTypeOf<Parameters<v2.Client['connect']>[0]>().toEqualTypeOf<v2.Transport>()
  })

  it('takes the options of its kind', () => {
    const make = () => {
      client.mcp.transport('http')
      client.mcp.transport('http', { sessionId: 'one', sdk: 'v1', headers: { 'x-tenant': 'a' } })
      client.mcp.transport('sse', { sdk: v2 })
      client.mcp.transport('ws', { strategy: 'first-message', dialect: 'json-rpc' })
      // @ts-expect-error a WebSocket is not made by the SDK
      client.mcp.transport('ws', { sdk: 'v1' })
      // @ts-expect-error there is no such kind
      client.mcp.transport('stdio')
    }
    expectTypeOf(make).returns.toBeVoid()
  })

  it('to any server needs an address', () => {
    const make = () => {
      const any = new AuthClient({ clientId: 'my-app', issuer: 'https://id.example.com' })
      httpTransport(any, { url: 'https://mcp.example.com/mcp' })
      sseTransport(any, { url: new URL('https://mcp.example.com/sse'), sdk: 'v2' })
      webSocketTransport(client, { url: 'wss://mcp.example.com' })
      // @ts-expect-error it has no default
      httpTransport(any, {})
    }
    expectTypeOf(make).returns.toBeVoid()
  })
})

describe('the SDK that is passed in', () => {
  it('is the module of version 2, or the classes of version 1', () => {
    expectTypeOf<typeof v2>().toExtend<McpSdk>()
    const classes = { SSEClientTransport, StreamableHTTPClientTransport }
    expectTypeOf(classes).toExtend<McpSdk>()
  })
})

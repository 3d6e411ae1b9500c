import { afterEach, describe, expect, it, vi } from 'vitest'
import { loadTransportClass } from '../../../src/mcp/transport/load-sdk.ts'
import { failure } from '../../support/async.ts'

const v2 = '@modelcontextprotocol/client'
const v1 = '@modelcontextprotocol/sdk/client/streamableHttp.js'

function notInstalled(name: string) {
  vi.doMock(name, () => {
    throw Object.assign(new Error(`Cannot find package '${name}'`), {
      code: 'ERR_MODULE_NOT_FOUND',
    })
  })
}

afterEach(() => {
  vi.doUnmock(v1)
  vi.doUnmock(v2)
  vi.resetModules()
})

const load = (choice?: 'v1' | 'v2') => loadTransportClass('StreamableHTTPClientTransport', choice)

describe('the official SDK', () => {
  it('is that of version 2 where there are both', async () => {
    const { StreamableHTTPClientTransport } = await import('@modelcontextprotocol/client')
    expect(await load()).toBe(StreamableHTTPClientTransport)
    expect(await load('v2')).toBe(StreamableHTTPClientTransport)
  })

  it('is that of version 1 where there is no other, or where it was chosen', async () => {
    const { StreamableHTTPClientTransport } = await import(
      '@modelcontextprotocol/sdk/client/streamableHttp.js'
    )
    expect(await load('v1')).toBe(StreamableHTTPClientTransport)
    notInstalled(v2)
    expect(await load()).toBe(StreamableHTTPClientTransport)
  })

  it('is named by the error when there is none', async () => {
    notInstalled(v2)
    notInstalled(v1)
    const named = (name: string) => ({
      code: 'config_invalid',
      hint: expect.stringContaining(`npm install ${name}`),
    })
    expect(await failure(load())).toMatchObject(named('@modelcontextprotocol/client'))
    expect(await failure(load('v2'))).toMatchObject(named('@modelcontextprotocol/client'))
    expect(await failure(load('v1'))).toMatchObject(named('@modelcontextprotocol/sdk'))
  })
})

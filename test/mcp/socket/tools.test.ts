import { describe, expect, it } from 'vitest'
import { failure, settle } from '../../support/async.ts'
import { answer, connectedSocket } from './connected.ts'

describe('listTools', () => {
  it('follows the pages', async () => {
    const { client, wire } = await connectedSocket()
    const listed = client.listTools()
    await settle()
    await answer(wire, { result: { tools: [{ name: 'a', inputSchema: {} }], nextCursor: 'two' } })
    await answer(wire, { result: { tools: [{ name: 'b', title: 'B', own: 1 }] } })
    expect(await listed).toEqual([
      {
        name: 'a',
        title: undefined,
        description: undefined,
        inputSchema: {},
        raw: { name: 'a', inputSchema: {} },
      },
      {
        name: 'b',
        title: 'B',
        description: undefined,
        inputSchema: {},
        raw: { name: 'b', title: 'B', own: 1 },
      },
    ])
    expect(wire.sent.map(({ params }) => params)).toEqual([{}, { cursor: 'two' }])
  })

  it('does not follow a page to itself', async () => {
    const { client, wire } = await connectedSocket()
    const listed = failure(client.listTools())
    await settle()
    await answer(wire, { result: { tools: [], nextCursor: 'x' } })
    await answer(wire, { result: { tools: [], nextCursor: 'x' } })
    expect(await listed).toMatchObject({ code: 'invalid_response' })
  })

  it.each([null, {}, { tools: [{}] }])('does not take %j for a list of tools', async (result) => {
    const { client, wire } = await connectedSocket()
    const listed = failure(client.listTools())
    await settle()
    await answer(wire, { result })
    expect(await listed).toMatchObject({ code: 'invalid_response' })
  })
})

describe('callTool', () => {
  it('gives what the tool gave', async () => {
    const { client, wire } = await connectedSocket()
    const called = client.callTool('search', { query: 'a' })
    await settle()
    const content = [{ type: 'text', text: 'found' }]
    await answer(wire, { result: { content, structuredContent: { hits: 1 } } })
    expect(await called).toEqual({ isError: false, content, structuredContent: { hits: 1 } })
    expect(wire.sent).toMatchObject([
      { method: 'tools/call', params: { name: 'search', arguments: { query: 'a' } } },
    ])
  })

  it('takes the failure of a tool for a result', async () => {
    const { client, wire } = await connectedSocket()
    const called = client.callTool('search')
    await settle()
    await answer(wire, { result: { content: [], isError: true } })
    expect(await called).toMatchObject({ isError: true })
  })

  it.each([{ content: 'text' }, { content: [{}] }])('does not take %j for one', async (result) => {
    const { client, wire } = await connectedSocket()
    const called = failure(client.callTool('search'))
    await settle()
    await answer(wire, { result })
    expect(await called).toMatchObject({ code: 'invalid_response' })
  })
})

describe('initialize', () => {
  it('says who we are, and then that we are ready', async () => {
    const { client, wire } = await connectedSocket()
    const introduced = client.initialize({ capabilities: { roots: {} } })
    await settle()
    await answer(wire, {
      result: {
        protocolVersion: '2025-03-26',
        serverInfo: { name: 'core', version: '2' },
        capabilities: { tools: {} },
        instructions: 'Be kind.',
      },
    })
    expect(await introduced).toEqual({
      protocolVersion: '2025-03-26',
      name: 'core',
      version: '2',
      capabilities: { tools: {} },
      instructions: 'Be kind.',
    })
    expect(wire.sent).toMatchObject([
      {
        method: 'initialize',
        params: { protocolVersion: '2025-11-25', capabilities: { roots: {} } },
      },
      { method: 'notifications/initialized' },
    ])
  })
})

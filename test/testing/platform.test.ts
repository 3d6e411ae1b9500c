import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { LanonasisClient } from '../../src/index.ts'
import { createPlatform } from '../../src/testing.ts'
import { still } from './support.ts'
import { wholeRun } from './whole-run.ts'

describe('the platform in process', () => {
  it.each(['roadmap', '2026'] as const)(
    'serves a whole life of a client (%s)',
    async (generation) => {
      await wholeRun(createPlatform({ generation }), generation)
    },
  )
})

describe('a client', () => {
  it('is led to the platform by its options, with or without a session', async () => {
    const platform = createPlatform({ now: still })
    const stranger = new LanonasisClient(platform.clientOptions)
    expect((await stranger.getSession()).status).toBe('signed-out')
    const client = new LanonasisClient(await platform.signedIn({ scope: 'memories:read' }))
    expect(await client.getSession()).toMatchObject({
      status: 'signed-in',
      scope: 'memories:read',
      expiresAt: platform.clock.now() + 900_000,
    })
    expect(await client.memory.list()).toMatchObject({ items: [] })
    expect(platform.requests.map(({ credential }) => credential)).toEqual(['bearer'])
  })

  it('has the session of the client and the person who are asked for', async () => {
    const platform = createPlatform({ limits: false })
    const grace = platform.addUser({ email: 'grace@example.com', password: 'compiler' })
    const options = await platform.signedIn({ clientId: 'vscode-extension', email: grace.email })
    const client = new LanonasisClient(options)
    platform.expireAccessTokens()
    platform.clock.advance(900_000)
    await client.memory.create({ title: 'Hopper', content: 'nanoseconds', type: 'context' })
    expect(platform.memories).toMatchObject([{ userId: grace.id }])
    expect(platform.requestsTo('POST /oauth/token')).toMatchObject([
      { body: { client_id: 'vscode-extension' } },
    ])
  })

  it('knows nothing of the variables of this machine', async () => {
    vi.stubEnv('MCP_HTTP_URL', 'https://elsewhere.example.com')
    onTestFinished(() => void vi.unstubAllEnvs())
    const platform = createPlatform()
    const client = new LanonasisClient(platform.clientOptions)
    expect(client.endpoints).toMatchObject(platform.endpoints)
  })

  it('hears of a memory that somebody else writes', async () => {
    const platform = createPlatform()
    const client = new LanonasisClient(await platform.signedIn())
    const events = client.mcp.events()[Symbol.asyncIterator]()
    const next = events.next()
    await vi.waitFor(() => expect(platform.realtime.streams).toHaveLength(1))
    await vi.waitFor(() => expect(platform.realtime.streams[0]?.ready).toBe(true))
    const memory = platform.addMemory({ title: 'News', tags: ['one'] })
    expect(memory).toMatchObject({ content: 'News', type: 'context', tags: ['one'] })
    expect((await next).value).toMatchObject({ type: 'memory.created', data: { id: memory.id } })
    expect((await client.memory.list({ tags: ['one'] })).items).toMatchObject([{ title: 'News' }])
    await client.close()
  })
})

it('a platform that was made before the fake timers has their time', () => {
  const platform = createPlatform()
  vi.useFakeTimers({ now: 1_000 })
  onTestFinished(() => void vi.useRealTimers())
  platform.clock.advance(1)
  expect(platform.clock.now()).toBe(1_001)
})

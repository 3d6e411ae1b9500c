import { describe, expect, it, onTestFinished } from 'vitest'
import { coreOf } from '../../src/client/auth-client.ts'
import { connectionContext } from '../../src/client/realtime.ts'
import type { LoginFlow } from '../../src/login/flow.ts'
import { createPlatform, type Platform } from '../../src/testing.ts'
import { clientFor, signedIn } from '../support/setup.ts'

const bob = { email: 'bob@example.com', password: 'another password' }

/** Signs Bob in, whoever was signed in before. */
function flowOfBob(platform: Platform): LoginFlow {
  return {
    name: 'bob',
    canRun: () => ({ ok: true }),
    async run({ authorize }) {
      const request = await authorize({ redirectUri: 'http://127.0.0.1:8989/callback' })
      return request.finish(new URL(await platform.signIn(request.url, bob)))
    },
  }
}

/** A person who is signed in, and Bob, whom the services know as well. */
async function setUp() {
  const platform = createPlatform({ limits: false, realtime: { dialect: 'json-rpc' } })
  platform.addUser(bob)
  const there = await signedIn({
    platform,
    webSocket: platform.webSocket,
    login: flowOfBob(platform),
  })
  onTestFinished(() => there.client.close())
  const socket = there.client.mcp.socket({ dialect: 'json-rpc' })
  onTestFinished(() => socket.close())
  const isOpen = (email: string) =>
    platform.realtime.connections.map((one) => one.email).includes(email)
  return { ...there, socket, isOpen }
}

describe('a connection that is open when another credential takes its place', () => {
  it('goes on with the new key', async () => {
    const { platform, client, socket } = await setUp()
    await client.setApiKey((await platform.createApiKey()).key)
    await socket.listTools()
    const { key } = await platform.createApiKey(bob)
    await client.setApiKey(key)
    await socket.callTool('create_memory', { title: 'Of Bob', content: 'x' }, { idempotent: true })
    const { items } = await clientFor(platform, { apiKey: key }).memory.list()
    expect(items).toMatchObject([{ title: 'Of Bob' }])
  })

  it('goes on with the session of who has signed in since: a socket', async () => {
    const { platform, client, socket, isOpen } = await setUp()
    await socket.listTools()
    platform.clock.advance(1_000)
    await client.login()
    await socket.listTools()
    expect(isOpen(bob.email)).toBe(true)
  })

  it('goes on with the session of who has signed in since: events', async () => {
    const { platform, client } = await setUp()
    const states: string[] = []
    const opened: (() => void)[] = []
    const opening = () => new Promise<void>((resolve) => opened.push(resolve))
    const events = client.mcp.events({
      onState: ({ type }) => {
        states.push(type)
        if (type === 'open') opened.shift()?.()
      },
    })
    const iterator = events[Symbol.asyncIterator]()
    onTestFinished(() => void iterator.return?.())
    const [first, second] = [opening(), opening()]
    const next = iterator.next()
    await first
    platform.clock.advance(1_000)
    await client.login()
    await second
    const key = await platform.createApiKey(bob)
    await clientFor(platform, { apiKey: key.key }).memory.create({ title: 'Of Bob', content: 'x' })
    expect(await next).toMatchObject({ value: { type: 'memory.created' } })
    expect(states).toEqual(['open', 'waiting', 'open'])
  })

  it('stays as it is when its token is renewed', async () => {
    const { platform, client, socket } = await setUp()
    await socket.listTools()
    await client.refresh()
    await socket.listTools()
    expect(platform.requests.filter(({ service }) => service === 'mcpWs')).toHaveLength(1)
  })

  it.each(['another key', 'the session'])(
    'is told of it once, and not with each renewal from then on: %s',
    async (successor) => {
      const { platform, client } = await setUp()
      const { id = '' } = await client.apiKeys.ensure({ name: 'laptop' })
      const { onSignOut } = await connectionContext(coreOf(client))
      const told: string[] = []
      onTestFinished(onSignOut({ type: 'api-key' }, ({ code }) => told.push(code)))
      if (successor === 'the session') await client.apiKeys.revoke(id)
      else await client.setApiKey((await platform.createApiKey()).key)
      await client.refresh()
      expect(told).toEqual(['network_error'])
      await client.logout()
      expect(told).toEqual(['network_error', 'login_required'])
    },
  )

  it('is told of each key that comes after the session has taken the place of one', async () => {
    const { platform, client } = await setUp()
    const { id = '' } = await client.apiKeys.ensure({ name: 'laptop' })
    const { onSignOut } = await connectionContext(coreOf(client))
    const told: string[] = []
    onTestFinished(onSignOut({ type: 'api-key' }, ({ code }) => told.push(code)))
    await client.apiKeys.revoke(id)
    for (const times of [2, 3]) {
      await client.setApiKey((await platform.createApiKey()).key)
      await client.refresh()
      expect(told).toEqual(Array(times).fill('network_error'))
    }
  })
})

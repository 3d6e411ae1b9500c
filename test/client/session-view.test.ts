import { inspect } from 'node:util'
import { describe, expect, it, vi } from 'vitest'
import { AuthClient } from '../../src/client/auth-client.ts'
import { Emitter } from '../../src/client/events.ts'
import type { Session } from '../../src/session/session.ts'
import { memoryStore } from '../../src/store/memory-store.ts'
import { failure, settle } from '../support/async.ts'
import { clientFor, personFlow, platformAt, signedIn } from '../support/setup.ts'
import { observedStore } from '../support/stores.ts'

describe('getSnapshot', () => {
  it('is loading before anything was read, and on a server always', async () => {
    const { client } = await signedIn()
    expect(client.getSnapshot()).toEqual({ status: 'loading', legacy: false })
    expect(client.getSnapshot()).toBe(client.getSnapshot())
    await client.getSession()
    expect(client.getSnapshot().status).toBe('signed-in')
    expect(client.getServerSnapshot()).toEqual({ status: 'loading', legacy: false })
    expect(client.getServerSnapshot()).toBe(client.getServerSnapshot())
  })

  it('is the same object while nothing changes, and another one when something does', async () => {
    const { client, platform } = await signedIn()
    const first = await client.getSession()
    await client.getAccessToken()
    expect(await client.getSession()).toBe(first)
    expect(client.getSnapshot()).toBe(first)
    platform.clock.advance(1_000)
    await client.refresh()
    expect(client.getSnapshot()).not.toBe(first)
  })

  it('cannot be changed by who gets it', async () => {
    const { client } = await signedIn()
    expect(Object.isFrozen(await client.getSession())).toBe(true)
  })
})

describe('subscribe', () => {
  it('starts reading, and tells of every change until one stops', async () => {
    const { client, platform } = await signedIn()
    const listener = vi.fn()
    const stop = client.subscribe(listener)
    await settle()
    expect(client.getSnapshot().status).toBe('signed-in')
    expect(listener).toHaveBeenCalledTimes(1)
    platform.clock.advance(1_000)
    await client.refresh()
    expect(listener).toHaveBeenCalledTimes(2)
    stop()
    await client.logout()
    expect(listener).toHaveBeenCalledTimes(2)
  })

  it('tells of a sign-out and of a renewal elsewhere', async () => {
    const { client, platform, store } = await signedIn()
    const seen: Session['status'][] = []
    client.subscribe(() => seen.push(client.getSnapshot().status))
    await settle()
    await clientFor(platform, { store }).logout()
    await settle()
    expect(seen).toEqual(['signed-in', 'signed-out'])
  })

  it('tells of another sign-in elsewhere although nothing else of the session is another', async () => {
    const platform = platformAt()
    const store = memoryStore()
    const other = clientFor(platform, { store, login: personFlow(platform) })
    const first = await other.login()
    const client = clientFor(platform, { store })
    const seen: Session[] = []
    client.subscribe(() => seen.push(client.getSnapshot()))
    await settle()
    const second = await other.login()
    await settle()
    expect(seen).toEqual([first, second])
    expect(second).toEqual({ ...first, signInId: expect.stringMatching(/^[\da-f-]{36}$/) })
    expect(second).not.toEqual(first)
  })

  it('works without its object, as React calls it', async () => {
    const { client } = await signedIn()
    const { subscribe, getSnapshot, getServerSnapshot } = client
    const stop = subscribe(() => {})
    await settle()
    expect(getSnapshot().status).toBe('signed-in')
    expect(getServerSnapshot().status).toBe('loading')
    stop()
  })

  it('shows that the store cannot be read, without failing', async () => {
    const { store, fail } = observedStore(memoryStore())
    fail.reads = true
    const client = clientFor(platformAt(), { store })
    client.subscribe(() => {})
    await settle()
    expect(client.getSnapshot()).toMatchObject({ degraded: { code: 'store_unavailable' } })
    expect(await failure(client.getSession())).toMatchObject({ code: 'store_unavailable' })
  })
})

describe('events', () => {
  it('tell of each request, and stop when one wants them to', async () => {
    const { client, expire } = await signedIn()
    const seen: string[] = []
    const stop = client.on('request', ({ service, method, route, status }) =>
      seen.push(`${service} ${method} ${route} ${status}`),
    )
    expire()
    await client.memory.list({ tags: ['private'] })
    expect(seen).toEqual(['authGateway POST /oauth/token 200', 'mcpHttp GET /api/v1/memory 200'])
    stop()
    await client.memory.list()
    expect(seen).toHaveLength(2)
  })

  it('tell of a request that got no answer', async () => {
    const { client, platform, expire } = await signedIn()
    const seen: unknown[] = []
    client.on('request', ({ route, status }) => seen.push([route, status]))
    platform.order({ match: '*', action: 'refuse' })
    await failure(client.fetch(`${platform.endpoints.mcpHttp}/health`))
    expire()
    await failure(client.getAccessToken())
    expect(seen).toEqual([
      ['/api/v1/health', undefined],
      ['/oauth/token', undefined],
    ])
  })

  it('come to every listener, whatever the others do', () => {
    const thrown: (() => void)[] = []
    vi.stubGlobal('queueMicrotask', (task: () => void) => thrown.push(task))
    const emitter = new Emitter()
    const seen: string[] = []
    emitter.on('degraded', () => {
      throw new Error('a mistake')
    })
    const stop = emitter.on('degraded', ({ code }) => {
      seen.push(code)
      stop()
    })
    emitter.on('degraded', ({ code }) => seen.push(code))
    emitter.emit('degraded', { code: 'timeout' })
    vi.unstubAllGlobals()
    expect(seen).toEqual(['timeout', 'timeout'])
    expect(thrown[0]).toThrow('a mistake')
    emitter.clear()
    emitter.emit('degraded', { code: 'timeout' })
    expect(seen).toHaveLength(2)
  })
})

describe('close', () => {
  it('stops all events, and leaves the session where it is stored', async () => {
    const { client, platform, store } = await signedIn()
    const listener = vi.fn()
    client.on('session', listener)
    client.subscribe(listener)
    await client.close()
    await settle()
    await clientFor(platform, { store }).refresh()
    await settle()
    expect(listener).not.toHaveBeenCalled()
    expect((await clientFor(platform, { store }).getSession()).status).toBe('signed-in')
  })

  it('is what `await using` does', async () => {
    const { client } = await signedIn()
    const listener = vi.fn()
    client.on('session', listener)
    await client[Symbol.asyncDispose]()
    await client.getSession()
    expect(listener).not.toHaveBeenCalled()
  })
})

describe('a client that is printed', () => {
  it('shows where it belongs, and nothing else', async () => {
    const { client, platform } = await signedIn()
    const shown = {
      clientId: 'lanonasis-cli',
      issuer: platform.endpoints.authGateway,
      profile: 'default',
      endpoints: platform.endpoints,
    }
    expect(JSON.parse(JSON.stringify(client))).toEqual(shown)
    expect(inspect(client)).toContain("profile: 'default'")
    expect(Object.keys(new AuthClient({ clientId: 'x', env: {} }).toJSON())).toEqual([
      'clientId',
      'issuer',
      'profile',
    ])
  })
})

import { describe, expect, it, vi } from 'vitest'
import { AuthError } from '../../../src/errors/auth-error.ts'
import { failure, settle } from '../../support/async.ts'
import { fakeContext } from '../../support/web-sockets.ts'
import { answer, connectedSocket, idleSocket } from './connected.ts'

const signedOut = new AuthError('login_required', 'Nobody is signed in.')

describe('closing a socket', () => {
  it('fails what is under way, and leaves no timer, socket or listener', async () => {
    const controller = new AbortController()
    const { signal } = controller
    const remove = vi.spyOn(signal, 'removeEventListener')
    const { client, wire, timers, signOuts, states } = await connectedSocket(undefined, { signal })
    const asked = failure(client.request('a', {}, { signal }))
    await settle()
    await client.close()
    expect(await asked).toMatchObject({ code: 'aborted' })
    expect([wire.closed, timers(), signOuts.size]).toEqual([{ code: 1000 }, 0, 0])
    expect(states.at(-1)).toBe('closed')
    expect(remove).toHaveBeenCalledTimes(1)
    expect(await failure(client.request('b'))).toMatchObject({ code: 'aborted' })
  })

  it('while it waits to connect again leaves nothing either', async () => {
    const { client, wire, timers, sockets, pass } = await connectedSocket()
    await wire.end()
    await client.close()
    expect(timers()).toBe(0)
    await pass(60_000)
    expect(sockets).toHaveLength(1)
  })

  it('while it connects gives that up', async () => {
    const { client, socket, timers } = idleSocket()
    const asked = failure(client.request('a'))
    const wire = await socket()
    await client.close()
    expect(await asked).toMatchObject({ code: 'aborted' })
    await settle()
    expect([wire.closed, timers()]).toEqual(['terminated', 0])
  })

  it('waits for the connection to be gone, whoever has closed it', async () => {
    const { client, wire, closing } = await connectedSocket()
    let isGone = false
    wire.close = () => {
      setTimeout(() => {
        isGone = true
        void wire.end({ code: 1000 })
      }, 500)
    }
    closing.abort()
    const closed = client.close()
    await vi.advanceTimersByTimeAsync(500)
    await closed
    expect(isGone).toBe(true)
  })

  it('before it was used needs nothing', async () => {
    const { client, sockets } = idleSocket()
    await client[Symbol.asyncDispose]()
    expect(client.getSnapshot()).toEqual({ state: 'closed' })
    expect(await failure(client.connect())).toMatchObject({ code: 'aborted' })
    expect(sockets).toEqual([])
  })

  it('is done by the client, and by a signal', async () => {
    const first = await connectedSocket()
    first.closing.abort()
    await settle()
    expect([first.wire.closed, first.client.getSnapshot().state]).toEqual([
      { code: 1000 },
      'closed',
    ])
    const controller = new AbortController()
    const second = await connectedSocket(undefined, { signal: controller.signal })
    controller.abort()
    await settle()
    expect(second.client.getSnapshot().state).toBe('closed')
  })

  it('is done by a signal that fired before it was used', async () => {
    const { client, sockets, states } = idleSocket(undefined, { signal: AbortSignal.abort() })
    expect(await failure(client.request('a'))).toMatchObject({ code: 'aborted' })
    expect(client.getSnapshot()).toEqual({ state: 'closed' })
    expect(states).toEqual(['closed'])
    expect(await failure(client.connect())).toMatchObject({ code: 'aborted' })
    expect(sockets).toEqual([])
  })
})

describe('a process', () => {
  it('is kept alive while somebody waits or listens, and not longer', async () => {
    const { client, wire } = await connectedSocket()
    expect(wire.alive).toBe(false)
    const asked = client.request('a')
    expect(wire.alive).toBe(true)
    await answer(wire)
    await asked
    expect(wire.alive).toBe(false)
    const stop = client.on('a', () => {})
    expect(wire.alive).toBe(true)
    stop()
    expect(wire.alive).toBe(false)
  })
})

describe('a program that only listens', () => {
  it('is told by the status that there is nothing more to come, and why', async () => {
    const { client, wire, states, timers, socket } = await connectedSocket(
      fakeContext({ judge: () => Promise.reject(signedOut) }),
    )
    const heard: string[] = []
    client.on('*', ({ method }) => void heard.push(method))
    await wire.end({ code: 1008 })
    expect(client.getSnapshot()).toEqual({ state: 'failed', error: signedOut })
    expect([states.at(-1), timers()]).toEqual(['failed', 0])
    // It listens still: whoever connects again hears again.
    const connecting = client.connect()
    const next = await socket(2)
    await next.accept()
    await connecting
    await next.say({ jsonrpc: '2.0', method: 'changed' })
    expect(heard).toEqual(['changed'])
  })
})

describe('requests', () => {
  it('that are answered listen to their signal no more', async () => {
    const { client, wire } = await connectedSocket()
    const { signal } = new AbortController()
    const remove = vi.spyOn(signal, 'removeEventListener')
    const asked = client.request('a', {}, { signal })
    await answer(wire)
    await asked
    expect(remove).toHaveBeenCalledTimes(1)
  })

  it('share one timer', async () => {
    const { client, timers } = await connectedSocket()
    const before = timers()
    const asked = Array.from({ length: 1_000 }, () => failure(client.request('a')))
    await settle()
    // That of the call that connected.
    expect(timers()).toBe(before)
    await client.close()
    await Promise.all(asked)
  })
})

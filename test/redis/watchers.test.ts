import { EventEmitter } from 'node:events'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { openSubscriber } from '../../src/redis/subscriber.ts'
import { Watchers } from '../../src/redis/watchers.ts'
import type { RedisClient } from '../../src/redis.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** A place with one commit, whose id can change, and a connection that can hear of it or not. */
function place({ hears }: { readonly hears: boolean }) {
  const state = { id: 'a', fails: false, looks: 0, closed: 0 }
  const heard = new Map<string, (id: string) => void>()
  const watchers = new Watchers({
    async peek() {
      state.looks += 1
      if (state.fails) throw new Error('Redis is down.')
      return state.id
    },
    channelOf: (name) => `channel of ${name}`,
    openSubscriber: () =>
      hears
        ? {
            subscribe: async (channel, listener) => void heard.set(channel, listener),
            unsubscribe: (channel) => void heard.delete(channel),
            close() {
              state.closed += 1
            },
          }
        : undefined,
  })
  return { state, heard, watchers }
}

describe('who watches without messages', () => {
  it('is told of a change within three seconds, once', async () => {
    const { state, watchers } = place({ hears: false })
    const listener = vi.fn()
    const stop = watchers.add('ada', listener)
    await vi.advanceTimersByTimeAsync(0)
    state.id = 'b'
    await vi.advanceTimersByTimeAsync(3_000)
    expect(listener).toHaveBeenCalledTimes(1)
    await vi.advanceTimersByTimeAsync(10_000)
    expect(listener).toHaveBeenCalledTimes(1)
    stop()
    const { looks } = state
    await vi.advanceTimersByTimeAsync(60_000)
    expect(state.looks).toBe(looks)
    expect(vi.getTimerCount()).toBe(0)
  })

  it('is told after a time in which Redis was down', async () => {
    const { state, watchers } = place({ hears: false })
    const listener = vi.fn()
    watchers.add('ada', listener)
    await vi.advanceTimersByTimeAsync(0)
    state.fails = true
    state.id = 'b'
    await vi.advanceTimersByTimeAsync(20_000)
    expect(listener).not.toHaveBeenCalled()
    state.fails = false
    await vi.advanceTimersByTimeAsync(3_000)
    expect(listener).toHaveBeenCalledTimes(1)
  })

  it('asks less often the more there are', async () => {
    const { state, watchers } = place({ hears: false })
    for (let name = 0; name < 1_000; name++) watchers.add(`${name}`, () => {})
    await vi.advanceTimersByTimeAsync(0)
    const { looks } = state
    await vi.advanceTimersByTimeAsync(60_000)
    expect((state.looks - looks) / 60).toBeLessThan(70)
  })
})

describe('who watches with messages', () => {
  it('is told at once, once, and hardly looks', async () => {
    const { state, heard, watchers } = place({ hears: true })
    const listener = vi.fn()
    watchers.add('ada', listener)
    await vi.advanceTimersByTimeAsync(0)
    const { looks } = state
    state.id = 'b'
    heard.get('channel of ada')?.('b')
    expect(listener).toHaveBeenCalledTimes(1)
    await vi.advanceTimersByTimeAsync(60_000)
    expect(listener).toHaveBeenCalledTimes(1)
    expect(state.looks - looks).toBeLessThan(8)
  })

  it('is told all the same when a message was lost', async () => {
    const { state, watchers } = place({ hears: true })
    const listener = vi.fn()
    watchers.add('ada', listener)
    await vi.advanceTimersByTimeAsync(0)
    state.id = 'b'
    await vi.advanceTimersByTimeAsync(20_000)
    expect(listener).toHaveBeenCalledTimes(1)
  })

  it('has its connection closed when nobody watches any more', async () => {
    const { state, heard, watchers } = place({ hears: true })
    const stops = [watchers.add('ada', () => {}), watchers.add('grace', () => {})]
    await vi.advanceTimersByTimeAsync(0)
    stops[0]?.()
    expect([...heard.keys()]).toEqual(['channel of grace'])
    expect(state.closed).toBe(0)
    stops[1]?.()
    stops[1]?.()
    expect(state.closed).toBe(1)
  })
})

describe('one more connection', () => {
  function duplicated(methods: object = {}) {
    const connection = Object.assign(new EventEmitter(), {
      connect: vi.fn(async () => {}),
      subscribe: vi.fn(async () => {}),
      unsubscribe: vi.fn(async () => {}),
      unref: vi.fn(),
      ...methods,
    })
    const client = { sendCommand: async () => null, duplicate: () => connection }
    return { connection, subscriber: openSubscriber(client) }
  }

  it('keeps no process alive, and ends none by an error', async () => {
    const { connection, subscriber } = duplicated({ destroy: vi.fn() })
    await subscriber?.subscribe('news', () => {})
    expect(connection.unref).toHaveBeenCalled()
    expect(() => connection.emit('error', new Error('lost'))).not.toThrow()
    subscriber?.close()
    await vi.waitFor(() => expect(connection).toHaveProperty('destroy.mock.calls.length', 1))
  })

  it('is closed by the name that node-redis 4 has for it', async () => {
    const disconnect = vi.fn(async () => Promise.reject(new Error('closed already')))
    duplicated({ disconnect }).subscriber?.close()
    await vi.waitFor(() => expect(disconnect).toHaveBeenCalled())
  })

  it('is not asked for where it would be of another form', () => {
    const clients: readonly RedisClient[] = [
      async () => null,
      { sendCommand: async () => null },
      { sendCommand: async () => null, duplicate: () => ({ pool: true }) },
      Object.assign({ call: async () => null }, { duplicate: () => expect.fail('not of ioredis') }),
    ]
    for (const client of clients) expect(openSubscriber(client)).toBe(undefined)
  })
})

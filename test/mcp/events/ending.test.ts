import { getEventListeners } from 'node:events'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { AuthError } from '../../../src/errors/auth-error.ts'
import { credentialedFetch } from '../../../src/http/credentialed-fetch.ts'
import { lanonasisPolicy } from '../../../src/http/policy.ts'
import { Secret } from '../../../src/secret/secret.ts'
import { failure, settle } from '../../support/async.ts'
import { json } from '../../support/fetches.ts'
import { uncaughtDuring } from '../../support/uncaught.ts'
import {
  chunkStream,
  collect,
  eventStream,
  eventsOver,
  take,
  written,
  writtenStream,
} from './streams.ts'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date', 'performance'] })
})
afterEach(() => {
  vi.useRealTimers()
})

const one = written('tool_result', 1)

/** Where an iteration can be when it is ended. */
const moments = [
  ['while the answer is awaited', () => new Promise<Response>(() => {})],
  ['while nothing comes', () => eventStream(writtenStream().body)],
  ['between two streams', () => json(503, {})],
  ['while a failed answer does not end', () => new Response(writtenStream().body, { status: 503 })],
] as const

describe.each(moments)('%s', (_name, answer) => {
  /** An iteration at that moment. */
  async function underWay() {
    const ending = new AbortController()
    const setup = eventsOver(
      [
        () => {
          const { signal } = setup.openings.at(-1) ?? {}
          const answered = Promise.resolve(answer())
          const aborted = new Promise<never>((_, reject) => {
            signal?.addEventListener('abort', () => reject(signal.reason), { once: true })
          })
          return Promise.race([answered, aborted])
        },
      ],
      { signal: ending.signal },
    )
    const iterator = setup.events[Symbol.asyncIterator]()
    const waiting = iterator.next()
    waiting.catch(() => {})
    await settle()
    const left = () => ({
      timers: vi.getTimerCount(),
      listeners: [ending.signal, setup.closing].flatMap((signal) =>
        getEventListeners(signal, 'abort'),
      ).length,
    })
    return { ...setup, ending, iterator, waiting, left }
  }
  const nothing = { timers: 0, listeners: 0 }

  it('return() cuts the request and leaves nothing', async () => {
    const { iterator, waiting, openings, states, left } = await underWay()
    const before = [...states]
    expect(await iterator.return?.()).toEqual({ done: true, value: undefined })
    expect(await waiting).toEqual({ done: true, value: undefined })
    expect(states).toEqual(before)
    expect(openings[0]?.signal?.aborted).toBe(true)
    expect(left()).toEqual(nothing)
    expect(await iterator.next()).toEqual({ done: true, value: undefined })
  })

  it('the signal does the same, and is told as aborted', async () => {
    const { iterator, ending, waiting, openings, left } = await underWay()
    ending.abort()
    expect(await failure(waiting)).toMatchObject({ code: 'aborted' })
    expect(openings[0]?.signal?.aborted).toBe(true)
    expect(left()).toEqual(nothing)
    expect(await iterator.next()).toEqual({ done: true, value: undefined })
  })

  it('closing the client ends it without an error', async () => {
    const { close, waiting, openings, left } = await underWay()
    close()
    expect(await waiting).toEqual({ done: true, value: undefined })
    expect(openings[0]?.signal?.aborted).toBe(true)
    expect(left()).toEqual(nothing)
  })
})

describe('an iteration', () => {
  it('asks for nothing before its first event is waited for', async () => {
    const { events, openings } = eventsOver([() => eventStream(one)])
    const iterator = events[Symbol.asyncIterator]()
    await settle()
    expect(openings).toEqual([])
    expect(await iterator.return?.()).toEqual({ done: true, value: undefined })
    expect(await iterator.next()).toEqual({ done: true, value: undefined })
    expect(openings).toEqual([])
  })

  it('that is given up while its code is loaded opens no stream', async () => {
    const { events, openings } = eventsOver([() => eventStream(one)])
    const iterator = events[Symbol.asyncIterator]()
    const waiting = iterator.next()
    await iterator.return?.()
    expect(await waiting).toEqual({ done: true, value: undefined })
    expect(openings).toEqual([])
  })

  it('that is left before the answer cuts a stream that comes all the same', async () => {
    const stream = writtenStream()
    let answer = (_response: Response) => {}
    const { events } = eventsOver([
      () =>
        new Promise((resolve) => {
          answer = resolve
        }),
    ])
    const iterator = events[Symbol.asyncIterator]()
    const waiting = iterator.next()
    await settle()
    await iterator.return?.()
    answer(eventStream(stream.body))
    expect(await waiting).toEqual({ done: true, value: undefined })
    expect(stream.state.cancelled).toBe(true)
  })

  it('listens for a sign-out while a stream is open, and no longer', async () => {
    const listening = new Set<(why: AuthError) => void>()
    const most = { count: 0 }
    const { known, events } = eventsOver([], {
      context: {
        fetch: (input, init) => signedIn(input, init),
        onSignOut: (_credential, listener) => {
          listening.add(listener)
          most.count = Math.max(most.count, listening.size)
          return () => void listening.delete(listener)
        },
      },
    })
    const signedIn = credentialedFetch({
      fetch: async () => eventStream(one),
      policy: lanonasisPolicy(known.endpoints, { browser: false }),
      browser: false,
      timeoutMs: 10_000,
      now: Date.now,
      headers: () => ({}),
      credential: async () => ({ type: 'bearer', secret: new Secret('token') }),
      judge: () => Promise.reject(new Error('Nothing is refused here.')),
      onRequest: () => {},
      replayRequests: false,
    })
    const collected = collect(events)
    for (let round = 0; round < 5; round++) {
      await settle()
      await vi.advanceTimersByTimeAsync(500)
    }
    expect(collected.events.length).toBeGreaterThan(2)
    expect(most.count).toBe(1)
  })

  it('that is left in the middle cuts the stream, and drops what was read', async () => {
    const { body, state } = chunkStream([one + one, one])
    const { events } = eventsOver([() => eventStream(body)])
    expect(await take(events, 1)).toHaveLength(1)
    expect(state).toEqual({ taken: 1, cancelled: true })
  })

  it('does not begin with a signal that has fired, or with a client that is closed', async () => {
    const cancelled = eventsOver([() => eventStream(one)], { signal: AbortSignal.abort() })
    expect(await failure(take(cancelled.events, 1))).toMatchObject({ code: 'aborted' })
    const closed = eventsOver([() => eventStream(one)])
    closed.close()
    expect(await take(closed.events, 1)).toEqual([])
    expect([...cancelled.openings, ...closed.openings]).toEqual([])
  })

  it('shows no more events after its signal, though some were read', async () => {
    const ending = new AbortController()
    const { events } = eventsOver([() => eventStream(one + one)], { signal: ending.signal })
    const iterator = events[Symbol.asyncIterator]()
    await iterator.next()
    ending.abort()
    expect(await failure(iterator.next())).toMatchObject({ code: 'aborted' })
  })

  it('that is left after its signal is over, and says no more', async () => {
    const ending = new AbortController()
    const { events } = eventsOver([() => eventStream(one)], { signal: ending.signal })
    const iterator = events[Symbol.asyncIterator]()
    await iterator.next()
    ending.abort()
    await iterator.return?.()
    expect(await iterator.next()).toEqual({ done: true, value: undefined })
  })

  it('is another one for each loop, with a stream of its own', async () => {
    const { events, openings } = eventsOver([() => eventStream(one)])
    await Promise.all([take(events, 1), take(events, 1)])
    expect(openings).toHaveLength(2)
  })

  it('serves calls that do not wait for each other in their order', async () => {
    const chunks = [1, 2, 3].map((data) => written('tool_result', data))
    const { events } = eventsOver([() => eventStream(chunkStream(chunks).body)])
    const iterator = events[Symbol.asyncIterator]()
    const results = await Promise.all([iterator.next(), iterator.next(), iterator.next()])
    expect(results.map(({ value }) => value?.data)).toEqual([1, 2, 3])
    await iterator.return?.()
  })

  it('goes on although its listener fails', async () => {
    const mistake = new Error('A mistake of the listener.')
    const { events } = eventsOver([() => eventStream(one)], {
      onState: () => {
        throw mistake
      },
    })
    const uncaught = await uncaughtDuring(async () => {
      expect(await take(events, 1)).toHaveLength(1)
    })
    expect(uncaught).toEqual([mistake])
  })

  it.each([
    ['livenessMs', { livenessMs: 0 }],
    ['maxEventLength', { maxEventLength: Number.NaN }],
    ['maxRetries', { maxRetries: -1 }],
  ])('refuses a %s that cannot be', async (name, options) => {
    const { events, openings } = eventsOver([() => eventStream(one)], options)
    const error = await failure(take(events, 1))
    expect(error).toMatchObject({ code: 'validation_failed' })
    expect(String(error)).toContain(name)
    expect(openings).toEqual([])
  })
})

describe('what is kept', () => {
  it('is no more than one piece of the stream, while the consumer takes its time', async () => {
    const { body, state } = chunkStream(Array.from({ length: 100 }, () => one + one))
    const { events } = eventsOver([() => eventStream(body)])
    const iterator = events[Symbol.asyncIterator]()
    for (let count = 1; count <= 10; count++) {
      await iterator.next()
      await settle()
      expect(state.taken).toBe(Math.ceil(count / 2))
    }
    await iterator.return?.()
  })

  it.each([
    ['in one piece', (event: string) => [event]],
    ['in many', (event: string) => event.match(/.{1,100}|\n/g) ?? []],
  ])('is no event that is too long, %s', async (_name, cut) => {
    const long = written('tool_result', 'x'.repeat(2_000))
    const { body, state } = chunkStream([one, ...cut(long), ...cut(long)])
    const { events, openings } = eventsOver([() => eventStream(body)], { maxEventLength: 1_000 })
    const collected = collect(events)
    await settle()
    expect(collected.events).toEqual([{ type: 'tool_result', data: 1 }])
    expect(collected.failure).toMatchObject({ code: 'invalid_response', retryable: false })
    expect(String(collected.failure)).toContain('1000')
    expect(openings).toHaveLength(1)
    expect(state.cancelled).toBe(true)
    expect(state.taken).toBeLessThan(15)
  })
})

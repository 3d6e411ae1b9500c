import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { AuthError } from '../../../src/errors/auth-error.ts'
import { settle } from '../../support/async.ts'
import { json } from '../../support/fetches.ts'
import { collect, eventStream, eventsOver, written, writtenStream } from './streams.ts'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date', 'performance'] })
})
afterEach(() => {
  vi.useRealTimers()
})

const one = written('tool_result', 1)

async function passes(ms: number) {
  await settle()
  await vi.advanceTimersByTimeAsync(ms)
  await settle()
}

describe('a stream that ends as planned', () => {
  it('is replaced soon, each time anew, and that is no error', async () => {
    const { events, states } = eventsOver([() => eventStream(one)])
    const collected = collect(events)
    for (let round = 1; round <= 5; round++) {
      await passes(0)
      expect(collected.events).toHaveLength(round)
      expect(states.at(-1)).toEqual({ type: 'waiting', attempt: 1, waitMs: 500, error: undefined })
      await passes(500)
    }
    expect(collected.failure).toBeUndefined()
  })

  it('after each event is asked for less often from the sixth on, without being a failure', async () => {
    const { events, states } = eventsOver([() => eventStream(one)], { maxRetries: 1 })
    const collected = collect(events)
    await passes(20_000)
    const waiting = states.filter((state) => state.type === 'waiting')
    expect(waiting.map(({ waitMs }) => waitMs).slice(0, 9)).toEqual([
      500, 500, 500, 500, 500, 1_000, 2_000, 2_000, 2_000,
    ])
    expect(new Set(waiting.map(({ attempt }) => attempt))).toEqual(new Set([1]))
    expect(collected.failure).toBeUndefined()
  })

  it('after a second is replaced soon again', async () => {
    const long = writtenStream()
    const short = () => eventStream(one)
    const { events, states } = eventsOver([
      ...Array.from({ length: 7 }, () => short),
      () => eventStream(long.body),
      short,
    ])
    collect(events)
    await passes(10_000)
    await passes(1_000)
    long.end()
    await passes(0)
    expect(states.at(-1)).toMatchObject({ type: 'waiting', waitMs: 500 })
  })

  it('and never worked is not asked for at a great rate', async () => {
    const { events, states } = eventsOver([() => eventStream(': hello\n\n')], { maxRetries: 3 })
    const collected = collect(events)
    await passes(60_000)
    const waits = states.flatMap((state) => (state.type === 'waiting' ? [state.waitMs] : []))
    expect(waits).toEqual([500, 1_000, 2_000])
    expect(collected.failure).toMatchObject({ code: 'service_unavailable', retryable: true })
  })

  it('after ten quiet minutes is one that worked', async () => {
    const streams = [writtenStream(), writtenStream(), writtenStream()]
    const answers = streams.map(
      ({ body }) =>
        () =>
          eventStream(body),
    )
    const { events, states } = eventsOver(answers)
    collect(events)
    for (const stream of streams) {
      for (let beat = 0; beat < 20; beat++) {
        stream.write(': beat\n\n')
        await passes(30_000)
      }
      stream.end()
      await passes(0)
      expect(states.at(-1)).toMatchObject({ type: 'waiting', attempt: 1 })
      await passes(500)
    }
  })

  it('with 204 was the last', async () => {
    const { events, openings } = eventsOver([
      () => eventStream(one),
      () => new Response(null, { status: 204 }),
    ])
    const collected = collect(events)
    await passes(500)
    expect(collected).toMatchObject({ ended: true, failure: undefined })
    expect(openings).toHaveLength(2)
    expect(vi.getTimerCount()).toBe(0)
  })
})

describe('a failure that passes', () => {
  it('is waited for with waits that grow, up to half a minute', async () => {
    const { events, states } = eventsOver([
      () => Promise.reject(new AuthError('network_error', 'No connection.')),
    ])
    const collected = collect(events)
    for (let attempt = 0; attempt < 8; attempt++) await passes(30_000)
    const waits = states.flatMap((state) => (state.type === 'waiting' ? [state.waitMs] : []))
    expect(waits.slice(0, 7)).toEqual([500, 1_000, 2_000, 4_000, 8_000, 15_000, 15_000])
    expect(states.at(-1)).toMatchObject({ error: { code: 'network_error' } })
    expect(collected.ended).toBe(false)
  })

  it.each([
    [429, 'rate_limited'],
    [500, 'server_error'],
    [503, 'service_unavailable'],
    [408, 'timeout'],
  ])('%i is told as %s, and waited for as the service says', async (status, code) => {
    const { events, states, openings } = eventsOver([
      () => json(status, {}, { 'retry-after': '12' }),
      () => eventStream(one),
    ])
    const collected = collect(events)
    await passes(0)
    expect(states).toMatchObject([{ type: 'waiting', waitMs: 12_000, error: { code, status } }])
    await passes(11_999)
    expect(openings).toHaveLength(1)
    await passes(1)
    expect(collected.events).toHaveLength(1)
  })

  it('is the failure of the iteration when it was tried often enough', async () => {
    const { events, openings } = eventsOver([() => json(503, {})], { maxRetries: 2 })
    const collected = collect(events)
    await passes(60_000)
    expect(collected.failure).toMatchObject({ code: 'service_unavailable', status: 503 })
    expect(openings).toHaveLength(3)
  })

  it('is one that worked before: the stream breaks, and its successor is asked for soon', async () => {
    const stream = writtenStream()
    const { events, states } = eventsOver([
      () => json(503, {}),
      () => json(503, {}),
      () => eventStream(stream.body),
      () => eventStream(one),
    ])
    const collected = collect(events)
    await passes(1_500)
    stream.write(one)
    await passes(0)
    stream.fail(new TypeError('terminated', { cause: { code: 'ECONNRESET' } }))
    await passes(0)
    expect(states.at(-1)).toMatchObject({
      type: 'waiting',
      attempt: 1,
      waitMs: 500,
      error: { code: 'network_error' },
    })
    await passes(500)
    expect(collected.events).toHaveLength(2)
  })
})

describe('a failure that stays', () => {
  it.each([
    [403, 'forbidden'],
    [404, 'not_found'],
    [400, 'validation_failed'],
  ])('%i ends the iteration with %s', async (status, code) => {
    const { events, openings } = eventsOver([() => json(status, { error: 'x', message: 'No.' })])
    const collected = collect(events)
    await passes(0)
    expect(collected.failure).toMatchObject({ code, status })
    expect(openings).toHaveLength(1)
  })

  it('is a page instead of a stream', async () => {
    const page = new Response('<html>', { headers: { 'content-type': 'text/html' } })
    const { events } = eventsOver([() => page])
    const collected = collect(events)
    await passes(0)
    expect(collected.failure).toMatchObject({ code: 'invalid_response', status: 200 })
  })

  it('is that nobody is signed in', async () => {
    const { events } = eventsOver([() => Promise.reject(new AuthError('login_required', 'No.'))])
    const collected = collect(events)
    await passes(0)
    expect(collected.failure).toMatchObject({ code: 'login_required' })
  })

  it('is told once: afterwards the iteration is over', async () => {
    const { events } = eventsOver([() => json(403, {})])
    const iterator = events[Symbol.asyncIterator]()
    await expect(iterator.next()).rejects.toMatchObject({ code: 'forbidden' })
    expect(await iterator.next()).toEqual({ done: true, value: undefined })
  })
})

describe('retry:', () => {
  it.each([
    ['5000', 5_500],
    ['0', 600],
    ['86400000', 60_500],
  ])('%s is the least that is waited, within reason', async (retry, waitMs) => {
    const { events, states } = eventsOver([() => eventStream(`retry: ${retry}\n\n${one}`)])
    collect(events)
    await passes(0)
    expect(states.at(-1)).toMatchObject({ waitMs })
  })
})

describe('the request', () => {
  it.each([
    [true, 'no-store'],
    [false, undefined],
  ] as const)(
    'keeps out of the cache of a browser, and only of that: %s',
    async (browser, cache) => {
      const { events, openings } = eventsOver([() => eventStream(one)], { context: { browser } })
      collect(events)
      await passes(0)
      expect(openings.map((opening) => opening.cache)).toEqual([cache])
    },
  )
})

describe('Last-Event-ID', () => {
  const stream = () => eventStream(`id: 41\n${one}id: 42\n${one}${one}`)
  const second = async (context: { browser: boolean }, text: () => Response = stream) => {
    const { events, openings } = eventsOver([text], { context })
    collect(events)
    await passes(500)
    return openings.map(({ headers }) => headers.get('last-event-id'))
  }

  it('goes along where an event had an id', async () => {
    expect(await second({ browser: false })).toEqual([null, '42'])
  })

  it('★28 is not sent in a browser: the services refuse the preflight it takes', async () => {
    expect(await second({ browser: true })).toEqual([null, null])
  })

  it('is left out when it does not fit into a header', async () => {
    expect(await second({ browser: false }, () => eventStream(`id: é\n${one}`))).toEqual([
      null,
      null,
    ])
  })

  it('is remembered over a stream without ids', async () => {
    const { events, openings } = eventsOver([stream, () => eventStream(one)])
    collect(events)
    for (let round = 0; round < 3; round++) await passes(500)
    expect(openings.at(-1)?.headers.get('last-event-id')).toBe('42')
  })
})

describe('a silence', () => {
  it('of 75 s is the end of a connection', async () => {
    const stream = writtenStream()
    const { events, states } = eventsOver([() => eventStream(stream.body), () => eventStream(one)])
    const collected = collect(events)
    await passes(70_000)
    stream.write(': beat\n\n')
    await passes(74_000)
    expect(stream.state.cancelled).toBe(false)
    await passes(1_100)
    expect(stream.state.cancelled).toBe(true)
    expect(states.at(-1)).toMatchObject({ type: 'waiting', error: { code: 'timeout' } })
    await passes(500)
    expect(collected.events).toHaveLength(1)
  })

  it('does not count while nobody waits for an event', async () => {
    const stream = writtenStream()
    const { events, openings } = eventsOver([() => eventStream(stream.body)])
    const iterator = events[Symbol.asyncIterator]()
    stream.write(one)
    await iterator.next()
    await passes(3_600_000)
    expect(vi.getTimerCount()).toBe(0)
    stream.write(written('tool_result', 2))
    expect(await iterator.next()).toMatchObject({ value: { data: 2 } })
    expect(openings).toHaveLength(1)
    await iterator.return?.()
  })

  it('that was the sleep of the machine ends nothing, when there is something to read', async () => {
    const stream = writtenStream()
    const { events, openings } = eventsOver([() => eventStream(stream.body)])
    const collected = collect(events)
    await passes(0)
    // The clock goes on, and the timer does not: it fires late.
    const slept = performance.now() + 3_600_000
    const asleep = vi.spyOn(performance, 'now').mockReturnValue(slept)
    await passes(75_000)
    asleep.mockRestore()
    stream.write(one)
    await passes(0)
    expect(collected.events).toHaveLength(1)
    expect(openings).toHaveLength(1)
  })
})

import { describe, expect, it, vi } from 'vitest'
import { fakeContext } from '../../support/web-sockets.ts'
import { opened } from './open.ts'

const page = { strategy: 'subprotocol', dialect: 'json-rpc' } as const

describe('a connection on which nothing is heard', () => {
  it('is asked for a sign of life, and is dead when there is none', async () => {
    const { wire, ends, pass, timers } = await opened()
    await pass(74_000)
    expect([wire.pings, ends]).toEqual([0, []])
    await pass(16_000)
    expect([wire.pings, ends]).toEqual([1, []])
    await pass(15_000)
    expect(ends).toMatchObject([
      { code: 'network_error', retryable: true, message: expect.stringContaining('sign of life') },
    ])
    expect([wire.closed, timers()]).toEqual(['terminated', 0])
  })

  it('lives on with a pong', async () => {
    const { wire, ends, pass } = await opened()
    for (let round = 1; round <= 5; round++) {
      while (wire.pings < round) await pass(15_000)
      await wire.beat()
    }
    expect(ends).toEqual([])
  })

  it.each([
    ['a ping', (wire: { beat(): Promise<void> }) => wire.beat()],
    ['a message', (wire: { say(text: string): Promise<void> }) => wire.say('{"type":"ping"}')],
  ])('is not asked while %s comes every 30 s', async (_what, sign) => {
    const { wire, ends, pass } = await opened()
    for (let round = 0; round < 20; round++) {
      await pass(30_000)
      await sign(wire)
    }
    expect([wire.pings, ends]).toEqual([0, []])
  })

  it('is asked at once after a sleep', async () => {
    const { wire, ends, pass } = await opened()
    await pass(20_000)
    // The machine sleeps: timers stand still, the wall clock goes on.
    vi.setSystemTime(Date.now() + 3_600_000)
    await pass(15_000)
    expect(wire.pings).toBe(1)
    await pass(5_000)
    expect(ends).toMatchObject([{ code: 'network_error' }])
  })

  it('survives a sleep when the other side does', async () => {
    const { wire, ends, pass } = await opened()
    vi.setSystemTime(Date.now() + 3_600_000)
    await pass(15_000)
    await wire.beat()
    await pass(60_000)
    expect([wire.pings, ends]).toEqual([1, []])
  })

  it('survives a clock that is set back', async () => {
    const { wire, ends, pass } = await opened()
    vi.setSystemTime(Date.now() - 3_600_000)
    await pass(60_000)
    expect([wire.pings, ends]).toEqual([0, []])
  })
})

describe('where a page has no ping frames', () => {
  const asked = (sent: readonly Record<string, unknown>[]) =>
    sent.filter(({ method }) => method === 'ping')

  it('a message asks, and its answer is nobody else’s', async () => {
    const { wire, messages, ends, pass } = await opened(fakeContext({ takesHeaders: false }), page)
    await pass(90_000)
    const [question] = asked(wire.sent)
    await wire.say({ type: 'pong', id: question?.id })
    expect(messages).toEqual([])
    await pass(120_000)
    // It has answered before: now its silence says something.
    expect(ends).toMatchObject([{ code: 'network_error' }])
  })

  it('★25 silence proves nothing of a service that may not know what a ping is', async () => {
    const { wire, ends, pass } = await opened(fakeContext({ takesHeaders: false }), page)
    await pass(1_000_000)
    expect(asked(wire.sent).length).toBeGreaterThan(3)
    expect(ends).toEqual([])
  })

  it('silence after a sleep is enough to connect anew', async () => {
    const { ends, pass } = await opened(fakeContext({ takesHeaders: false }), page)
    vi.setSystemTime(Date.now() + 3_600_000)
    await pass(20_000)
    expect(ends).toMatchObject([{ code: 'network_error' }])
  })
})

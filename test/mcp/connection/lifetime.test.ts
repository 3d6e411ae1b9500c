import { describe, expect, it } from 'vitest'
import { AuthError } from '../../../src/errors/auth-error.ts'
import { loginRequired } from '../../../src/session/session-errors.ts'
import { failure, settle } from '../../support/async.ts'
import { fakeContext } from '../../support/web-sockets.ts'
import { opened, opening, ping } from './open.ts'

describe('opening', () => {
  it('is reported, without a secret', async () => {
    const { reports } = await opened()
    expect(reports).toEqual([
      {
        service: 'mcpWs',
        method: 'GET',
        route: '/ws',
        status: 101,
        requestId: undefined,
        attempt: 1,
        durationMs: 0,
      },
    ])
  })

  it('has a time limit', async () => {
    const { promise, socket, pass, timers, signOuts } = await opening()
    const wire = await socket()
    const outcome = failure(promise)
    await pass(10_000)
    expect(await outcome).toMatchObject({ code: 'timeout', retryable: true })
    expect([wire.closed, timers(), signOuts.size]).toEqual(['terminated', 0, 0])
  })

  it('is given up with its caller', async () => {
    const controller = new AbortController()
    const { promise, socket, timers } = await opening(undefined, { signal: controller.signal })
    const wire = await socket()
    const outcome = failure(promise)
    controller.abort()
    expect(await outcome).toMatchObject({ code: 'aborted' })
    expect([wire.closed, timers()]).toEqual(['terminated', 0])
  })

  it('ends with the client', async () => {
    const { promise, socket, closing, timers } = await opening()
    const wire = await socket()
    const outcome = failure(promise)
    closing.abort()
    expect(await outcome).toMatchObject({ code: 'aborted' })
    await settle()
    expect([wire.closed, timers()]).toEqual([{ code: 1000 }, 0])
  })

  it('is not begun by a client that is closed', async () => {
    const { promise, sockets } = await opening(fakeContext({ closing: AbortSignal.abort() }))
    expect(await failure(promise)).toMatchObject({ code: 'aborted' })
    expect(sockets).toEqual([])
  })

  it('opens nothing without a credential', async () => {
    const error = new AuthError('login_required', 'Nobody is signed in.')
    const { promise, sockets } = await opening(
      fakeContext({ credentialFor: () => Promise.reject(error) }),
    )
    expect(await failure(promise)).toBe(error)
    expect(sockets).toEqual([])
  })

  it.each(['maxMessageBytes', 'maxBufferedBytes', 'livenessMs'])(
    'names a wrong %s',
    async (name) => {
      const { promise } = await opening(undefined, { [name]: 0 })
      expect(await failure(promise)).toMatchObject({
        code: 'config_invalid',
        message: expect.stringContaining(name),
      })
    },
  )
})

describe('an open connection', () => {
  it('is closed once, and leaves nothing', async () => {
    const { connection, wire, ends, timers, signOuts } = await opened()
    await Promise.all([connection.close(), connection.close()])
    expect([ends, wire.closed]).toEqual([[undefined], { code: 1000 }])
    expect([timers(), signOuts.size]).toEqual([0, 0])
    expect(await failure(connection.send(ping))).toMatchObject({ code: 'network_error' })
  })

  it('is cut when the other side does not answer a close', async () => {
    const { connection, wire, pass, timers } = await opened()
    wire.close = () => {}
    const closed = connection.close()
    await pass(2_000)
    await closed
    expect([wire.closed, timers()]).toEqual(['terminated', 0])
  })

  it('ends when the person signs out', async () => {
    const { wire, ends, signOuts } = await opened()
    for (const listener of signOuts) listener(loginRequired())
    await settle()
    expect(ends).toMatchObject([{ code: 'login_required' }])
    expect([wire.closed, signOuts.size]).toEqual(['terminated', 0])
  })

  it('ends with the client, which is no error', async () => {
    const { wire, ends, closing, timers } = await opened()
    closing.abort()
    await settle()
    expect([ends, wire.closed, timers()]).toEqual([[undefined], { code: 1000 }, 0])
  })

  it('tells nothing any more after its end', async () => {
    const { wire, messages, ends } = await opened()
    await wire.end()
    await wire.say({ method: 'late' })
    await wire.end()
    expect([messages, ends.length]).toEqual([[], 1])
  })

  it('keeps a process alive, or not', async () => {
    const { connection, wire } = await opened()
    connection.keepAlive(false)
    expect(wire.alive).toBe(false)
  })
})

describe('what is sent', () => {
  it('is refused when it is too large, in bytes', async () => {
    const { connection, wire } = await opened(undefined, { maxMessageBytes: 100 })
    const fits = { ...ping, params: { text: 'x'.repeat(30) } }
    const large = { ...ping, params: { text: '€'.repeat(30) } }
    await connection.send(fits)
    expect(await failure(connection.send(large))).toMatchObject({
      code: 'validation_failed',
      hint: expect.stringContaining('maxMessageBytes'),
    })
    expect(wire.sent).toEqual([fits])
  })

  it('is refused when it is no JSON', async () => {
    const { connection } = await opened()
    const params: Record<string, unknown> = {}
    params.self = params
    expect(await failure(connection.send({ ...ping, params }))).toMatchObject({
      code: 'validation_failed',
    })
  })

  it('waits while the other side takes it slowly, and keeps its order', async () => {
    const { connection, wire, pass } = await opened(undefined, { maxBufferedBytes: 1_000 })
    wire.bufferedBytes = 1_000
    const done: number[] = []
    for (const id of [1, 2, 3]) void connection.send({ ...ping, id }).then(() => done.push(id))
    await pass(100)
    expect([wire.sent, done]).toEqual([[], []])
    wire.bufferedBytes = 0
    await pass(10)
    expect(wire.sent.map(({ id }) => id)).toEqual([1, 2, 3])
    expect(done).toEqual([1, 2, 3])
  })

  it('does not overtake what waits when there is room', async () => {
    const { connection, wire, pass } = await opened(undefined, { maxBufferedBytes: 1_000 })
    wire.bufferedBytes = 1_000
    const first = connection.send({ ...ping, id: 1 })
    wire.bufferedBytes = 0
    const second = connection.send({ ...ping, id: 2 })
    await pass(10)
    await Promise.all([first, second])
    expect(wire.sent.map(({ id }) => id)).toEqual([1, 2])
  })

  it('does not pile up', async () => {
    const { connection, wire, pass } = await opened(undefined, { maxBufferedBytes: 100 })
    wire.bufferedBytes = 100
    const outcomes = Array.from({ length: 40 }, (_, id) => connection.send({ ...ping, id }))
    const settled = Promise.allSettled(outcomes)
    wire.bufferedBytes = 0
    await pass(10)
    const refused = (await settled).filter(({ status }) => status === 'rejected')
    expect(refused.length).toBeGreaterThan(10)
    expect(refused[0]).toMatchObject({ reason: { code: 'network_error', retryable: true } })
    expect(wire.sent).toHaveLength(40 - refused.length)
  })

  it('can be given up while it waits', async () => {
    const { connection, wire, pass } = await opened()
    wire.bufferedBytes = 1e9
    const controller = new AbortController()
    const first = failure(connection.send(ping, controller.signal))
    const second = connection.send({ ...ping, id: 2 })
    controller.abort()
    expect(await first).toMatchObject({ code: 'aborted' })
    wire.bufferedBytes = 0
    await pass(10)
    await second
    expect(wire.sent).toMatchObject([{ id: 2 }])
  })

  it('fails with the connection', async () => {
    const { connection, wire, timers } = await opened()
    wire.bufferedBytes = 1e9
    const sending = failure(connection.send(ping))
    await wire.end()
    expect(await sending).toMatchObject({ code: 'network_error' })
    expect(timers()).toBe(0)
  })
})

describe('what is received', () => {
  it('ends the connection when it is too large', async () => {
    const { wire, messages, ends } = await opened(undefined, { maxMessageBytes: 100 })
    await wire.say({ id: 1, result: 'x'.repeat(200) })
    expect(messages).toEqual([])
    expect(ends).toMatchObject([{ code: 'invalid_response' }])
    expect(wire.closed).toBe('terminated')
  })
})

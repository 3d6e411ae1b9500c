import { describe, expect, it } from 'vitest'
import { failure } from '../../support/async.ts'
import { fakeContext } from '../../support/web-sockets.ts'
import { opening, ping } from './open.ts'

const ack = { type: 'connection_ack', session_id: 'one', server_info: {} }

describe('before the ack', () => {
  it('★26 nothing is sent; with it the connection is there', async () => {
    const { promise, socket, outcome } = await opening()
    const wire = await socket()
    await wire.accept()
    expect([wire.sent, outcome.settled]).toEqual([[], false])
    await wire.say(ack)
    const connection = await promise
    await connection.send(ping)
    expect(wire.sent).toEqual([ping])
  })

  it('★26 a sign of life is none', async () => {
    const { socket, outcome, messages } = await opening()
    const wire = await socket()
    await wire.accept()
    await wire.say({ type: 'ping' }, { type: 'pong' })
    expect([outcome.settled, messages]).toEqual([false, []])
  })

  it('★26 is waited a moment, in which it is learned that there is none', async () => {
    const fake = fakeContext()
    const { promise, socket, pass, outcome } = await opening(fake)
    const wire = await socket()
    await wire.accept()
    await pass(990)
    expect([wire.sent, outcome.settled]).toEqual([[], false])
    await pass(20)
    await promise

    const second = await opening(fake)
    await (await second.socket(2)).accept()
    expect(second.outcome.settled).toBe(true)
  })

  it('★26 that came too late, what was sent is lost: the connection ends, and the next one waits', async () => {
    const fake = fakeContext()
    const { promise, socket, pass, ends } = await opening(fake)
    const wire = await socket()
    await wire.accept()
    await pass(1_000)
    const connection = await promise
    await connection.send(ping)
    await wire.say(ack)
    expect(ends).toMatchObject([{ code: 'network_error', retryable: true }])
    expect(wire.closed).toBe('terminated')

    const second = await opening(fake)
    const next = await second.socket(2)
    await next.accept()
    await pass(5_000)
    expect(second.outcome.settled).toBe(false)
    await next.say(ack)
    expect(second.outcome.settled).toBe(true)
  })

  it('that came late, nothing is lost when nothing was sent or something was heard', async () => {
    const quiet = await opening()
    await (await quiet.socket()).accept()
    await quiet.pass(1_000)
    await quiet.promise
    await (await quiet.socket()).say(ack)
    expect(quiet.ends).toEqual([])

    const spoken = await opening()
    const wire = await spoken.socket()
    await wire.accept()
    await spoken.pass(1_000)
    await (await spoken.promise).send(ping)
    await wire.say({ id: 1, result: {} }, ack)
    expect(spoken.ends).toEqual([])
  })

  it('something else says that there is none', async () => {
    const { promise, socket, messages } = await opening()
    const wire = await socket()
    await wire.accept()
    await wire.say({ method: 'hello' })
    await promise
    expect(messages).toMatchObject([{ method: 'hello' }])
  })

  it('is not waited for where the official subprotocol was chosen', async () => {
    const { promise, socket } = await opening(undefined, { protocols: ['mcp'] })
    const wire = await socket()
    await wire.accept('mcp')
    expect((await promise).protocol).toBe('mcp')
  })

  it('the credential is sent where it goes in a message: the ack is the answer to it', async () => {
    const fake = fakeContext({ takesHeaders: false })
    const { socket } = await opening(fake, { strategy: 'first-message' })
    const wire = await socket()
    await wire.accept()
    expect(wire.sent).toEqual([{ type: 'auth', token: 'token-1' }])
  })

  it('nothing is told any more of a batch whose ack came too late', async () => {
    const { promise, socket, pass, messages, ends } = await opening()
    const wire = await socket()
    await wire.accept()
    await pass(1_000)
    await (await promise).send(ping)
    await wire.say([ack, { jsonrpc: '2.0', method: 'late' }])
    expect(ends).toMatchObject([{ code: 'network_error' }])
    expect(messages).toEqual([])
  })

  it('there is no connection where an ack is asked for, and that is a timeout', async () => {
    const { promise, socket, pass, timers } = await opening(undefined, { dialect: 'ack' })
    const wire = await socket()
    await wire.accept()
    await wire.say({ method: 'hello' })
    const outcome = failure(promise)
    await pass(10_000)
    expect(await outcome).toMatchObject({ code: 'timeout', retryable: true })
    expect([wire.closed, timers()]).toEqual(['terminated', 0])
  })

  it('a service that sent one and does so no more is not waited for without end', async () => {
    const fake = fakeContext()
    const first = await opening(fake)
    await (await first.socket()).accept()
    await (await first.socket()).say(ack)
    await (await first.promise).close()

    const second = await opening(fake)
    await (await second.socket(2)).accept()
    await fake.pass(10_000)
    await second.promise
    const third = await opening(fake)
    await (await third.socket(3)).accept()
    await third.promise
  })
})

import { describe, expect, it, vi } from 'vitest'
import type { McpRequestOptions } from '../../../src/mcp/socket/types.ts'
import { failure, settle } from '../../support/async.ts'
import { uncaughtDuring } from '../../support/uncaught.ts'
import { answer, connectedSocket, idleSocket } from './connected.ts'

describe('a request', () => {
  it('connects, and resolves to the result', async () => {
    const { client, socket, states } = idleSocket()
    expect(client.getSnapshot()).toEqual({ state: 'idle' })
    const asked = client.request('tools/list', { cursor: 'a' })
    const wire = await socket()
    await wire.accept()
    await answer(wire)
    expect(await asked).toEqual({ ok: true })
    expect(wire.sent).toEqual([
      { jsonrpc: '2.0', id: 1, method: 'tools/list', params: { cursor: 'a' } },
    ])
    expect(states).toEqual(['connecting', 'connected'])
  })

  it('gets its own answer, whatever the order and the dialect', async () => {
    const { client, wire } = await connectedSocket()
    const asked = [client.request('a'), client.request('b'), client.request('c')]
    await wire.say(
      { type: 'result', id: 3, result: 'c' },
      { id: 1, result: 'a' },
      { jsonrpc: '2.0', id: 2, result: 'b' },
    )
    expect(await Promise.all(asked)).toEqual(['a', 'b', 'c'])
  })

  it('★25 that is never answered has a time limit of its own, and says that nobody waits any more', async () => {
    const { client, wire, pass } = await connectedSocket()
    const short = failure(client.request('a', {}, { timeoutMs: 1_000 }))
    const long = failure(client.request('b'))
    await pass(1_000)
    expect(await short).toMatchObject({ code: 'timeout', retryable: true })
    expect(wire.sent.slice(2)).toEqual([
      {
        jsonrpc: '2.0',
        method: 'notifications/cancelled',
        params: { requestId: 1, reason: 'timeout' },
      },
    ])
    await pass(8_990)
    const late = client.request('c')
    await pass(10)
    expect(await long).toMatchObject({ code: 'timeout' })
    await answer(wire, { id: 3, result: 'late' })
    expect(await late).toBe('late')
  })

  it('is not given up because the machine slept: the answer may be there, unread', async () => {
    const { client, wire, pass } = await connectedSocket()
    const asked = client.request('a', {}, { timeoutMs: 1_000 })
    await settle()
    // The clock goes on, and the timer does not: it fires late.
    const asleep = vi.spyOn(performance, 'now').mockReturnValue(performance.now() + 3_600_000)
    await pass(1_000)
    await answer(wire)
    expect(await asked).toEqual({ ok: true })
    const silent = failure(client.request('b', {}, { timeoutMs: 1_000 }))
    asleep.mockRestore()
    await client.close()
    await silent
  })

  it('is cancelled by its signal', async () => {
    const { client, wire } = await connectedSocket()
    const controller = new AbortController()
    const asked = failure(client.request('a', {}, { signal: controller.signal }))
    await settle()
    controller.abort()
    expect(await asked).toMatchObject({ code: 'aborted' })
    expect(wire.sent.at(-1)).toMatchObject({
      method: 'notifications/cancelled',
      params: { requestId: 1 },
    })
    await wire.say({ id: 1, result: 'late' })
    expect(await failure(client.request('b', {}, { signal: controller.signal }))).toMatchObject({
      code: 'aborted',
    })
  })

  it('never cancels initialize, as MCP asks for', async () => {
    const { client, wire, pass } = await connectedSocket()
    const asked = failure(client.initialize())
    await pass(10_000)
    expect(await asked).toMatchObject({ code: 'timeout' })
    expect(wire.sent.map(({ method }) => method)).toEqual(['initialize'])
  })

  it.each([
    [{ code: -32_601, message: 'No such method' }, 'not_found'],
    [{ code: -32_602, message: 'Wrong' }, 'validation_failed'],
    [{ code: -32_002, message: 'No such resource' }, 'not_found'],
    [{ code: -32_603, message: 'Broken' }, 'server_error'],
    [{ code: 17, message: 'Own' }, 'server_error'],
  ])('that is answered with %j fails with that code', async (error, code) => {
    const { client, wire } = await connectedSocket()
    const asked = failure(client.request('a'))
    await answer(wire, { error })
    expect(await asked).toMatchObject({ code, rpcCode: error.code, retryable: false })
  })

  it('shows what came with an error to nobody who only prints it', async () => {
    const { client, wire } = await connectedSocket()
    const asked = failure(client.request('a'))
    const data = { token: 'canary' }
    await answer(wire, { error: { code: 1, message: 'Token abcdefghijklmnopqrstuvwxyz', data } })
    const error = await asked
    expect(error).toMatchObject({ rpcData: data })
    expect(JSON.stringify(error)).not.toMatch(/canary|abcdefghij/)
    expect(Object.keys(Object(error))).not.toContain('rpcData')
  })

  it.each([0, -1, Number.NaN])('needs a time limit that is one: %s', async (timeoutMs) => {
    const { client } = await connectedSocket()
    expect(await failure(client.request('a', {}, { timeoutMs }))).toMatchObject({
      code: 'config_invalid',
    })
  })

  it.each([-1, Number.NaN])('needs a number of calls that may wait: %s', async (maxWaiting) => {
    const { client, sockets } = idleSocket(undefined, { maxWaiting })
    const error = await failure(client.request('a'))
    expect(error).toMatchObject({
      code: 'config_invalid',
      message: expect.stringContaining('maxWaiting'),
    })
    expect(client.getSnapshot()).toEqual({ state: 'failed', error })
    expect(sockets).toEqual([])
  })

  it('that cannot be written fails alone', async () => {
    const { client, wire } = await connectedSocket()
    expect(await failure(client.request('a', { big: 1n }))).toMatchObject({
      code: 'validation_failed',
    })
    const asked = client.request('b')
    await answer(wire)
    expect(await asked).toEqual({ ok: true })
  })
})

describe('a notification', () => {
  it('goes out without an id, and waits for no answer', async () => {
    const { client, wire } = await connectedSocket()
    await client.notify('notifications/progress', { progress: 1 })
    expect(wire.sent).toEqual([
      { jsonrpc: '2.0', method: 'notifications/progress', params: { progress: 1 } },
    ])
  })

  it('of the other side reaches who listens to it, or to all', async () => {
    const { client, wire } = await connectedSocket()
    const heard: unknown[] = []
    const stop = client.on('a', (notification) => heard.push(notification))
    client.on('*', ({ method }) => heard.push(method))
    await wire.say({ method: 'a', params: { b: 1 } }, { method: 'c' })
    expect(heard).toEqual([{ method: 'a', params: { b: 1 } }, 'a', 'c'])
    stop()
    await wire.say({ method: 'a' })
    expect(heard).toHaveLength(4)
  })

  it('connects for who listens', async () => {
    const { client, socket } = idleSocket()
    client.on('a', () => {})
    await (await socket()).accept()
    expect(client.getSnapshot()).toEqual({ state: 'connected' })
  })
})

describe('a notification that the connection holds back', () => {
  async function heldBack(options: McpRequestOptions = {}) {
    const connected = await connectedSocket(undefined, { maxBufferedBytes: 10 })
    connected.wire.bufferedBytes = 1_000
    const told = failure(connected.client.notify('a', {}, options))
    await settle()
    return { ...connected, told }
  }

  it('is cancelled by its caller, and does not go out', async () => {
    const controller = new AbortController()
    const { wire, told, pass } = await heldBack({ signal: controller.signal })
    controller.abort()
    expect(await told).toMatchObject({ code: 'aborted' })
    wire.bufferedBytes = 0
    await pass(100)
    expect(wire.sent).toEqual([])
  })

  it('has its time limit', async () => {
    const { told, pass } = await heldBack({ timeoutMs: 100 })
    await pass(100)
    expect(await told).toMatchObject({ code: 'timeout' })
  })

  it('keeps the process alive until it is out', async () => {
    const { client, wire, pass } = await connectedSocket(undefined, { maxBufferedBytes: 10 })
    wire.bufferedBytes = 1_000
    const told = client.notify('a')
    await settle()
    expect(wire.alive).toBe(true)
    wire.bufferedBytes = 0
    await pass(10)
    await told
    expect(wire.alive).toBe(false)
  })

  it('fails when the socket is closed, and leaves no timer', async () => {
    const { client, told, timers } = await heldBack()
    await client.close()
    expect(await told).toMatchObject({ code: 'aborted' })
    await settle()
    expect(timers()).toBe(0)
  })

  it('goes out on the next connection when this one ends', async () => {
    const { client, wire, reconnected } = await connectedSocket(undefined, { maxBufferedBytes: 10 })
    wire.bufferedBytes = 1_000
    const told = client.notify('a')
    await settle()
    await wire.end()
    const next = await reconnected()
    await told
    expect(next.sent).toEqual([{ jsonrpc: '2.0', method: 'a' }])
  })
})

describe('what the other side asks', () => {
  it('is answered when it is a ping', async () => {
    const { wire } = await connectedSocket()
    await wire.say({ jsonrpc: '2.0', id: 'x', method: 'ping' })
    expect(wire.sent).toEqual([{ jsonrpc: '2.0', id: 'x', result: {} }])
  })

  it('is answered by who handles it, and by nobody else', async () => {
    const { client, wire } = await connectedSocket()
    const stop = client.handle('roots/list', ({ a }) => ({ roots: [a] }))
    await wire.say({ id: 1, method: 'roots/list', params: { a: 1 } })
    stop()
    await wire.say({ id: 2, method: 'roots/list' })
    client.handle('fails', () => {
      throw new Error('canary')
    })
    await wire.say({ id: 3, method: 'fails' })
    client.handle('is no JSON', () => ({ count: 1n }))
    await wire.say({ id: 4, method: 'is no JSON' })
    expect(wire.sent).toEqual([
      { jsonrpc: '2.0', id: 1, result: { roots: [1] } },
      { jsonrpc: '2.0', id: 2, error: { code: -32_601, message: 'Method not found' } },
      { jsonrpc: '2.0', id: 3, error: { code: -32_603, message: 'Internal error' } },
      { jsonrpc: '2.0', id: 4, error: { code: -32_603, message: 'Internal error' } },
    ])
  })

  it('and nobody understands, is told and ends nothing', async () => {
    const { client, wire, errors } = await connectedSocket()
    await wire.say('{"neither', { type: 'error', error: { code: -32_601, message: 'No' } })
    expect(errors).toMatchObject([{ code: 'invalid_response' }, { rpcCode: -32_601 }])
    expect(client.getSnapshot()).toEqual({ state: 'connected' })
  })
})

describe('a mistake of the application', () => {
  it('in what it is told with is reported, and the socket goes on', async () => {
    const fail = (where: string) => () => {
      throw new Error(where)
    }
    const { client, wire } = await connectedSocket(undefined, { onError: fail('onError') })
    client.on('a', fail('on'))
    client.subscribe(fail('subscribe'))
    const uncaught = await uncaughtDuring(async () => {
      await wire.say('{"neither', { method: 'a' }, { error: { code: 1, message: 'No' } })
      const asked = client.request('b')
      await answer(wire)
      expect(await asked).toEqual({ ok: true })
      await client.close()
    })
    expect(uncaught.map(String)).toEqual(
      ['onError', 'on', 'onError', 'subscribe'].map((where) => `Error: ${where}`),
    )
  })
})

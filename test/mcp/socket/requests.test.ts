import { describe, expect, it } from 'vitest'
import { failure, settle } from '../../support/async.ts'
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
    expect(wire.sent).toEqual([
      { jsonrpc: '2.0', id: 1, result: { roots: [1] } },
      { jsonrpc: '2.0', id: 2, error: { code: -32_601, message: 'Method not found' } },
      { jsonrpc: '2.0', id: 3, error: { code: -32_603, message: 'Internal error' } },
    ])
  })

  it('and nobody understands, is told and ends nothing', async () => {
    const { client, wire, errors } = await connectedSocket()
    await wire.say('{"neither', { type: 'error', error: { code: -32_601, message: 'No' } })
    expect(errors).toMatchObject([{ code: 'invalid_response' }, { rpcCode: -32_601 }])
    expect(client.getSnapshot()).toEqual({ state: 'connected' })
  })
})

import { describe, expect, it } from 'vitest'
import { AuthError } from '../../../src/errors/auth-error.ts'
import { failure, settle } from '../../support/async.ts'
import { fakeContext } from '../../support/web-sockets.ts'
import { answer, connectedSocket, idleSocket } from './connected.ts'

describe('a connection that breaks', () => {
  it('is made again, with a fresh credential', async () => {
    const { client, wire, reconnected, states } = await connectedSocket()
    await wire.end()
    expect(client.getSnapshot()).toMatchObject({
      state: 'reconnecting',
      error: { code: 'network_error' },
      retryAt: Date.now() + 500,
    })
    const next = await reconnected()
    expect(next.request.headers).toMatchObject({ authorization: 'Bearer token-2' })
    expect(states).toEqual(['connecting', 'connected', 'reconnecting', 'reconnecting', 'connected'])
  })

  it('is made again without keeping alive a process that waits for nothing', async () => {
    const { wire, reconnected } = await connectedSocket()
    await wire.end()
    expect((await reconnected()).alive).toBe(false)
  })

  it('fails the requests under way, because they may have been carried out', async () => {
    const { client, wire } = await connectedSocket()
    const asked = failure(client.request('a'))
    await settle()
    await wire.end()
    expect(await asked).toMatchObject({
      code: 'network_error',
      retryable: true,
      hint: expect.stringContaining('idempotent'),
    })
  })

  it('does not fail idempotent ones: they are sent again, within their time limit', async () => {
    const { client, wire, pass, socket } = await connectedSocket()
    const asked = client.request('a', {}, { idempotent: true })
    const late = failure(client.request('b', {}, { idempotent: true, timeoutMs: 400 }))
    await settle()
    await wire.end()
    await pass(400)
    // It says why there was no answer.
    expect(await late).toMatchObject({ code: 'network_error' })
    await pass(100)
    const next = await socket(2)
    await next.accept()
    expect(next.sent).toMatchObject([{ id: 1, method: 'a' }])
    await answer(next)
    expect(await asked).toEqual({ ok: true })
  })

  it('lets a request that is to be sent again be cancelled', async () => {
    const { client, wire, reconnected } = await connectedSocket(undefined, { timeoutMs: 60_000 })
    const controller = new AbortController()
    const { signal } = controller
    const asked = failure(client.request('a', {}, { idempotent: true, signal }))
    await settle()
    await wire.end()
    controller.abort()
    expect(await asked).toMatchObject({ code: 'aborted' })
    const next = await reconnected()
    expect(next.sent).toEqual([])
  })

  it('lets requests that come meanwhile wait, in their order', async () => {
    const { client, wire, reconnected } = await connectedSocket(undefined, { timeoutMs: 60_000 })
    await wire.end()
    const asked = ['a', 'b', 'c'].map((method) => client.request(method))
    const told = client.notify('d')
    const next = await reconnected()
    expect(next.sent.map(({ method }) => method)).toEqual(['a', 'b', 'c', 'd'])
    await told
    await next.say({ id: 1, result: 1 }, { id: 2, result: 2 }, { id: 3, result: 3 })
    expect(await Promise.all(asked)).toEqual([1, 2, 3])
  })

  it('does not let more wait than it was told', async () => {
    const { client, wire } = await connectedSocket(undefined, { maxWaiting: 2 })
    await wire.end()
    const waiting = [client.request('a'), client.request('b')]
    expect(await failure(client.request('c'))).toMatchObject({
      code: 'network_error',
      retryable: true,
    })
    const settled = Promise.allSettled(waiting)
    await client.close()
    expect(await settled).toMatchObject([
      { reason: { code: 'aborted' } },
      { reason: { code: 'aborted' } },
    ])
  })

  it('is tried with growing waits and full jitter, up to 30 s; anew after one that lasted', async () => {
    const random = { value: 1 }
    const fake = fakeContext({ random: () => random.value })
    const { client, wire, pass, sockets, socket } = await connectedSocket(fake)
    const waits: number[] = []
    await wire.end()
    for (let round = 2; round <= 10; round++) {
      const status = client.getSnapshot()
      const retryAt = status.state === 'reconnecting' ? (status.retryAt ?? 0) : 0
      waits.push(retryAt - Date.now())
      await pass(retryAt - Date.now())
      await (await socket(round)).end()
    }
    expect(waits).toEqual([500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000])
    random.value = 0.5
    await pass(30_000)
    const next = await socket(sockets.length)
    await next.accept()
    await pass(10_000)
    await next.end()
    expect(client.getSnapshot()).toMatchObject({ retryAt: Date.now() + 250 })
  })

  it('waits as long as the service asks, whoever is in a hurry', async () => {
    const { client, sockets, socket, pass } = idleSocket(undefined, { timeoutMs: 100_000 })
    const asked = client.connect()
    await (await socket()).refuse(429, {}, { 'retry-after': '60' })
    void client.connect()
    await pass(59_000)
    expect(sockets).toHaveLength(1)
    await pass(1_000)
    await (await socket(2)).accept()
    await asked
  })

  it('is tried at once when somebody asks for that', async () => {
    const { client, wire, socket } = await connectedSocket()
    await wire.end()
    const asked = client.connect()
    await (await socket(2)).accept()
    await asked
  })

  it('begins again with initialize, where that was done', async () => {
    const { client, wire, reconnected } = await connectedSocket()
    const introduced = client.initialize({ clientInfo: { name: 'test', version: '1' } })
    const info = { protocolVersion: '2025-06-18', serverInfo: { name: 'core' }, capabilities: {} }
    await settle()
    await answer(wire, { result: info })
    expect(await introduced).toMatchObject({ protocolVersion: '2025-06-18', name: 'core' })
    await wire.end()
    const asked = client.request('a', {}, { timeoutMs: 60_000 })
    const next = await reconnected()
    expect(next.sent).toMatchObject([
      { method: 'initialize', params: { clientInfo: { name: 'test' } } },
    ])
    await answer(next, { result: info })
    expect(next.sent.slice(1)).toMatchObject([
      { method: 'notifications/initialized' },
      { method: 'a' },
    ])
    await answer(next)
    await asked
  })

  it('counts as broken when it breaks during that', async () => {
    const { client, wire, reconnected } = await connectedSocket()
    const introduced = client.initialize()
    await settle()
    await answer(wire, { result: { protocolVersion: '2025-06-18' } })
    await introduced
    await wire.end()
    const second = await reconnected()
    await second.end()
    expect(client.getSnapshot()).toMatchObject({ state: 'reconnecting' })
    const third = await reconnected()
    await answer(third, { result: { protocolVersion: '2025-06-18' } })
    expect(client.getSnapshot()).toEqual({ state: 'connected' })
  })

  it('is made again when that is not answered', async () => {
    const { client, reconnected, pass } = await introduced()
    await reconnected()
    await pass(10_000)
    expect(client.getSnapshot()).toMatchObject({
      state: 'reconnecting',
      error: { code: 'timeout' },
    })
    await answer(await reconnected(), info)
    expect(client.getSnapshot()).toEqual({ state: 'connected' })
  })

  it('is given up when that is refused, and says why', async () => {
    const { client, reconnected } = await introduced()
    await answer(await reconnected(), { error: { code: -32_602, message: 'Not this version' } })
    expect(client.getSnapshot()).toMatchObject({
      state: 'failed',
      error: { code: 'validation_failed', rpcCode: -32_602 },
    })
  })

  it('is given up with the reason when the credential is refused during that', async () => {
    const loginRequired = new AuthError('login_required', 'Nobody is signed in.')
    const { client, reconnected } = await introduced(
      fakeContext({ judge: () => Promise.reject(loginRequired) }),
    )
    await (await reconnected()).end({ code: 1008 })
    expect(client.getSnapshot()).toEqual({ state: 'failed', error: loginRequired })
  })
})

const info = { result: { protocolVersion: '2025-06-18' } }

/** A socket that has introduced itself, and whose connection broke. */
async function introduced(fake?: ReturnType<typeof fakeContext>) {
  const connected = await connectedSocket(fake)
  const asked = connected.client.initialize()
  await settle()
  await answer(connected.wire, info)
  await asked
  await connected.wire.end()
  return connected
}

describe('a credential that is refused for good', () => {
  const loginRequired = new AuthError('login_required', 'Nobody is signed in.')

  it('★27 fails all that is under way and waits, and is not tried again by itself', async () => {
    const fake = fakeContext({ judge: () => Promise.reject(loginRequired) })
    const { client, wire, pass, sockets, timers } = await connectedSocket(fake)
    const asked = [
      failure(client.request('a')),
      failure(client.request('b', {}, { idempotent: true })),
    ]
    await settle()
    await wire.end({ code: 1008 })
    expect(await Promise.all(asked)).toEqual([loginRequired, loginRequired])
    expect(client.getSnapshot()).toEqual({ state: 'failed', error: loginRequired })
    await pass(600_000)
    expect([sockets.length, timers()]).toEqual([1, 0])
  })

  it('is asked for anew with the next request: somebody may have signed in', async () => {
    let signedIn = true
    const fake = fakeContext()
    const { credentialFor } = fake.context
    const context = {
      ...fake.context,
      credentialFor: (...args: Parameters<typeof credentialFor>) =>
        signedIn ? credentialFor(...args) : Promise.reject(loginRequired),
    }
    const { client, signOuts, socket } = await connectedSocket({ ...fake, context })
    signedIn = false
    for (const listener of signOuts) listener(loginRequired)
    await settle()
    expect(await failure(client.request('a'))).toBe(loginRequired)
    signedIn = true
    const asked = client.request('b')
    const next = await socket(2)
    await next.accept()
    await answer(next)
    expect(await asked).toEqual({ ok: true })
  })

  it('although it is good is not tried without end', async () => {
    const good = new AuthError('service_unavailable', 'Good.', { status: 401 })
    const fake = fakeContext({ judge: async () => ({ type: 'error', error: good }) })
    const { client, wire, pass, sockets, socket, reconnected } = await connectedSocket(fake)
    await wire.end({ code: 1008 })
    for (let round = 2; round <= 4; round++) await (await reconnected()).end({ code: 4001 })
    await pass(600_000)
    expect(client.getSnapshot()).toEqual({ state: 'failed', error: good })
    expect(sockets).toHaveLength(4)

    // Whoever asks anew begins anew.
    const asked = client.connect()
    const next = await socket(5)
    await next.accept()
    await asked
    await next.end({ code: 1008 })
    expect(client.getSnapshot()).toMatchObject({ state: 'reconnecting', retryAt: Date.now() + 500 })
  })
})

describe('a configuration that cannot work', () => {
  it('is told at first use, and to who looks at the status', async () => {
    const { client } = idleSocket(undefined, { url: 'not a url' })
    client.on('*', () => {})
    expect(await failure(client.connect())).toMatchObject({ code: 'config_invalid' })
    expect(client.getSnapshot()).toMatchObject({
      state: 'failed',
      error: { code: 'config_invalid' },
    })
  })

  it('in a page is the strategy that is missing', async () => {
    const { client } = idleSocket(fakeContext({ takesHeaders: false }))
    expect(await failure(client.request('a'))).toMatchObject({ code: 'config_invalid' })
  })
})

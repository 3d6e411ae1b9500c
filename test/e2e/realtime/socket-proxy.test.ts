import { createServer } from 'node:https'
import { describe, expect, it, onTestFinished } from 'vitest'
import { WebSocketServer } from 'ws'
import { memoryStore } from '../../../src/index.ts'
import { createClient } from '../../../src/node.ts'
import { failure } from '../../support/async.ts'
import { selfSigned, trust } from '../../support/certificate.ts'
import { startProxy } from '../../support/connect-proxy.ts'

const certificate = selfSigned(['*.services.test', 'localhost', '127.0.0.1'])
const apiKey = `lano_${'a'.repeat(64)}`

/** A WebSocket behind TLS, at a name that only the proxy knows, and a client whose way leads there. */
async function setUp(variables: Record<string, string>, host = 'mcp.services.test') {
  trust(certificate)
  const server = createServer({ cert: certificate.certificate, key: certificate.privateKey })
  // A client that does not trust the certificate hangs up.
  server.on('tlsClientError', () => {})
  const sockets = new WebSocketServer({ server })
  const headers: unknown[] = []
  sockets.on('connection', (socket, request) => {
    headers.push(request.headers)
    socket.on('message', (data) => {
      const { id } = JSON.parse(String(data))
      socket.send(JSON.stringify({ jsonrpc: '2.0', id, result: { canary: true } }))
    })
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  onTestFinished(
    () =>
      new Promise<void>((closed) => {
        for (const socket of sockets.clients) socket.terminate()
        server.close(() => closed())
        server.closeAllConnections()
      }),
  )
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('There is no port.')
  const at = `${host}:${address.port}`
  const client = createClient({
    env: { MCP_WS_URL: `wss://${at}/ws`, ...variables },
    apiKey,
    store: memoryStore(),
  })
  onTestFinished(() => client.close())
  const socket = client.mcp.socket({ dialect: 'json-rpc', timeoutMs: 20_000 })
  return { socket, at, headers }
}

describe('a socket behind a proxy', () => {
  it.each(['HTTPS_PROXY', 'https_proxy', 'HTTP_PROXY'])(
    'goes through the one of %s, which reads nothing',
    async (name) => {
      const proxy = await startProxy()
      const { socket, at, headers } = await setUp({ [name]: proxy.url })
      expect(await socket.request('ping', { canary: 1 })).toEqual({ canary: true })
      expect(proxy.tunnels).toEqual([at])
      expect(proxy.readable).toEqual([])
      expect(headers).toMatchObject([{ 'x-api-key': apiKey }])
      const passed = proxy.passed().toString('latin1')
      expect(passed.length).toBeGreaterThan(300)
      expect(passed).not.toContain('canary')
      expect(passed).not.toContain(apiKey)
    },
  )

  it('shows the proxy its user and password, and the service nothing of them', async () => {
    const proxy = await startProxy()
    const HTTPS_PROXY = proxy.url.replace('//', '//user:can%3Aary@')
    const { socket, headers } = await setUp({ HTTPS_PROXY })
    await socket.connect()
    const given = `Basic ${Buffer.from('user:can:ary').toString('base64')}`
    expect(proxy.authorizations).toEqual([given])
    expect(headers[0]).not.toHaveProperty('proxy-authorization')
  })

  it.each([407, 502])(
    'is a network error that can be tried again when the proxy says %i',
    async (status) => {
      const proxy = await startProxy({ status })
      const HTTPS_PROXY = proxy.url.replace('//', '//user:canary@')
      const { socket } = await setUp({ HTTPS_PROXY })
      const error = await failure(socket.connect())
      expect(error).toMatchObject({
        code: 'network_error',
        retryable: true,
        message: expect.stringContaining(`ERR_PROXY_REFUSED_${status}`),
      })
      expect(JSON.stringify(error)).not.toContain('canary')
      await socket.close()
    },
  )

  it('is a network error when the proxy is not there', async () => {
    const { socket } = await setUp({ HTTPS_PROXY: 'http://127.0.0.1:1' })
    expect(await failure(socket.connect())).toMatchObject({
      code: 'network_error',
      message: expect.stringContaining('ECONNREFUSED'),
    })
  })

  it('is given up while the proxy does not answer', async () => {
    const { createServer: listen } = await import('node:net')
    const connections = new Set<{ destroy(): void }>()
    let ended = () => {}
    const end = new Promise<void>((resolve) => {
      ended = resolve
    })
    const silent = listen((connection) => {
      connections.add(connection)
      connection.on('close', ended)
      connection.on('error', () => {})
      connection.resume()
    })
    await new Promise<void>((listening) => silent.listen(0, '127.0.0.1', listening))
    onTestFinished(() => void silent.close())
    const address = silent.address()
    if (address === null || typeof address === 'string') throw new Error('There is no port.')
    const { socket } = await setUp({ HTTPS_PROXY: `http://127.0.0.1:${address.port}` })
    const connecting = failure(socket.connect())
    await expect.poll(() => connections.size).toBe(1)
    await socket.close()
    expect(await connecting).toMatchObject({ code: 'aborted' })
    await end
  })

  it.each([
    ['all hosts', '*'],
    ['the host', 'mcp.services.test'],
    ['the domain', 'example.com, .services.test'],
  ])('does not ask it for the exceptions of NO_PROXY: %s', async (_what, NO_PROXY) => {
    const proxy = await startProxy()
    const { socket } = await setUp({ HTTPS_PROXY: proxy.url, NO_PROXY })
    // Only the proxy knows that name.
    expect(await failure(socket.connect())).toMatchObject({
      code: 'network_error',
      message: expect.stringContaining('ENOTFOUND'),
    })
    expect(proxy.tunnels).toEqual([])
  })

  it.each(['localhost', '127.0.0.1'])('never asks it for this machine: %s', async (host) => {
    const proxy = await startProxy()
    const { socket } = await setUp({ HTTPS_PROXY: proxy.url }, host)
    await socket.connect()
    expect(proxy.tunnels).toEqual([])
  })
})

describe('a certificate that is not trusted', () => {
  it('is told as such, and is not tried again', async () => {
    const proxy = await startProxy()
    const { socket, at } = await setUp({ HTTPS_PROXY: proxy.url }, 'mcp.elsewhere.test')
    expect(await failure(socket.connect())).toMatchObject({
      code: 'network_error',
      retryable: false,
      hint: expect.stringContaining('certificate'),
    })
    expect(proxy.tunnels).toEqual([at])
  })
})

import { createServer, type IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { WebSocketServer } from 'ws'
import type { WebSocketEnd, WebSocketRequest } from '../../../src/mcp/web-socket.ts'
import { wsSockets } from '../../../src/node/web-sockets/ws-sockets.ts'
import { deferred } from '../../support/async.ts'

/** A server on this machine, which may refuse what wants to become a socket. */
async function listening(refuse?: (socket: Socket, request: IncomingMessage) => void) {
  const server = createServer()
  const sockets = new WebSocketServer({ noServer: true, autoPong: true })
  const upgrades: IncomingMessage[] = []
  server.on('upgrade', (request, socket: Socket, head) => {
    upgrades.push(request)
    if (refuse !== undefined) refuse(socket, request)
    else sockets.handleUpgrade(request, socket, head, (open) => sockets.emit('connection', open))
  })
  sockets.on('connection', (socket) => {
    socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }))
    socket.on('error', () => {})
  })
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('There is no port.')
  onTestFinished(
    () =>
      new Promise<void>((closed) => {
        for (const socket of sockets.clients) socket.terminate()
        server.close(() => closed())
        server.closeAllConnections()
      }),
  )
  return { sockets, upgrades, url: new URL(`ws://127.0.0.1:${address.port}/ws`) }
}

function open(url: URL, request: Partial<WebSocketRequest> = {}) {
  const opened = deferred<string>()
  const ended = deferred<WebSocketEnd>()
  const messages: string[] = []
  const heard = deferred<string>()
  const sign = deferred()
  const ends: WebSocketEnd[] = []
  const socket = wsSockets(() => undefined).open(
    { url, protocols: [], headers: {}, maxMessageBytes: 1_000, ...request },
    {
      onOpen: ({ protocol }) => opened.resolve(protocol),
      onMessage: (text) => {
        messages.push(text)
        heard.resolve(text)
      },
      onSign: () => sign.resolve(),
      onClose: (end) => {
        ends.push(end)
        ended.resolve(end)
      },
    },
  )
  onTestFinished(() => socket.terminate())
  return {
    socket,
    opened: opened.promise,
    ended: ended.promise,
    heard: heard.promise,
    sign: sign.promise,
    ends,
  }
}

describe('a socket of ws', () => {
  it('carries headers, and offers no compression', async () => {
    const { url, upgrades } = await listening()
    await open(url, { headers: { 'x-api-key': 'one' } }).opened
    expect(upgrades[0]?.headers).toMatchObject({ 'x-api-key': 'one' })
    expect(upgrades[0]?.headers).not.toHaveProperty('sec-websocket-extensions')
  })

  it.each([['text'], [Buffer.from('bytes 😀')]])('takes messages in: %s', async (message) => {
    const { url, sockets } = await listening()
    const { opened, heard } = open(url)
    await opened
    for (const socket of sockets.clients) socket.send(message)
    expect(await heard).toBe(String(message))
  })

  it('answers pings, which show only the way to us, and shows pongs, which show both', async () => {
    const { url, sockets } = await listening()
    const first = open(url)
    await first.opened
    const ponged = new Promise((resolve) => {
      for (const socket of sockets.clients) {
        socket.on('pong', resolve)
        socket.ping()
      }
    })
    await ponged
    const pinged = Symbol()
    expect(await Promise.race([first.sign, Promise.resolve(pinged)])).toBe(pinged)
    first.socket.ping?.()
    await first.sign
  })

  it('ends with a message that is larger than allowed', async () => {
    const { url, sockets } = await listening()
    const { opened, ended } = open(url)
    await opened
    for (const socket of sockets.clients) socket.send('x'.repeat(2_000))
    expect(await ended).toMatchObject({ error: { code: 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH' } })
  })

  it.each(['close', 'terminate'] as const)(
    'can be given up before it is loaded: %s',
    async (how) => {
      const { url, upgrades } = await listening()
      const { socket, ended, ends } = open(url)
      if (how === 'close') socket.close(1000, '')
      else socket.terminate()
      expect(await ended).toMatchObject({ code: 1006 })
      expect([upgrades.length, ends.length]).toEqual([0, 1])
    },
  )

  it('is gone when the other side does not answer a close', async () => {
    const { url, sockets } = await listening()
    const { socket, opened, ended } = open(url)
    await opened
    for (const client of sockets.clients) client.pause()
    socket.close(1000, '')
    expect(await ended).toMatchObject({ code: 1006 })
  })

  it('tells a close of the other side', async () => {
    const { url, sockets } = await listening()
    const { opened, ended } = open(url)
    await opened
    for (const socket of sockets.clients) socket.close(1008, 'Invalid key')
    expect(await ended).toMatchObject({ code: 1008, reason: 'Invalid key' })
  })

  it('tells that an address is none', async () => {
    expect(await open(new URL('ws://127.0.0.1:1/ws')).ended).toMatchObject({
      error: { code: 'ECONNREFUSED' },
    })
    const { url } = await listening()
    expect(await open(url, { protocols: ['not a token'] }).ended).toMatchObject({
      code: 1006,
      error: expect.any(SyntaxError),
    })
  })
})

describe('a handshake that is refused', () => {
  it('shows the whole answer', async () => {
    const { url } = await listening((socket) =>
      socket.end('HTTP/1.1 429 No\r\nretry-after: 7\r\ncontent-length: 8\r\n\r\n{"a": 1}'),
    )
    const { refusal } = await open(url).ended
    expect(refusal?.status).toBe(429)
    expect(refusal?.headers.get('retry-after')).toBe('7')
    expect(await refusal?.json()).toEqual({ a: 1 })
  })

  it('★7 with a redirect is not followed', async () => {
    const { url, upgrades } = await listening((socket, { headers }) =>
      socket.end(
        `HTTP/1.1 307 There\r\nlocation: http://${headers.host}/x\r\ncontent-length: 0\r\n\r\n`,
      ),
    )
    const { refusal } = await open(url).ended
    expect([refusal?.status, upgrades.length]).toEqual([307, 1])
  })

  it('is taken as far as it came', async () => {
    const { url } = await listening((socket) => {
      socket.end('HTTP/1.1 503 No\r\ncontent-length: 1000\r\n\r\n{"half')
    })
    const { refusal } = await open(url).ended
    expect([refusal?.status, await refusal?.text()]).toEqual([503, '{"half'])
  })

  it('is not read without end', async () => {
    const { url } = await listening((socket) => {
      socket.on('error', () => {})
      socket.write('HTTP/1.1 403 No\r\ntransfer-encoding: chunked\r\n\r\n')
      const more = () => socket.writable && socket.write(`400\r\n${'x'.repeat(1024)}\r\n`, more)
      more()
    })
    const { refusal } = await open(url).ended
    expect(refusal?.status).toBe(403)
    expect((await refusal?.text())?.length).toBeLessThan(200_000)
  })
})

import { WebSocket } from 'ws'
import { servePlatform } from '../../../src/testing-node.ts'
import { deferred } from '../../support/async.ts'
import { createInbox, type OpenRaw, type RawEnd } from '../../support/raw-socket.ts'
import { socketBehaviour } from '../../testing/realtime/socket-behaviour.ts'

const openOverNetwork: OpenRaw = (platform, options = {}) => {
  const { headers = {}, protocols = [], search = '' } = options
  const { messages, arrive, next } = createInbox()
  const opened = deferred<string>()
  const ended = deferred<RawEnd>()
  let signs = 0
  let status: number | undefined
  const socket = new WebSocket(platform.endpoints.mcpWs + search, [...protocols], { headers })
  socket.on('open', () => opened.resolve(socket.protocol))
  socket.on('message', (data) => arrive(data.toString()))
  for (const sign of ['ping', 'pong'] as const) {
    socket.on(sign, () => {
      signs += 1
    })
  }
  socket.on('unexpected-response', (_, response) => {
    status = response.statusCode
    socket.terminate()
  })
  socket.on('error', () => {})
  socket.on('close', (code, reason) => {
    ended.resolve({ code, reason: reason.toString(), status })
  })
  return {
    opened: opened.promise,
    ended: ended.promise,
    messages,
    signs: () => signs,
    next,
    send: (text) => socket.send(text),
    say: (message) => socket.send(JSON.stringify(message)),
    ping: () => socket.ping(),
    close: (code) => socket.close(code, 'enough'),
    terminate: () => socket.terminate(),
  }
}

socketBehaviour('on a network', servePlatform, openOverNetwork)

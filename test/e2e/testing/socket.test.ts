import { WebSocket } from 'ws'
import { servePlatform } from '../../../src/testing-node.ts'
import { rawSocket } from '../../support/raw-socket.ts'
import { socketBehaviour } from '../../testing/realtime/socket-behaviour.ts'

const openOverNetwork = rawSocket((platform, { headers, protocols, search, listener }) => {
  let status: number | undefined
  const socket = new WebSocket(platform.endpoints.mcpWs + search, [...protocols], { headers })
  socket.on('open', () => listener.opened(socket.protocol))
  socket.on('message', (data) => listener.arrive(data.toString()))
  socket.on('ping', listener.sign)
  socket.on('pong', listener.sign)
  socket.on('unexpected-response', (_, response) => {
    status = response.statusCode
    socket.terminate()
  })
  socket.on('error', () => {})
  socket.on('close', (code, reason) => listener.ended({ code, reason: reason.toString(), status }))
  return socket
})

socketBehaviour('on a network', servePlatform, openOverNetwork)

// The server of all measures, in a process of its own: what it costs is not measured.
//
//   GET /events/1000   so many events, then silence
//   GET /small         a small JSON answer
//   WebSocket          JSON-RPC: each request is answered with its params as the result
import { createServer } from 'node:http'
import { Readable } from 'node:stream'
import { WebSocketServer } from 'ws'
import { blocks, opening } from './event-bytes.mjs'

const server = createServer((request, response) => {
  const [, route, count] = (request.url ?? '').split('/')
  if (route !== 'events') {
    response.writeHead(200, { 'content-type': 'application/json' })
    response.end('{"ok":true}')
    return
  }
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  response.write(opening)
  Readable.from(blocks(Number(count)), { objectMode: true }).pipe(response, { end: false })
})

new WebSocketServer({ server, perMessageDeflate: false }).on('connection', (socket) => {
  socket.on('message', (data) => {
    const { id, params } = JSON.parse(String(data))
    if (id !== undefined) socket.send(JSON.stringify({ jsonrpc: '2.0', id, result: params }))
  })
})

server.listen(0, '127.0.0.1', () => {
  const address = server.address()
  if (typeof address === 'object') process.send?.(address?.port)
})
process.once('disconnect', () => process.exit())

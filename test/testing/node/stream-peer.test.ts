import { once } from 'node:events'
import { createServer, request, type ServerResponse } from 'node:http'
import { expect, it, onTestFinished } from 'vitest'
import { openStreamOn } from '../../../src/testing/node/stream-peer.ts'
import type { ConnectionEnd } from '../../../src/testing/realtime/peer.ts'

it('tells the end of a stream whose reader left before it was opened', async () => {
  const server = createServer()
  onTestFinished(() => void server.close())
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' ? address?.port : undefined
  const reader = request({ host: '127.0.0.1', port }).on('error', () => {})
  const asked: Promise<[unknown, ServerResponse]> = once(server, 'request').then(
    ([incoming, response]) => [incoming, response],
  )
  reader.end()
  const [, response] = await asked
  const left = once(response, 'close')
  reader.destroy()
  await left

  const ends: ConnectionEnd[] = []
  openStreamOn(response, {
    type: 'stream',
    open: () => ({ onMessage: () => {}, onGone: (end) => void ends.push(end) }),
  })

  expect(ends).toEqual([{ code: 1006, reason: '' }])
})

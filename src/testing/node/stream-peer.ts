import type { ServerResponse } from 'node:http'
import type { Ongoing } from '../realtime/peer.ts'

/** An answer of Node.js that goes on: what it cannot get rid of holds back the service. */
export function openStreamOn(response: ServerResponse, ongoing: Ongoing): void {
  const { socket } = response
  // Small events shall not wait for each other.
  socket?.setNoDelay(true)
  response.flushHeaders()
  let ended = false
  const listener = ongoing.open({
    send: (text) =>
      new Promise((resolve) => {
        if (response.destroyed || ended || response.write(text)) return resolve()
        const done = () => {
          response.off('drain', done)
          response.off('close', done)
          resolve()
        }
        response.on('drain', done)
        response.on('close', done)
      }),
    close() {
      ended = true
      response.end()
    },
    cut(text = '') {
      ended = true
      if (text === '') socket?.destroy()
      else response.write(text.slice(0, Math.ceil(text.length / 2)), () => socket?.destroy())
    },
    ping() {},
    silence() {},
  })
  const gone = () => listener.onGone({ code: response.writableFinished ? 1000 : 1006, reason: '' })
  // Who left while it was decided what to answer has said so already.
  if (response.destroyed) gone()
  else response.once('close', gone)
}

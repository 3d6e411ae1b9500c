import { clientAt } from '../clients.mjs'
import { importPeer } from '../peers.mjs'
import { perSecond } from '../per-second.mjs'

/** How many requests are on their way at a time: with one, only the system's own speed would be seen. */
const inFlight = 32

/** @type {import('../types.ts').Measure} */
export const ws = {
  name: 'ws',
  title: `Round trips over a WebSocket, ${inFlight} at a time`,
  unit: 'round trips/s',
  better: 'more',
  async prepare({ origin, scale }) {
    const count = Math.max(1, Math.round(20_000 * scale))
    const url = `${origin.replace('http', 'ws')}/ws`
    const client = clientAt(origin)
    const [raw, official, own] = await Promise.all([
      rawSocket(url),
      officialTransport(url),
      ownSocket(client),
    ])
    const all = [raw, official, own]
    return {
      contenders: all.map(({ name, request }) => ({ name, run: () => roundTrips(count, request) })),
      close: async () => {
        await Promise.all(all.map(({ close }) => close()))
        await client.close()
      },
    }
  },
}

/** @typedef {(params: { number: number }) => Promise<unknown>} Ask */

/**
 * @param {number} count
 * @param {Ask} request
 */
function roundTrips(count, request) {
  let next = 0
  const ask = async () => {
    while (next < count) {
      next += 1
      await request({ number: next })
    }
  }
  return perSecond(count, () => Promise.all(Array.from({ length: inFlight }, ask)))
}

/** The least that has to be done: a number for each request, and whom its answer is for. */
function correlation() {
  /** @type {Map<number, (result: unknown) => void>} */
  const waiting = new Map()
  let last = 0
  return {
    /** @param {(message: { jsonrpc: '2.0', id: number, method: string, params: { number: number } }) => void} send */
    asking:
      (send) =>
      /** @type {Ask} */
      (params) => {
        last += 1
        const id = last
        return new Promise((resolve) => {
          waiting.set(id, resolve)
          send({ jsonrpc: '2.0', id, method: 'echo', params })
        })
      },
    /** @param {unknown} message */
    answer(message) {
      if (typeof message !== 'object' || message === null || !('id' in message)) return
      const { id } = message
      if (typeof id !== 'number') return
      waiting.get(id)?.('result' in message ? message.result : undefined)
      waiting.delete(id)
    },
  }
}

/** @param {string} url */
async function rawSocket(url) {
  /** @type {typeof import('ws')} */
  const { WebSocket } = await importPeer('ws')
  const socket = new WebSocket(url, { perMessageDeflate: false })
  const { asking, answer } = correlation()
  socket.on('message', (data) => answer(JSON.parse(String(data))))
  await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject))
  const request = asking((message) => socket.send(JSON.stringify(message)))
  return { name: 'ws and JSON.parse', request, close: async () => socket.terminate() }
}

/** @param {string} url */
async function officialTransport(url) {
  /** @type {typeof import('ws')} */
  const { WebSocket } = await importPeer('ws')
  // It takes the platform's, which Node.js 20 has not.
  Object.assign(globalThis, { WebSocket })
  /** @type {typeof import('@modelcontextprotocol/sdk/client/websocket.js')} */
  const { WebSocketClientTransport } = await importPeer(
    '@modelcontextprotocol/sdk/client/websocket.js',
  )
  const transport = new WebSocketClientTransport(new URL(url))
  const { asking, answer } = correlation()
  transport.onmessage = answer
  await transport.start()
  const request = asking((message) => transport.send(message))
  return { name: 'official WebSocket transport', request, close: () => transport.close() }
}

/** @param {import('@lanonasis/auth-client').LanonasisClient} client */
async function ownSocket(client) {
  const socket = client.mcp.socket()
  /** @type {Ask} */
  const request = (params) => socket.request('echo', params)
  await request({ number: 0 })
  return { name: 'client.mcp.socket', request, close: async () => socket.close() }
}

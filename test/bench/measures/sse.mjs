import { clientAt } from '../clients.mjs'
import { importPeer } from '../peers.mjs'
import { perSecond } from '../per-second.mjs'
import { ownEvents, rawParser } from './sse-contenders.mjs'

/** @type {import('../types.ts').Measure} */
export const sse = {
  name: 'sse',
  title: 'Events over a connection on this machine',
  unit: 'events/s',
  better: 'more',
  async prepare({ origin, scale }) {
    const count = Math.max(1, Math.round(100_000 * scale))
    const events = `/events/${count}`
    const client = clientAt(origin, { events })
    const open = () => fetch(`${origin}${events}`)
    return {
      contenders: [
        { name: 'eventsource-parser and JSON.parse', run: await rawParser({ open, count }) },
        { name: 'client.mcp.events', run: ownEvents({ client, count }) },
        { name: 'eventsource', run: await eventSource(`${origin}${events}`, count) },
        {
          name: 'official SSE transport',
          run: await officialTransport(`${origin}${events}`, count),
        },
      ],
      close: () => client.close(),
    }
  },
}

/**
 * @param {string} url
 * @param {number} count
 */
async function eventSource(url, count) {
  /** @type {{ EventSource: typeof globalThis.EventSource }} */
  const { EventSource: Source } = await importPeer('eventsource')
  return () =>
    perSecond(count, () => {
      let seen = 0
      const source = new Source(url)
      return new Promise((resolve, reject) => {
        source.addEventListener('message', ({ data }) => {
          JSON.parse(data)
          seen += 1
          if (seen === count) resolve(undefined)
        })
        source.addEventListener('error', () => reject(new Error('The stream has ended.')))
      }).finally(() => source.close())
    })
}

/**
 * @param {string} url
 * @param {number} count
 */
async function officialTransport(url, count) {
  /** @type {typeof import('@modelcontextprotocol/sdk/client/sse.js')} */
  const { SSEClientTransport } = await importPeer('@modelcontextprotocol/sdk/client/sse.js')
  return () =>
    perSecond(count, async () => {
      let seen = 0
      const transport = new SSEClientTransport(new URL(url))
      const all = new Promise((resolve, reject) => {
        transport.onmessage = () => {
          seen += 1
          if (seen === count) resolve(undefined)
        }
        transport.onerror = reject
      })
      await transport.start()
      await all.finally(() => transport.close())
    })
}

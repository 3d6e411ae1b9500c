import { clientAt } from '../clients.mjs'
import { blocks, opening } from '../event-bytes.mjs'
import { ownEvents, rawParser } from './sse-contenders.mjs'

/** What an HTTP connection gives at a time. */
const chunkBytes = 65_536

/** The same without a connection: only what the bytes cost here. @type {import('../types.ts').Measure} */
export const sseFromMemory = {
  name: 'sse-from-memory',
  title: 'Events from bytes in memory',
  unit: 'events/s',
  better: 'more',
  async prepare({ origin, scale }) {
    const count = Math.max(1, Math.round(100_000 * scale))
    const bytes = Buffer.concat([opening, ...blocks(count)])
    const open = async () => new Response(chunked(bytes), { headers })
    const client = clientAt(origin, { fetch: open })
    return {
      contenders: [
        { name: 'eventsource-parser and JSON.parse', run: await rawParser({ open, count }) },
        { name: 'client.mcp.events', run: ownEvents({ client, count }) },
      ],
      close: () => client.close(),
    }
  },
}

const headers = { 'content-type': 'text/event-stream' }

/** @param {Uint8Array} bytes */
function chunked(bytes) {
  let at = 0
  return new ReadableStream({
    pull(controller) {
      // It stays open, as a server's does.
      if (at >= bytes.length) return
      controller.enqueue(bytes.subarray(at, at + chunkBytes))
      at += chunkBytes
    },
  })
}

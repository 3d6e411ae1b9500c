import { importPeer } from '../peers.mjs'
import { perSecond } from '../per-second.mjs'

/** @typedef {(url: string) => Promise<Response>} OpenStream */

/**
 * The least that has to be done: the parser, and JSON.parse, over the bytes as they come.
 *
 * @param {{ open: () => Promise<Response>, count: number }} work
 */
export async function rawParser({ open, count }) {
  /** @type {typeof import('eventsource-parser')} */
  const { createParser } = await importPeer('eventsource-parser')
  return () =>
    perSecond(count, async () => {
      const { body } = await open()
      if (body === null) throw new Error('There is no stream.')
      const decoder = new TextDecoder()
      let seen = 0
      /** @type {unknown} */
      let last
      const parser = createParser({
        onEvent: ({ event, data }) => {
          if (event !== 'message') return
          last = JSON.parse(data)
          seen += 1
        },
      })
      for await (const chunk of body) {
        parser.feed(decoder.decode(chunk, { stream: true }))
        if (seen >= count) break
      }
      if (last === undefined) throw new Error('The parser has seen no event.')
    })
}

/**
 * @param {{ client: import('@lanonasis/auth-client').LanonasisClient, count: number }} work
 */
export function ownEvents({ client, count }) {
  return () =>
    perSecond(count, async () => {
      let seen = 0
      for await (const { type } of client.mcp.events()) {
        if (type === 'message') seen += 1
        if (seen === count) break
      }
    })
}

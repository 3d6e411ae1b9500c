import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { clientAt } from '../clients.mjs'

setFlagsFromString('--expose-gc')
/** @type {() => void} */
const collectGarbage = runInNewContext('gc')

/** @type {import('../types.ts').Measure} */
export const memory = {
  name: 'memory',
  title: 'What a stream holds after so many events',
  unit: 'KB of heap',
  better: 'less',
  async prepare({ origin, scale }) {
    const counts = [10_000, 100_000, 1_000_000].map((count) =>
      Math.max(1, Math.round(count * scale)),
    )
    const clients = counts.map((count) => clientAt(origin, { events: `/events/${count}` }))
    return {
      contenders: counts.map((count, index) => ({
        name: `${count} events`,
        run: () => heldAfter(count, clients[index]),
      })),
      close: async () => {
        await Promise.all(clients.map((client) => client.close()))
      },
    }
  },
}

/**
 * While the stream is open still, so that what it keeps is there.
 *
 * @param {number} count
 * @param {import('@lanonasis/auth-client').LanonasisClient | undefined} client
 */
async function heldAfter(count, client) {
  if (client === undefined) throw new Error('There is no client.')
  let seen = 0
  let held = 0
  const before = await heapInUse()
  for await (const { type } of client.mcp.events()) {
    if (type === 'message') seen += 1
    if (seen < count) continue
    held = (await heapInUse()) - before
    break
  }
  return held / 1024
}

async function heapInUse() {
  // Twice, with a turn in between: what finalizers let go of is garbage for the second.
  collectGarbage()
  await new Promise((resolve) => setImmediate(resolve))
  collectGarbage()
  return process.memoryUsage().heapUsed
}

import { clientAt } from '../clients.mjs'
import { perSecond } from '../per-second.mjs'

/** @type {import('../types.ts').Measure} */
export const request = {
  name: 'request',
  title: 'A request with a credential, one after the other',
  unit: 'requests/s',
  better: 'more',
  async prepare({ origin, scale }) {
    const count = Math.max(1, Math.round(2_000 * scale))
    const client = clientAt(origin)
    const url = `${origin}/small`
    const headers = { authorization: 'Bearer an-access-token' }
    /** @param {() => Promise<Response>} ask */
    const asking = (ask) => () =>
      perSecond(count, async () => {
        for (let done = 0; done < count; done++) await (await ask()).json()
      })
    return {
      contenders: [
        { name: 'fetch', run: asking(() => fetch(url, { headers })) },
        { name: 'client.fetch', run: asking(() => client.fetch(url)) },
      ],
      close: () => client.close(),
    }
  },
}

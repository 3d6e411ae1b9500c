import { clientAt } from '../clients.mjs'
import { perSecond } from '../per-second.mjs'

/** @type {import('../types.ts').Measure} */
export const token = {
  name: 'token',
  title: 'A token that is fresh',
  unit: 'reads/s',
  better: 'more',
  async prepare({ origin, scale }) {
    const count = Math.max(1, Math.round(200_000 * scale))
    const client = clientAt(origin)
    const constant = async () => 'an-access-token'
    /** @param {() => Promise<string>} read */
    const reading = (read) => () =>
      perSecond(count, async () => {
        for (let done = 0; done < count; done++) await read()
      })
    return {
      contenders: [
        { name: 'an async function that returns a constant', run: reading(constant) },
        { name: 'client.getAccessToken', run: reading(() => client.getAccessToken()) },
      ],
      close: () => client.close(),
    }
  },
}

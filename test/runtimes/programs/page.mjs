// Runs in a page of a browser.
import * as library from '@lanonasis/auth-client'
import { createClient, indexedDbStore, redirectFlow } from '@lanonasis/auth-client/browser'
import { runCases } from '../portable/suite.mjs'

/** @type {import('../portable/suite.mjs').Runtime} */
const page = {
  library,
  createClient,
  /** The page does not leave: the cases are run by it. So another client of it finishes what one began. */
  async signIn({ settings, person }) {
    const common = { store: library.memoryStore(), ...settings }
    const leaving = new Promise((resolve) => {
      const client = createClient({ ...common, login: redirectFlow({ navigate: resolve }) })
      client.login().catch(resolve)
    })
    const url = await leaving
    if (typeof url !== 'string') throw url
    const client = createClient({ ...common, login: redirectFlow() })
    await client.completeLogin(await person(url))
    return client
  },
  store: () => indexedDbStore(),
  refusedKey: {
    code: 'service_unavailable',
    note: 'a key that is refused ends in service_unavailable: the gateway lets no page ask about a key (CORS), and a 401 of another service alone proves nothing.',
  },
  socket: { strategy: 'subprotocol' },
  socketNote:
    'by an explicit strategy, at a service that takes it: a page has no headers for a handshake, and the known deployments take a credential in nothing else. Events need none of that.',
}

/** @param {import('../portable/suite.mjs').Order} order */
export const run = (order) => runCases(page, order)

// Runs in workerd, bundled before: it resolves no package names.
import * as library from '@lanonasis/auth-client'
import { runCases } from '../portable/suite.mjs'

/** @type {import('../portable/suite.mjs').Runtime} */
const worker = {
  library,
  createClient: (options) => new library.LanonasisClient(options),
  /** There is no entry with a sign-in for it: an application has its own routes, and so its own flow. */
  async signIn({ settings, person }) {
    const client = worker.createClient({
      ...settings,
      login: {
        name: 'portable',
        canRun: () => ({ ok: true }),
        async run({ authorize }) {
          const request = await authorize({ redirectUri: 'http://127.0.0.1:8989/callback' })
          return request.finish(new URL(await person(request.url)))
        },
      },
    })
    await client.login()
    return client
  },
  store:
    'a worker has no place of its own that the next request finds: pass a store of yours, such as one over Durable Objects.',
  socket: { strategy: 'subprotocol' },
  socketNote:
    'by an explicit strategy, at a service that takes it: the WebSocket of workers has no headers for a handshake.',
}

export default {
  /** @param {Request} request */
  async fetch(request) {
    return Response.json(await runCases(worker, await request.json()))
  },
}

import { mkdtempSync } from 'node:fs'
import { join } from 'node:path'

/**
 * Node.js, and what behaves as it does.
 *
 * @param {import('../portable/suite.mjs').Library} library
 * @param {import('@lanonasis/auth-client/node')} node
 * @param {import('../portable/suite.mjs').Order} order
 * @returns {import('../portable/suite.mjs').Runtime}
 */
export function onNode(library, node, { folder }) {
  const { createClient, fileStore, loopbackFlow } = node
  // Runtimes may run at the same time.
  const path = join(mkdtempSync(join(folder, 'runtime-')), 'config.json')
  return {
    library,
    createClient,
    async signIn({ settings, person }) {
      const openUrl = async (/** @type {string} */ url) => {
        await fetch(await person(url))
      }
      const client = createClient({
        store: library.memoryStore(),
        ...settings,
        login: loopbackFlow({ ports: [0], openUrl }),
      })
      await client.login()
      return client
    },
    store: () => fileStore({ path }),
    socket: {},
  }
}

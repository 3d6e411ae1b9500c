// What `npm run size` runs to see which chunks are loaded: a sign-in, a renewal, a key and memories.
import { join } from 'node:path'
import { root } from '../tools/paths.mjs'

/** @type {typeof import('../../src/index.ts')} */
const { LanonasisClient, memoryStore } = await import(process.env.BUNDLE ?? '')
/** @type {typeof import('../../src/testing.ts')} */
const { createPlatform } = await import(join(root, 'dist/testing.js'))

const platform = createPlatform()
const client = new LanonasisClient({
  clientId: 'lanonasis-cli',
  env: {},
  fetch: platform.fetch,
  store: memoryStore(),
  login: {
    name: 'scripted',
    canRun: async () => ({ ok: true }),
    run: async ({ authorize }) => {
      const { url, finish } = await authorize({ redirectUri: 'http://127.0.0.1:8989/callback' })
      return finish(new URL(await platform.signIn(url)))
    },
  },
})
await client.login()
await client.refresh()
await client.apiKeys.ensure({ name: 'laptop' })
const { id } = await client.memory.create({ title: 'Example', content: 'Details' })
await client.memory.get(id)
await client.memory.list()
await client.memory.delete(id)
await client.logout({ apiKey: 'revoke' })
await client.close()

// The page, and services of its own for it, on free ports of this machine.
import { LanonasisClient, memoryStore } from '@lanonasis/auth-client'
import { servePlatform } from '@lanonasis/auth-client/testing/node'
import { build, preview } from 'vite'

const platform = await servePlatform({ limits: false })
Object.assign(process.env, platform.env)
await build({ logLevel: 'warn' })
const { httpServer, close } = await preview({ preview: { host: '127.0.0.1', port: 0 } })

// What the operators of the gateway do for a new page.
const origin = `http://127.0.0.1:${httpServer.address().port}`
platform.allowOrigin(origin)
platform.addClient({ clientId: 'my-page', redirectUris: [`${origin}/`] })

// Another program of the same person.
const { key } = await platform.createApiKey()
const tool = new LanonasisClient({
  clientId: 'my-tool',
  apiKey: key,
  env: platform.env,
  store: memoryStore(),
})
await tool.memory.create({ title: 'Written by a tool', content: 'Something to remember' })

const [user] = platform.users
console.log(`The page is at ${origin}`)
console.log(`Sign in as ${user.email} with the password "${user.password}". Stop with Ctrl-C.`)

for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, async () => {
    await Promise.all([close(), platform.close()])
  })
}

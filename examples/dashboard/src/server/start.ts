// The page, and services of its own for it, on free ports of this machine.
import { fileURLToPath } from 'node:url'
import { servePlatform } from '@lanonasis/auth-client/testing/node'
import { type PageConfig, servePage } from './serve-page.js'

const clientId = 'my-dashboard'
let config: PageConfig = { clientId, env: {} }
const folder = fileURLToPath(new URL('../page', import.meta.url))
const { origin, server } = await servePage(folder, {
  config: () => config,
  onViolation: console.error,
})

// The roadmap's keys, in two halves; the rate limits of the real gateway are in the way here.
const platform = await servePlatform({
  generation: 'roadmap',
  limits: false,
  corsOrigins: [origin],
})
platform.addClient({ clientId, redirectUris: [`${origin}/auth/callback`] })
config = { clientId, env: platform.env }

const [user] = platform.users
console.log(`The dashboard is at ${origin}`)
console.log(`Sign in as ${user?.email} with the password "${user?.password}". Stop with Ctrl-C.`)

for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, async () => {
    server.close()
    server.closeAllConnections()
    await platform.close()
  })
}

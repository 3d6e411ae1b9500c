// The page, and services of its own for it, on free ports of this machine.
import { fileURLToPath } from 'node:url'
import { servePlatform } from '@lanonasis/auth-client/testing/node'
import { servePage } from './serve-page.js'

// The roadmap's keys, in two halves; the rate limits of the real gateway are in the way here.
const platform = await servePlatform({ generation: 'roadmap', limits: false })
const config = { clientId: 'my-dashboard', env: platform.env }
const folder = fileURLToPath(new URL('../page', import.meta.url))
const { origin, server } = await servePage(folder, { config, onViolation: console.error })

// What the operators of the gateway do for a new dashboard.
platform.allowOrigin(origin)
platform.addClient({
  clientId: config.clientId,
  name: 'Lanonasis dashboard',
  redirectUris: [`${origin}/auth/callback`],
})

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

/**
 * Starts the Lanonasis services on this machine, for trying a client by hand:
 *
 *     npm run build && node examples/platform/platform.mjs [--generation roadmap|2026]
 *
 * The ports are those of the deployment (gateway 4000, MCP 3001) and 3100 for the REST API; where
 * one is taken, any free ones. `--limits` keeps the gateway's rate limits, five sign-ins in a quarter
 * of an hour, which are in the way here.
 */
import { parseArgs } from 'node:util'
import { servePlatform } from '@lanonasis/auth-client/testing/node'

const { values } = parseArgs({
  options: {
    generation: { type: 'string', default: '2026' },
    limits: { type: 'boolean', default: false },
  },
})
const { generation, limits } = values
if (generation !== 'roadmap' && generation !== '2026') {
  console.error("--generation is 'roadmap' or '2026'.")
  process.exit(2)
}

/** @type {import('@lanonasis/auth-client/testing/node').ServePlatformOptions} */
const options = { generation, limits }
const platform = await servePlatform({
  ...options,
  ports: { authGateway: 4000, mcp: 3001, restApi: 3100 },
}).catch((error) => {
  if (error.code === 'EADDRINUSE') return servePlatform(options)
  throw error
})

const [user] = platform.users
console.log(`The Lanonasis services (${generation}) are running. In another terminal:\n`)
for (const [name, value] of Object.entries(platform.env)) console.log(`export ${name}=${value}`)
console.log(`\nSign in as ${user?.email} with the password "${user?.password}". Stop with Ctrl-C.`)

for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, async () => {
    await platform.close()
    process.exit(0)
  })
}

import { createBrowser } from '../person/browser.ts'
import { type Transport, walk } from '../person/person.ts'
import { inProcessSockets } from '../realtime/in-process-sockets.ts'
import { createRealtime } from '../realtime/realtime.ts'
import { defaultUser, type World } from '../world/world.ts'
import { createClientOptions, type Reach } from './client-options.ts'
import type { PlatformCore } from './core.ts'
import type { PlatformFetch } from './fetch.ts'
import type { ApproveDeviceOptions, Platform, SignInOptions } from './platform.ts'
import { createProvisioning } from './provisioning.ts'

/** How a platform is reached. */
interface PlatformAccess {
  readonly fetch: PlatformFetch
  readonly transport: Transport
  /** The variables that lead to it over a network. */
  readonly env?: Record<string, string>
}

/** Puts a platform together from its parts; only how it is reached differs between process and network. */
export function assemblePlatform(
  core: PlatformCore,
  { fetch, transport, env }: PlatformAccess,
): Platform {
  const { world, log, faults, hub, dispatch } = core
  const { endpoints } = world.settings
  const webSocket = inProcessSockets(dispatch)
  const provisioning = createProvisioning(world)
  // On a network a client finds its own way.
  const reach: Reach = env === undefined ? { env: {}, fetch, webSocket } : { env }

  const visit = (start: string | URL, options: ApproveDeviceOptions) =>
    walk(transport, new URL(start), {
      browser: options.browser ?? createBrowser(),
      email: options.email ?? defaultUser.email,
      password: options.password ?? passwordOf(world, options),
      userCode: options.userCode,
      decline: options.decline ?? false,
    })

  return {
    endpoints,
    ...createClientOptions({ endpoints, clock: world.clock, ...provisioning }, reach),
    fetch,
    webSocket,
    realtime: createRealtime(hub),
    clock: world.clock,
    requests: log.entries,
    requestsTo: log.matching,
    order: faults.order,

    users: world.users.all,
    addUser: world.users.add,
    get clients() {
      return world.clients.all
    },
    addClient: world.clients.add,
    allowOrigin: (origin) => void world.corsOrigins.add(origin),

    async signIn(authorizeUrl, options = {}) {
      const end = await visit(authorizeUrl, options)
      if (end.type === 'left') return end.url
      throw new Error(`The gateway did not send the browser back to the app. It says: ${end.text}`)
    },
    async approveDevice(verificationUri, options = {}) {
      const end = await visit(verificationUri, options)
      if (end.type === 'page') return end.text
      throw new Error(`The gateway sent the browser away: ${end.url}`)
    },

    ...provisioning,
    get apiKeys() {
      return world.keys.all
    },
    get memories() {
      return world.memories.all
    },
  }
}

/** A person knows their own password. */
function passwordOf(world: World, { email }: SignInOptions): string {
  return world.users.find(email ?? defaultUser.email)?.password ?? ''
}

import type { ServiceName } from '../../endpoints/presets.ts'
import { gatewayRoutes } from '../gateway/routes.ts'
import { json } from '../http/answers.ts'
import type { Envelope } from '../http/envelopes.ts'
import type { Route } from '../http/exchange.ts'
import { apiKeyRoutes } from '../keys/routes.ts'
import { memoryRoutes } from '../memory/routes.ts'
import type { Hub } from '../realtime/hub.ts'
import { socketRoute } from '../realtime/socket/route.ts'
import { streamRoute } from '../realtime/stream/route.ts'
import type { World } from '../world/world.ts'

/** A service of the platform: its routes, and the form of its own errors. */
export interface Service {
  readonly routes: readonly Route[]
  readonly envelope: Envelope
}

/** All services, by name. */
export function createServices(world: World, hub: Hub): Readonly<Record<ServiceName, Service>> {
  const { generation } = world.settings
  const memoryPaths = generation === 'roadmap' ? ['/memory'] : ['/memory', '/memories']
  return {
    authGateway: { routes: gatewayRoutes(world), envelope: 'gateway' },
    mcpHttp: {
      envelope: 'edge',
      routes: [
        ...apiKeyRoutes(world, { prefix: '/auth/api-keys', envelope: 'gateway' }),
        ...memoryPaths.flatMap((prefix) =>
          memoryRoutes(world, { prefix, envelope: 'edge', generation }),
        ),
        health('mcp-core'),
      ],
    },
    mcpWs: { envelope: 'edge', routes: [socketRoute(hub)] },
    mcpSse: { envelope: 'edge', routes: [streamRoute(hub)] },
    restApi: {
      envelope: 'old-server',
      routes: [
        ...apiKeyRoutes(world, { prefix: '/api-keys', envelope: 'old-server' }),
        // The old server knows both paths, and only the older shapes.
        ...['/memory', '/memories'].flatMap((prefix) =>
          memoryRoutes(world, { prefix, envelope: 'old-server', generation: 'roadmap' }),
        ),
        health('rest-api'),
      ],
    },
  }
}

function health(service: string): Route {
  return { method: 'GET', path: '/health', handler: () => json(200, { status: 'ok', service }) }
}

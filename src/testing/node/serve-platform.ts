import {
  type Endpoints,
  serviceNames,
  settings as serviceSettings,
} from '../../endpoints/presets.ts'
import type { Answer } from '../http/exchange.ts'
import type { Transport } from '../person/person.ts'
import { assemblePlatform } from '../platform/assemble.ts'
import { createCore } from '../platform/core.ts'
import { type PlatformOptions, resolveOptions } from '../platform/options.ts'
import type { Platform } from '../platform/platform.ts'
import { type Listener, listen } from './listener.ts'

/** How the platform is to behave, and where it listens. Its endpoints follow from that. */
export interface ServePlatformOptions extends Omit<PlatformOptions, 'endpoints'> {
  /** The address to listen on; default `127.0.0.1`. */
  readonly host?: string
  /** Ports; any free ones by default. */
  readonly ports?: {
    /** Default: any free port. */
    readonly authGateway?: number
    /** HTTP, WebSocket and SSE of MCP Core share a host, as in production. */
    readonly mcp?: number
    /** Default: any free port. */
    readonly restApi?: number
  }
}

/** The platform on real sockets. */
export interface ServedPlatform extends Platform, AsyncDisposable {
  /** The environment variables that lead a client here: `AUTH_GATEWAY_URL`, `MCP_HTTP_URL`, … */
  readonly env: Record<string, string>
  /** Stops listening, and cuts the connections that are open. */
  close(): Promise<void>
}

/**
 * The Lanonasis services on loopback sockets, each at an origin of its own, as in production.
 *
 * @example
 * ```ts
 * import { createClient } from '@lanonasis/auth-client/node'
 * import { servePlatform } from '@lanonasis/auth-client/testing/node'
 *
 * const platform = await servePlatform()
 * const client = createClient({ env: platform.env })
 * await client.close()
 * await platform.close()
 * ```
 */
export async function servePlatform(options: ServePlatformOptions = {}): Promise<ServedPlatform> {
  const { host = '127.0.0.1', ports = {}, ...behaviour } = options
  const listeners: Listener[] = []
  const close = async () => {
    await Promise.all(listeners.map((listener) => listener.close()))
  }
  try {
    for (const port of [ports.authGateway, ports.mcp, ports.restApi]) {
      listeners.push(await listen(host, port ?? 0))
    }
  } catch (error) {
    await close()
    throw error
  }
  const [gateway = '', mcp = '', rest = ''] = listeners.map(({ origin }) => origin)
  const endpoints: Endpoints = {
    authGateway: gateway,
    mcpHttp: `${mcp}/api/v1`,
    mcpWs: `${mcp.replace('http', 'ws')}/ws`,
    mcpSse: `${mcp}/api/v1/events`,
    restApi: `${rest}/api/v1`,
  }

  const core = createCore(resolveOptions({ ...behaviour, endpoints }))
  for (const listener of listeners) listener.answerWith(core.dispatch)

  const env = Object.fromEntries(
    serviceNames.map((name) => [serviceSettings[name].variable, endpoints[name]]),
  )
  const platform = assemblePlatform(core, {
    fetch: (input, init) => fetch(input, init),
    transport: networkTransport,
    env,
  })
  // Not a spread: that would read the getters once and keep what they said.
  return Object.assign(platform, {
    env,
    close,
    [Symbol.asyncDispose]: close,
  })
}

const networkTransport: Transport = async ({ method, url, headers, text }): Promise<Answer> => {
  const response = await fetch(url, {
    method,
    headers,
    redirect: 'manual',
    ...(text === '' ? {} : { body: text }),
  })
  return {
    status: response.status,
    headers: [
      ...[...response.headers].filter(([name]) => name !== 'set-cookie'),
      ...response.headers.getSetCookie().map((cookie) => ['set-cookie', cookie] as const),
    ],
    body: await response.text(),
  }
}

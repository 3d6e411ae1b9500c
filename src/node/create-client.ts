import { assertApiKey } from '../api-keys/inspect.ts'
import { once } from '../async/once.ts'
import { LanonasisClient } from '../client/lanonasis-client.ts'
import type { LanonasisClientOptions } from '../client/options.ts'
import type { Env } from '../endpoints/resolve.ts'
import type { Fetch } from '../http/transport.ts'
import { deviceFlow } from '../login/device/device-flow.ts'
import { nodeDiagnostics } from './diagnostics/diagnostics.ts'
import { defaultConfigPath, fileStore } from './file-store/file-store.ts'
import { readServicesSync } from './file-store/services.ts'
import { loopbackFlow } from './loopback/loopback-flow.ts'
import { pasteFlow } from './paste/paste-flow.ts'
import { proxySettings } from './proxy/settings.ts'
import { nodeWebSockets } from './web-sockets/node-web-sockets.ts'

/** Options of {@link createClient}: those of the client, with the defaults of a program on this machine. */
export interface NodeClientOptions extends Omit<LanonasisClientOptions, 'clientId'> {
  /** Default `lanonasis-cli`. */
  readonly clientId?: string | undefined
}

/**
 * A client for command lines, desktop programs and servers on Node.js, Bun and Deno.
 *
 * | setting | default |
 * |---|---|
 * | `clientId` | `lanonasis-cli` |
 * | `store` | {@link fileStore} at `~/.maas.config` |
 * | `login` | {@link loopbackFlow}, {@link deviceFlow}, {@link pasteFlow}: the first that fits |
 * | `env` | `process.env` |
 * | `apiKey` | the variable `LANONASIS_API_KEY`, where it is set; never stored |
 * | `services` | those of the config file |
 * | `fetch` | through the proxies that `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY` name |
 * | `webSocket` | `ws`, through the same proxies |
 * | `diagnostics` | certificates and files |
 *
 * @throws AuthError `config_invalid`, `api_key_malformed`, `api_key_incomplete`, naming the setting
 * @example
 * ```ts
 * import { createClient } from '@lanonasis/auth-client/node'
 *
 * const lanonasis = createClient()
 * await lanonasis.login()
 * for await (const memory of lanonasis.memory.list()) console.log(memory.title)
 * ```
 */
export function createClient(options: NodeClientOptions = {}): LanonasisClient {
  const { clientId = 'lanonasis-cli', env = process.env, store = fileStore() } = options
  const file = [store]
    .flat()
    .map((one) => one.describe())
    .find(({ kind }) => kind === 'file')
  return new LanonasisClient({
    ...options,
    clientId,
    env,
    store,
    login: options.login ?? [loopbackFlow(), deviceFlow(), pasteFlow()],
    services: options.services ?? readServicesSync(file?.location ?? defaultConfigPath()),
    apiKey: options.apiKey ?? apiKeyFrom(env),
    fetch: options.fetch ?? proxyFetchFrom(env),
    webSocket: options.webSocket ?? nodeWebSockets({ env }),
    diagnostics: options.diagnostics ?? nodeDiagnostics(() => proxySettings(env)),
  })
}

/** Bun and Deno go through proxies by themselves. */
function proxyFetchFrom(env: Env): Fetch | undefined {
  const settings = proxySettings(env)
  const ownProxies = 'bun' in process.versions || 'deno' in process.versions
  if (settings === undefined || ownProxies) return undefined
  const load = once(async () => (await import('./proxy/proxy-fetch.ts')).proxyFetch(settings))
  return async (input, init) => (await load())(input, init)
}

function apiKeyFrom(env: Env): string | undefined {
  const apiKey = env.LANONASIS_API_KEY
  if (apiKey === undefined || apiKey === '') return undefined
  assertApiKey(apiKey, 'LANONASIS_API_KEY')
  return apiKey
}

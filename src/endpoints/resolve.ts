import { AuthError } from '../errors/auth-error.ts'
import {
  type Endpoints,
  type Environment,
  presets,
  type ServiceName,
  serviceNames,
  settings,
} from './presets.ts'
import { parseBaseUrl } from './url.ts'

/** Environment variables by name, such as `process.env`. */
export type Env = Readonly<Record<string, string | undefined>>

/** Where a service's address came from. What a file says is not the user's own word (★1). */
export type EndpointSource = 'option' | 'environment' | 'env' | 'config' | 'preset'

/** The addresses in force, and where each came from. */
export interface ResolvedEndpoints {
  /** The addresses, without a trailing slash. */
  readonly urls: Endpoints
  /** Where each of them was found. */
  readonly sources: Readonly<Record<ServiceName, EndpointSource>>
}

/** What {@link resolveEndpoints} goes by, the strongest first. */
export interface EndpointSettings {
  /** The caller's word, each service optional. */
  readonly endpoints?: Partial<Endpoints> | undefined
  /** A preset by name; it outweighs environment variables. */
  readonly environment?: Environment | undefined
  /** Environment variables (`AUTH_GATEWAY_URL`, `MCP_HTTP_URL`, …); an empty one counts as not set. */
  readonly env?: Env | undefined
  /** The `services` block of a config file, as it was read. */
  readonly services?: Readonly<Record<string, unknown>> | undefined
}

/**
 * Finds the address of each service: `endpoints` > `environment` > variables > config file > production.
 *
 * @throws AuthError `config_invalid` naming the option, variable or field that is wrong; never a silent fallback (★4).
 * @example
 * ```ts
 * import { resolveEndpoints } from '@lanonasis/auth-client'
 *
 * const { urls, sources } = resolveEndpoints({ env: { AUTH_GATEWAY_URL: 'https://auth.example.com' } })
 * console.log(urls.authGateway, 'from', sources.authGateway)
 * ```
 */
export function resolveEndpoints(from: EndpointSettings): ResolvedEndpoints {
  const { endpoints = {}, environment, env = {}, services = {} } = from
  if (environment !== undefined && !Object.hasOwn(presets, environment)) {
    throw new AuthError('config_invalid', 'environment is neither production nor staging.', {
      hint: "Set environment to 'production' or 'staging', or name the addresses in endpoints.",
    })
  }
  for (const name of Object.keys(endpoints)) {
    if (!Object.hasOwn(settings, name)) {
      throw new AuthError('config_invalid', `endpoints.${name} is not a service.`, {
        hint: `The services are ${serviceNames.join(', ')}.`,
      })
    }
  }

  const resolveOne = (name: ServiceName): [string, EndpointSource] => {
    const { variable, field, scheme } = settings[name]
    const option = endpoints[name]
    if (option !== undefined) return [parse(option, `endpoints.${name}`, scheme), 'option']
    if (environment !== undefined) return [presets[environment][name], 'environment']
    const value = env[variable]
    if (value !== undefined && value !== '') return [parse(value, variable, scheme), 'env']
    const configured = services[field]
    if (configured !== undefined && configured !== '') {
      return [parse(configured, `services.${field} in the config file`, scheme), 'config']
    }
    return [presets.production[name], 'preset']
  }

  const resolved = ofEachService(resolveOne)
  return {
    urls: Object.freeze(ofEachService((name) => resolved[name][0])),
    sources: Object.freeze(ofEachService((name) => resolved[name][1])),
  }
}

function ofEachService<T>(pick: (name: ServiceName) => T): Record<ServiceName, T> {
  return {
    authGateway: pick('authGateway'),
    mcpHttp: pick('mcpHttp'),
    mcpWs: pick('mcpWs'),
    mcpSse: pick('mcpSse'),
    restApi: pick('restApi'),
  }
}

function parse(value: unknown, setting: string, scheme: 'http' | 'ws'): string {
  if (typeof value === 'string') return parseBaseUrl(value, setting, scheme)
  throw new AuthError('config_invalid', `${setting} is not a text.`, {
    hint: `Set ${setting} to an absolute URL.`,
  })
}

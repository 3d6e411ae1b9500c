import { AuthError } from '../errors/auth-error.ts'
import {
  type Endpoints,
  type Environment,
  presets,
  type ServiceName,
  serviceNames,
  settings,
} from './presets.ts'

/** What a client is made with to use a deployment. */
export interface DeploymentOptions {
  /** The preset that was named. */
  readonly environment?: Environment
  /** The addresses that were named. */
  readonly endpoints?: Partial<Endpoints>
}

/**
 * Reads a deployment as a person gives it on a command line: `staging`, `production`, or addresses.
 *
 * Addresses are separated by commas or spaces, each `service=url`; a service goes by the name of its
 * option, its variable or its field in the config file. A URL alone is the gateway's. What is not named
 * is looked for where it always is: variables, config file, production.
 *
 * @returns options for `createClient`, which checks the addresses
 * @throws AuthError `config_invalid`
 * @example
 * ```ts
 * import { createClient, parseDeployment } from '@lanonasis/auth-client/node'
 *
 * createClient(parseDeployment('staging'))
 * createClient(parseDeployment('https://auth.example.com,mcpHttp=https://mcp.example.com/api/v1'))
 * ```
 */
export function parseDeployment(text: string): DeploymentOptions {
  const word = text.trim()
  if (word === 'production' || word === 'staging') return { environment: word }
  const entries = word.split(/[\s,]+/).filter((part) => part !== '')
  const endpoints: Partial<Record<ServiceName, string>> = {}
  for (const entry of entries) {
    const [, name, url = entry] = /^(\w+)=(.+)$/.exec(entry) ?? []
    const service = name === undefined ? 'authGateway' : serviceNamed(name)
    // One that is named is looked at by the client, whose error names it.
    const isClear = name !== undefined || /^(https?|wss?):\/\//.test(url)
    if (service === undefined || !isClear || endpoints[service] !== undefined) throw unreadable()
    endpoints[service] = url
  }
  if (entries.length === 0) throw unreadable()
  return { endpoints }
}

function serviceNamed(name: string): ServiceName | undefined {
  return serviceNames.find((service) => {
    const { variable, field } = settings[service]
    return name === service || name === variable || name === field
  })
}

/** The text itself is not repeated: an address may hold a password. */
function unreadable(): AuthError {
  return new AuthError('config_invalid', 'The deployment cannot be understood.', {
    hint: `Give ${Object.keys(presets).join(', ')}, the URL of a gateway, or service=url for each of ${serviceNames.join(', ')}, separated by commas.`,
  })
}

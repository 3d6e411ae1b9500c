import { type Endpoints, type ServiceName, serviceNames, settings } from '../endpoints/presets.ts'
import type { ResolvedEndpoints } from '../endpoints/resolve.ts'
import { parseBaseUrl } from '../endpoints/url.ts'
import { type AuthError, isAuthError } from '../errors/auth-error.ts'
import type { Reading } from './content.ts'
import { isProduction } from './owner.ts'
import type { ImportedDeployment, ImportHint } from './report.ts'

/** What the places say of the services. */
export interface DeploymentFindings {
  readonly deployment?: ImportedDeployment
  readonly hints: readonly ImportHint[]
}

/** The table is at {@link ImportedDeployment}. The first place that names other addresses is the one. */
export function deploymentIn(
  readings: readonly Reading[],
  client: ResolvedEndpoints,
): DeploymentFindings {
  const hints: ImportHint[] = []
  for (const reading of readings) {
    if (reading.ofFolder === true) continue
    try {
      const deployment = deploymentOf(reading, client)
      if (deployment !== undefined) return { deployment, hints }
    } catch (error) {
      // Half a deployment is none: credentials of the one would meet services of the other.
      if (!isAuthError(error, 'config_invalid')) throw error
      hints.push(invalidAddress(reading, error))
    }
  }
  return { hints }
}

/** @throws AuthError `config_invalid`: an address of the place cannot be used (★4) */
function deploymentOf(
  { location, content: { format, endpoints: named = {} } }: Reading,
  { urls, sources }: ResolvedEndpoints,
): ImportedDeployment | undefined {
  const usable = serviceNames.flatMap((name): [ServiceName, string][] => {
    const value = named[name]
    if (value === undefined || value === null || value === '') return []
    const { field, scheme } = settings[name]
    const text = typeof value === 'string' ? value.trim() : ''
    return [[name, parseBaseUrl(text, `The address of ${field}`, scheme)]]
  })
  // The old CLI's other names for production are of the time before its gateway.
  const isCurrent = (url: string) => format !== 'cli-config' || !isProduction(url)
  const others = usable.filter(
    ([name, url]) => sources[name] === 'preset' && urls[name] !== url && isCurrent(url),
  )
  if (others.length === 0) return undefined
  const endpoints: Endpoints = { ...urls, ...Object.fromEntries(others) }
  return { location, endpoints, changed: others.map(([name]) => name) }
}

function invalidAddress({ location }: Reading, { message }: AuthError): ImportHint {
  return {
    code: 'address_invalid',
    location,
    message: `${message} None of ${location} is offered.`,
  }
}

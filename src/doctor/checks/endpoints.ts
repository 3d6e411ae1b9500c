import { serviceNames, settings } from '../../endpoints/presets.ts'
import type { EndpointSource } from '../../endpoints/resolve.ts'
import { type Check, ok, type Result, warning } from '../check.ts'

const words: Readonly<Record<EndpointSource, string>> = {
  option: 'the endpoints option',
  environment: 'the environment option',
  env: 'an environment variable',
  config: 'the config file',
  preset: 'the default',
}

/** Where the services are, and who said so. */
export const endpointsCheck: Check = {
  id: 'endpoints',
  title: 'Addresses of the services, and where each came from',
  async run({ endpoints: { urls, sources } }) {
    return serviceNames.map((service): Result => {
      const source = sources[service]
      const { variable, field } = settings[service]
      const what = `${urls[service]} (${source === 'env' ? variable : words[source]})`
      if (source !== 'config') return ok(what, { service })
      // ★1
      return warning(what, {
        service,
        hint: `A file is not your own word: a stored credential that was obtained for another address does not go there. An API key from LANONASIS_API_KEY does. If you trust it, set ${variable}; else remove services.${field} from the file.`,
      })
    })
  },
}

import type { Endpoints, ServiceName } from '../endpoints/presets.ts'
import { httpOrigin } from '../endpoints/url.ts'

/** Which credential a request carries: exactly one (★5). */
type CredentialUse = 'bearer' | 'key-first' | 'bearer-first'

/** What the policy says of a URL. */
export interface PolicyDecision {
  /** The service that the URL belongs to, for messages and events. */
  readonly service: string
  readonly use: CredentialUse
}

/** Says which credential a URL gets; `undefined`: none, and the request is refused. */
export type CredentialPolicy = (url: URL) => PolicyDecision | undefined

interface Rule {
  readonly services: readonly ServiceName[]
  readonly path?: RegExp
  readonly use: CredentialUse
  readonly useInBrowser?: CredentialUse
}

const everyService: readonly ServiceName[] = [
  'authGateway',
  'mcpHttp',
  'mcpWs',
  'mcpSse',
  'restApi',
]

/** The first rule that fits decides: the most specific stand first. */
const rules: readonly Rule[] = [
  // Keys are managed by the person, wherever the route lives.
  { services: everyService, path: /\/api-keys(?:\/|$)/, use: 'bearer' },
  { services: ['authGateway'], use: 'bearer' },
  // ★8 A page has no X-API-Key on the services' CORS lists, and should hold no key anyway.
  {
    services: ['mcpHttp', 'mcpWs', 'mcpSse'],
    use: 'key-first',
    useInBrowser: 'bearer-first',
  },
  { services: ['restApi'], path: /\/memor(?:y|ies)(?:\/|$)/, use: 'key-first' },
  { services: ['restApi'], use: 'bearer' },
]

/** The table of the Lanonasis services. */
export function lanonasisPolicy(
  endpoints: Endpoints,
  { browser }: { readonly browser: boolean },
): CredentialPolicy {
  const bases = everyService.map((service) => {
    const url = new URL(endpoints[service])
    return { service, origin: httpOrigin(url), path: url.pathname.replace(/\/$/, '') }
  })

  return (url) => {
    const origin = httpOrigin(url)
    const service = bases
      .filter((base) => base.origin === origin)
      .map((base) => ({ ...base, fit: isBelow(url.pathname, base.path) ? base.path.length : -1 }))
      .sort((one, other) => other.fit - one.fit)[0]?.service
    if (service === undefined) return undefined
    const rule = rules.find(
      ({ services, path }) => services.includes(service) && (path?.test(url.pathname) ?? true),
    )
    if (rule === undefined) return undefined
    return { service, use: browser ? (rule.useInBrowser ?? rule.use) : rule.use }
  }
}

/** Any other authorization server: its tokens go to it, and to the origins that the application names. */
export function resourcePolicy(origins: readonly string[]): CredentialPolicy {
  const allowed = new Set(origins.map((origin) => httpOrigin(origin)))
  return (url) => (allowed.has(httpOrigin(url)) ? { service: url.host, use: 'bearer' } : undefined)
}

function isBelow(path: string, base: string): boolean {
  return path === base || path.startsWith(`${base}/`)
}

import { presets, serviceNames, settings } from '../endpoints/presets.ts'
import type { ResolvedEndpoints } from '../endpoints/resolve.ts'
import { httpOrigin, isSecureUrl } from '../endpoints/url.ts'

/** The client that credentials are imported for, as far as it decides what is good for it. */
export interface ImportingClient {
  readonly clientId: string
  /** Its gateway. */
  readonly issuer: string
  readonly endpoints: ResolvedEndpoints
  /** Where the old programs signed in, unless the place says otherwise. */
  readonly assumedIssuer: string
  readonly now: number
}

/** Whom a credential belongs to, by the addresses beside it. */
export type Ownership =
  | {
      readonly ours: true
      /** Whether the client's gateway issued it, and can renew it. */
      readonly fromGateway: boolean
      /** What is recorded with it (★1). */
      readonly origins: readonly string[]
    }
  | { readonly ours: false; readonly message: string }

interface Addresses {
  readonly issuer?: string | undefined
  readonly services?: Readonly<Record<string, string>> | undefined
}

/**
 * ★1 ★3 A credential is for the gateway and the services that its place names, and for those of production
 * where it names none. It is imported only if those are the client's.
 *
 * | the place names | the client's gateway is | imported |
 * |---|---|---|
 * | nothing | production (or what the caller says of the old programs) | yes |
 * | nothing | another | no |
 * | the client's gateway | any | yes |
 * | another host of production as its gateway | production | yes, as issued before there was the gateway |
 * | any address that is not the client's | any | no |
 */
export function ownershipOf(
  { issuer, services = {} }: Addresses,
  client: ImportingClient,
): Ownership {
  const gateway = originOf(client.issuer)
  const named = issuer ?? client.assumedIssuer
  const namedOrigin = originOf(named)
  const fromGateway = namedOrigin !== undefined && namedOrigin === gateway
  if (!fromGateway && !(issuer !== undefined && isOfProduction(issuer, client))) {
    return { ours: false, message: `It is for ${nameOf(namedOrigin)}, and not for ${gateway}.` }
  }
  const origins = new Set([...knownOrigins(client), ...(namedOrigin ? [namedOrigin] : [])])
  for (const [field, address] of Object.entries(services)) {
    const origin = originOf(address)
    const isOurs =
      origin !== undefined &&
      (Object.values(client.endpoints.urls).some((url) => httpOrigin(url) === origin) ||
        isOfProduction(address, client))
    if (!isOurs) {
      const message = `${isServiceName(field) ? field : 'An address'} beside it names ${nameOf(origin)}, which this client does not use.`
      return { ours: false, message }
    }
    origins.add(origin)
  }
  return { ours: true, fromGateway, origins: [...origins] }
}

function isOfProduction(address: string, { issuer }: ImportingClient): boolean {
  return originOf(issuer) === originOf(presets.production.authGateway) && isProduction(address)
}

/** The old programs knew the services of production under several names. Another port is another service (★3). */
export function isProduction(address: string): boolean {
  const origin = originOf(address)
  if (origin === undefined) return false
  const { hostname, port } = new URL(origin)
  return port === '' && (hostname === 'lanonasis.com' || hostname.endsWith('.lanonasis.com'))
}

/** Those that production has, or that the user has named; never one from a config file (★1). */
function knownOrigins({ issuer, endpoints }: ImportingClient): readonly string[] {
  const { sources, urls } = endpoints
  if (originOf(issuer) === originOf(presets.production.authGateway)) {
    return serviceNames.map((name) => httpOrigin(presets.production[name]))
  }
  const named = serviceNames.filter((name) => sources[name] !== 'config')
  return named.map((name) => httpOrigin(urls[name]))
}

/** The origin, without whatever else an address may hold; `undefined` when no credential may go there (★4). */
function originOf(address: string): string | undefined {
  if (!URL.canParse(address)) return undefined
  const url = new URL(address)
  return isSecureUrl(url) ? httpOrigin(url) : undefined
}

const oldServiceNames = [
  'apiUrl',
  'auth_base',
  'issuer',
  'memory_base',
  'mcp_base',
  'mcp_ws_base',
  'mcp_sse_base',
]

/** Names come from files, too: only those that the programs have are shown, and no others. */
export function isServiceName(name: string): boolean {
  return oldServiceNames.includes(name) || serviceNames.some((one) => settings[one].field === name)
}

function nameOf(origin: string | undefined): string {
  return origin ?? 'an address that is no URL of a service'
}

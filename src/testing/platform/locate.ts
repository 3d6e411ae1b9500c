import { type Endpoints, type ServiceName, serviceNames } from '../../endpoints/presets.ts'
import { httpOrigin } from '../../endpoints/url.ts'

/** Which service a URL belongs to, and the path after that service's base. */
export interface Place {
  readonly service: ServiceName
  readonly path: string
}

/** Finds the service whose base is the longest one that a URL begins with. */
export function locate(endpoints: Endpoints, url: URL): Place | undefined {
  let best: (Place & { readonly length: number }) | undefined
  for (const service of serviceNames) {
    const base = new URL(endpoints[service])
    const path = base.pathname.replace(/\/+$/, '')
    if (httpOrigin(base) !== httpOrigin(url)) continue
    if (url.pathname !== path && !url.pathname.startsWith(`${path}/`)) continue
    if (best !== undefined && best.length >= path.length) continue
    best = { service, path: url.pathname.slice(path.length), length: path.length }
  }
  return best === undefined ? undefined : { service: best.service, path: best.path }
}

/** Whether any service lives at this origin; elsewhere nobody answers. */
export function isKnownOrigin(endpoints: Endpoints, url: URL): boolean {
  return serviceNames.some((service) => httpOrigin(new URL(endpoints[service])) === httpOrigin(url))
}

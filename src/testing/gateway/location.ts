import type { Endpoints } from '../../endpoints/presets.ts'

/** The path of the gateway's base, without a slash at its end: `''` for `https://auth.lanonasis.com`. */
export function gatewayPath(endpoints: Endpoints): string {
  return new URL(endpoints.authGateway).pathname.replace(/\/+$/, '')
}

/**
 * Where a form may send the browser next: to the gateway itself and nowhere else, or the login page
 * would be an open redirect. The whole URL is returned, because a path may begin with `//`.
 */
export function localTarget(endpoints: Endpoints, target: string | undefined): string | undefined {
  if (target === undefined) return undefined
  const base = new URL(endpoints.authGateway)
  try {
    const url = new URL(target, base)
    return url.origin === base.origin ? url.href : undefined
  } catch {
    return undefined
  }
}

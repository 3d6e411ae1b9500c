import { httpOrigin } from '../endpoints/url.ts'
import { AuthError } from '../errors/auth-error.ts'
import type { Settings } from './settings.ts'

/**
 * Whether a credential may go to the gateway (★1). Where a config file names the gateway, only one
 * that was obtained for it; `origins` are those that were recorded with the credential.
 */
export function mayGoToGateway(
  { endpoints, server }: Pick<Settings, 'endpoints' | 'server'>,
  origins: readonly string[] | undefined,
): boolean {
  if (endpoints?.sources.authGateway !== 'config') return true
  return origins?.includes(httpOrigin(server.issuer)) ?? false
}

/** @throws AuthError `origin_not_allowed`, naming the setting */
export function assertGateway(
  settings: Pick<Settings, 'endpoints' | 'server'>,
  origins: readonly string[] | undefined,
): void {
  if (mayGoToGateway(settings, origins)) return
  throw new AuthError(
    'origin_not_allowed',
    `services.auth_gateway in the config file names ${httpOrigin(settings.server.issuer)}, which the stored credential was not obtained for.`,
    { hint: 'If you trust that address, set AUTH_GATEWAY_URL to it, or sign in again.' },
  )
}

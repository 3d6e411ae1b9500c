import type { Client } from '../accounts/clients.ts'
import { json, noStore } from '../http/answers.ts'
import type { Answer } from '../http/exchange.ts'
import type { World } from '../world/world.ts'
import { oauthError } from './errors.ts'
import { projectScope } from './jwt-sessions.ts'

export const deviceGrantType = 'urn:ietf:params:oauth:grant-type:device_code'

/** A poll of a waiting device (RFC 8628 §3.5). It ends in a pair of the JWT family. */
export async function pollDevice(
  world: World,
  { deviceCode, client }: { readonly deviceCode: string; readonly client: Client },
): Promise<Answer> {
  const request = world.devices.byDeviceCode(deviceCode)
  if (request === undefined) return oauthError('expired_token', 'Device code has expired')
  if (request.clientId !== client.clientId) {
    return oauthError('invalid_client', 'Client ID mismatch')
  }
  if (request.decision === 'pending') {
    return oauthError('authorization_pending', 'User has not yet authorized this device')
  }
  world.devices.finish(request)
  const user = request.decision === 'denied' ? undefined : world.users.get(request.decision.userId)
  if (user === undefined) return oauthError('access_denied', 'User denied authorization')

  const session = await world.jwts.open(user, client.clientId)
  return json(
    200,
    {
      access_token: session.accessToken,
      refresh_token: session.refreshToken,
      token_type: 'Bearer',
      expires_in: Math.floor(world.settings.accessTokenTtlMs / 1000),
      // ★18: the name of an OAuth scope, the value of a project scope.
      scope: projectScope,
    },
    noStore,
  )
}

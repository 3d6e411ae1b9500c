import type { Fetch } from '../../src/http/transport.ts'
import { type AuthorizationTransaction, startAuthorization } from '../../src/oauth/authorization.ts'
import { gatewayServer, type OAuthContext } from '../../src/oauth/server.ts'
import { Secret } from '../../src/secret/secret.ts'
import type { Tokens } from '../../src/session/account.ts'
import { tokenKind } from '../../src/store/account.ts'
import type { Platform } from '../../src/testing.ts'
import { epoch } from './setup.ts'

export const gateway = 'https://auth.lanonasis.com'
export const redirectUri = 'http://127.0.0.1:8989/callback'
export const scope = 'memories:read memories:write'

export function contextFor(fetch: Fetch, changes: Partial<OAuthContext> = {}): OAuthContext {
  return {
    server: gatewayServer({ issuer: gateway, discover: false, tokenRequestFormat: 'json' }),
    clientId: 'lanonasis-cli',
    transport: { fetch, timeoutMs: 60_000 },
    now: () => epoch,
    ...changes,
  }
}

/** A sign-in up to the point where the browser comes back. */
export async function signInAt(
  platform: Platform,
  uri = redirectUri,
): Promise<{ context: OAuthContext; transaction: AuthorizationTransaction; callback: URL }> {
  const context = contextFor(platform.fetch, { now: platform.clock.now })
  const transaction = await startAuthorization(context, { redirectUri: uri, scope })
  return { context, transaction, callback: new URL(await platform.signIn(transaction.url)) }
}

export function tokensOf(accessToken: string, refreshToken?: string): Tokens {
  return {
    accessToken: new Secret(accessToken),
    refreshToken: refreshToken === undefined ? undefined : new Secret(refreshToken),
    tokenType: 'Bearer',
    kind: tokenKind(accessToken),
    scope,
    obtainedAt: epoch,
    expiresAt: epoch + 900_000,
    refreshExpiresAt: epoch + 2_592_000_000,
  }
}

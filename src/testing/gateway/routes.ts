import { json } from '../http/answers.ts'
import { hasFields } from '../http/body.ts'
import type { Call, Route } from '../http/exchange.ts'
import { apiKeyRoutes } from '../keys/routes.ts'
import type { World } from '../world/world.ts'
import { authorize } from './authorize.ts'
import { decideConsent } from './consent.ts'
import { decideDevice, devicePage, startDevice } from './device.ts'
import { bodyMissing } from './errors.ts'
import { introspectIdentity, verifyApiKey } from './identity.ts'
import { introspect } from './introspect.ts'
import { exchangeLegacy, introspectLegacy } from './legacy.ts'
import { login, loginPage } from './login.ts'
import { authorizationServerMetadata, emptyKeySet, openidConfiguration } from './metadata.ts'
import { passwordLogin } from './password-login.ts'
import { refreshJwt } from './refresh-grant.ts'
import { logout, revoke } from './revoke.ts'
import { token } from './token.ts'

// The gateway demands an object in every other POST, be it empty; /oauth/token counts the request first.
const withoutBody = new Set(['/oauth/token', '/v1/auth/logout', '/v1/auth/verify-api-key'])

/** The routes of the auth gateway. */
export function gatewayRoutes(world: World): readonly Route[] {
  const { endpoints, generation, legacyBridge } = world.settings
  const get = (path: string, handler: Route['handler']): Route => ({ method: 'GET', path, handler })
  const post = (path: string, handler: Route['handler']): Route => ({
    method: 'POST',
    path,
    handler: (call) =>
      withoutBody.has(path) || hasFields(call.body) ? handler(call) : bodyMissing(),
  })
  const on =
    <Result>(handle: (world: World, call: Call) => Result) =>
    (call: Call) =>
      handle(world, call)

  return [
    get('/oauth/authorize', on(authorize)),
    post('/oauth/consent', on(decideConsent)),
    post('/oauth/token', on(token)),
    post('/oauth/introspect', on(introspect)),
    post('/oauth/revoke', on(revoke)),
    post('/oauth/device', on(startDevice)),
    get('/oauth/device', on(devicePage)),
    post('/oauth/device/decision', on(decideDevice)),

    get('/web/login', on(loginPage)),
    post('/web/login', on(login)),
    get('/auth/cli-login', on(loginPage)),
    post('/auth/cli-login', on(login)),

    post('/v1/auth/login', on(passwordLogin)),
    post('/v1/auth/logout', on(logout)),
    post('/v1/auth/introspect', on(introspectIdentity)),
    post('/v1/auth/verify-api-key', on(verifyApiKey)),
    ...(generation === 'roadmap' ? [] : [post('/v1/auth/refresh', on(refreshJwt))]),
    ...(legacyBridge
      ? [
          post('/legacy/introspect', on(introspectLegacy)),
          post('/legacy/exchange', on(exchangeLegacy)),
        ]
      : []),

    ...apiKeyRoutes(world, { prefix: '/api/v1/auth/api-keys', envelope: 'gateway' }),
    ...apiKeyRoutes(world, { prefix: '/api/v1/api-keys', envelope: 'gateway' }),

    get('/.well-known/oauth-authorization-server', () => authorizationServerMetadata(endpoints)),
    get('/.well-known/openid-configuration', () => openidConfiguration(endpoints)),
    get('/.well-known/jwks.json', emptyKeySet),
    get('/health', () => json(200, { status: 'ok', service: 'auth-gateway' })),
  ]
}

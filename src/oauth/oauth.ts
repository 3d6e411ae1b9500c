// Loaded on first use: everything that speaks the protocol, and with it oauth4webapi.
export {
  type AuthorizationTransaction,
  finishAuthorization,
  promisesIssuer,
  startAuthorization,
} from './authorization.ts'
export { offersDevice, startDevice } from './device.ts'
export { pollDevice } from './device-polling.ts'
export { type Introspection, introspectToken } from './introspection.ts'
export { preflight } from './preflight.ts'
export { renewTokens } from './renewal.ts'
export { revokeTokens } from './revocation.ts'
export { discoverServer, gatewayServer, type OAuthContext, type Server } from './server.ts'

import type { Endpoints } from '../../endpoints/presets.ts'
import { json } from '../http/answers.ts'
import type { Answer } from '../http/exchange.ts'
import { deviceGrantType } from './device-grant.ts'

function common(issuer: string): Record<string, unknown> {
  return {
    issuer,
    authorization_endpoint: `${issuer}/oauth/authorize`,
    token_endpoint: `${issuer}/oauth/token`,
    token_endpoint_auth_methods_supported: ['none', 'client_secret_basic', 'client_secret_post'],
    revocation_endpoint: `${issuer}/oauth/revoke`,
    introspection_endpoint: `${issuer}/oauth/introspect`,
    device_authorization_endpoint: `${issuer}/oauth/device`,
    // mcp:connect is announced to everybody and refused to lanonasis-cli.
    scopes_supported: ['memories:read', 'memories:write', 'mcp:connect', 'api:access'],
    response_types_supported: ['code'],
    response_modes_supported: ['query'],
    grant_types_supported: ['authorization_code', 'refresh_token', deviceGrantType],
    code_challenge_methods_supported: ['S256', 'plain'],
  }
}

/** `GET /.well-known/oauth-authorization-server` (RFC 8414). */
export function authorizationServerMetadata(endpoints: Endpoints): Answer {
  return json(200, common(endpoints.authGateway))
}

/** `GET /.well-known/openid-configuration`; the `userinfo` it announces does not exist. */
export function openidConfiguration(endpoints: Endpoints): Answer {
  const issuer = endpoints.authGateway
  return json(200, {
    ...common(issuer),
    userinfo_endpoint: `${issuer}/oauth/userinfo`,
    jwks_uri: `${issuer}/.well-known/jwks.json`,
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ['HS256'],
  })
}

/** `GET /.well-known/jwks.json`: empty, because HS256 keys cannot be published. */
export function emptyKeySet(): Answer {
  return json(200, { keys: [] })
}

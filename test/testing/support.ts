import type { Platform } from '../../src/testing.ts'

export const verifier = 'a-verifier-that-is-long-enough-for-pkce-0123456789'
// The S256 challenge of the verifier above.
const challenge = await (async () => {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(verifier))
  return Buffer.from(digest).toString('base64url')
})()
/** A base clock that stands still, for statements about single milliseconds. */
export const still = () => Date.UTC(2026, 10, 23)

export const redirectUri = 'http://127.0.0.1:8989/callback'

export function authorizeUrl(platform: Platform, changes: Record<string, string | undefined> = {}) {
  const url = new URL('/oauth/authorize', platform.endpoints.authGateway)
  const parameters = {
    response_type: 'code',
    client_id: 'lanonasis-cli',
    redirect_uri: redirectUri,
    scope: 'memories:read memories:write',
    code_challenge: challenge,
    code_challenge_method: 'S256',
    state: 'a-state',
    ...changes,
  }
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== undefined) url.searchParams.set(name, value)
  }
  return url
}

export async function post(
  platform: Platform,
  url: string,
  options: { body?: unknown; headers?: Record<string, string> } = {},
) {
  const { body, headers } = options
  return platform.fetch(url, {
    method: 'POST',
    headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
}

export const gateway = (platform: Platform, path: string) => platform.endpoints.authGateway + path
export const mcp = (platform: Platform, path: string) => platform.endpoints.mcpHttp + path

/** Signs in and gives the code. */
export async function signInForCode(platform: Platform, changes: Record<string, string> = {}) {
  const callback = new URL(await platform.signIn(authorizeUrl(platform, changes)))
  return callback.searchParams.get('code') ?? ''
}

export async function exchange(platform: Platform, changes: Record<string, unknown> = {}) {
  return post(platform, gateway(platform, '/oauth/token'), {
    body: {
      grant_type: 'authorization_code',
      redirect_uri: redirectUri,
      client_id: 'lanonasis-cli',
      code_verifier: verifier,
      ...changes,
    },
  })
}

export async function refresh(
  platform: Platform,
  refreshToken: string,
  clientId = 'lanonasis-cli',
) {
  return post(platform, gateway(platform, '/oauth/token'), {
    body: { grant_type: 'refresh_token', refresh_token: refreshToken, client_id: clientId },
  })
}

export async function introspect(platform: Platform, token: string) {
  const response = await post(platform, gateway(platform, '/oauth/introspect'), { body: { token } })
  return response.json()
}

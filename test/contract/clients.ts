import {
  type InitialCredentials,
  LanonasisClient,
  type LanonasisClientOptions,
  type LoginFlow,
  memoryStore,
} from '@lanonasis/auth-client'
import { expect } from 'vitest'
import type { Credential } from './wire.ts'

/** The production addresses (CONTRACT §1). */
export const gateway = 'https://auth.lanonasis.com'
export const mcp = 'https://mcp.lanonasis.com/api/v1'
export const restApi = 'https://api.lanonasis.com/api/v1'

/** A moment that does not depend on when the tests run. */
export const epoch = Date.UTC(2026, 5, 1)
export const lifeMs = 900_000

/** Credentials in the forms of CONTRACT §2 and §3. */
export const accessToken = 'A'.repeat(64)
export const refreshToken = 'R'.repeat(86)
export const apiKey = 'pk_4f1d.sk_9c2e7ab3'
export const jwtAccess = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.YWNjZXNz'
export const jwtRefresh = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.cmVmcmVzaA'

export const byToken: Credential = `authorization: Bearer ${accessToken}`
export const byKey: Credential = `x-api-key: ${apiKey}`
export const byJwt: Credential = `authorization: Bearer ${jwtAccess}`

export const opaqueTokens = {
  accessToken,
  refreshToken,
  expiresAt: epoch + lifeMs,
  scope: 'memories:read memories:write',
}
export const jwtTokens = { ...opaqueTokens, accessToken: jwtAccess, refreshToken: jwtRefresh }

/** A token answer as the gateway writes it, with the second pair of a session. */
export const pair = {
  token_type: 'Bearer',
  access_token: 'B'.repeat(64),
  expires_in: 900,
  refresh_token: 'S'.repeat(86),
  refresh_expires_in: 2_592_000,
  scope: 'memories:read memories:write',
}

/** A client of the production services, on the platform's own fetch, as an application makes it. */
export function clientWith(
  initial: InitialCredentials = {},
  options: Partial<LanonasisClientOptions> = {},
): LanonasisClient {
  return new LanonasisClient({
    clientId: 'lanonasis-cli',
    env: {},
    now: () => epoch,
    store: memoryStore(initial),
    ...options,
  })
}

export const redirectUri = 'http://127.0.0.1:8989/callback'

/** A sign-in without a browser: its callback is made up. */
export function madeUpFlow(
  callback: (request: { readonly url: string; readonly state: string }) => string,
  { redirect = redirectUri }: { readonly redirect?: string } = {},
): LoginFlow & { readonly opened: string[] } {
  const opened: string[] = []
  return {
    name: 'made-up',
    opened,
    canRun: () => ({ ok: true }),
    async run({ authorize }) {
      const request = await authorize({ redirectUri: redirect })
      opened.push(request.url)
      return request.finish(new URL(`${redirect}?${callback(request)}`))
    },
  }
}

/** The seven parameters of every authorization request (roadmap, Appendix B), and no other. */
export function authorizeQuery(changes: Readonly<Record<string, unknown>> = {}) {
  return {
    response_type: 'code',
    client_id: 'lanonasis-cli',
    redirect_uri: redirectUri,
    scope: 'memories:read memories:write',
    code_challenge: expect.stringMatching(/^[\w-]{43}$/),
    code_challenge_method: 'S256',
    state: expect.stringMatching(/^[\w-]{43}$/),
    ...changes,
  }
}

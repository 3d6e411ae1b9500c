import { memoryStore } from '@lanonasis/auth-client'
import { createClient } from '@lanonasis/auth-client/node'

const aDayMs = 86_400_000

/**
 * A client of the built package for somebody who is signed in, with all services at one address.
 *
 * @param {string} origin
 * @param {{ events?: string, fetch?: import('@lanonasis/auth-client').Fetch }} [options]
 */
export function clientAt(origin, { events = '/events', fetch } = {}) {
  return createClient({
    env: {},
    endpoints: {
      authGateway: origin,
      mcpHttp: `${origin}/api/v1`,
      mcpWs: `${origin.replace('http', 'ws')}/ws`,
      mcpSse: `${origin}${events}`,
      restApi: `${origin}/rest`,
    },
    store: memoryStore({
      tokens: { accessToken: 'an-access-token', refreshToken: 'r', expiresAt: Date.now() + aDayMs },
    }),
    ...(fetch === undefined ? {} : { fetch }),
  })
}

// Loaded with the first socket, stream or transport.
import { AuthError } from '../errors/auth-error.ts'
import type { Credential } from '../http/credentialed-fetch.ts'
import type { McpContext } from '../mcp/context.ts'
import type { Session } from '../session/session.ts'
import type { ClientCore } from './core.ts'

/** What `client.mcp` needs of its client. */
export async function mcpContext(core: ClientCore): Promise<McpContext> {
  const { browser, endpoints, now, timeoutMs, webSockets } = core.settings
  const { fetch, credentialFor, judge } = await core.requests()
  if (endpoints === undefined) {
    throw new AuthError('config_invalid', 'This client knows no Lanonasis services.')
  }
  return {
    endpoints: endpoints.urls,
    fetch,
    webSockets,
    browser,
    timeoutMs,
    now,
    random: Math.random,
    credentialFor,
    judge,
    onSignOut: (credential, listener) =>
      core.events.on('session', (session) => {
        if (isGone(credential, session)) listener()
      }),
    report: (event) => core.events.emit('request', event),
    closing: core.closing,
  }
}

/** An ended session is not a sign-out: the service says itself when it takes the token no longer. */
function isGone({ type }: Pick<Credential, 'type'>, { status, apiKey, legacy }: Session): boolean {
  if (status === 'loading') return false
  return type === 'api-key' ? apiKey === undefined : status === 'signed-out' && !legacy
}

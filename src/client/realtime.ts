// Loaded with the first socket, stream or transport.
import { AuthError } from '../errors/auth-error.ts'
import type { McpContext } from '../mcp/context.ts'
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
    report: (event) => core.events.emit('request', event),
    closing: core.closing,
  }
}

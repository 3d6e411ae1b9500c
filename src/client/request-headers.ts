import type { PolicyDecision } from '../http/policy.ts'
import type { Settings } from './settings.ts'

/** Which services take an id of the caller's; a socket has none to send. */
const takesRequestId = new Set(['authGateway', 'mcpHttp', 'mcpSse', 'restApi'])

const validTraceparent = /^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/

/**
 * The headers besides the credential. In a browser each of them forces a preflight, which these
 * services refuse for `X-Request-ID` (★8): it is off there; the others go out when asked for.
 */
export function requestHeaders(
  { browser, traceparent, projectScope }: Settings,
  { service }: PolicyDecision,
): Readonly<Record<string, string>> {
  const trace = traceparent?.()
  return {
    ...(browser || !takesRequestId.has(service) ? {} : { 'x-request-id': crypto.randomUUID() }),
    ...(projectScope === undefined ? {} : { 'x-project-scope': projectScope }),
    ...(trace !== undefined && validTraceparent.test(trace) ? { traceparent: trace } : {}),
  }
}

// Loaded with the first request to a service: what gives it its credential, sends it, and deals with its refusal.
import { isAuthError } from '../errors/auth-error.ts'
import {
  type CredentialedFetchOptions,
  credentialedFetch,
  findCredential,
} from '../http/credentialed-fetch.ts'
import { lanonasisPolicy, resourcePolicy } from '../http/policy.ts'
import type { Fetch } from '../http/transport.ts'
import type { McpContext } from '../mcp/context.ts'
import type { Secret } from '../secret/secret.ts'
import type { ClientCore } from './core.ts'
import { chooseCredential } from './credentials.ts'
import { assertGateway } from './gateway-access.ts'
import { RefusalJudge } from './refusals.ts'
import { requestHeaders } from './request-headers.ts'

/** The fetches of one client. */
export interface ClientRequests extends Pick<McpContext, 'credentialFor' | 'judge'> {
  /** For callers: each request goes out as often as its body allows. */
  readonly fetch: Fetch
  /** For our own calls, whose bodies are small: they can be sent again. */
  readonly restFetch: Fetch
}

export function createRequests(core: ClientCore): ClientRequests {
  const { settings, keeper, events } = core
  const { fetch, browser, timeoutMs, now, endpoints, origins } = settings
  const refusals = new RefusalJudge({
    keeper,
    now,
    isActive: (token) => isActive(core, token),
    judgeKey: async (key) => {
      const held = keeper.known?.apiKey
      return (await core.serverAccess()).judgeKey(held?.secret.equals(key) ? held : { secret: key })
    },
    keyIsGiven: settings.apiKey !== undefined,
    keys: core.keys,
  })
  const shared: Omit<CredentialedFetchOptions, 'replayRequests'> = {
    fetch,
    policy: endpoints ? lanonasisPolicy(endpoints.urls, { browser }) : resourcePolicy(origins),
    browser,
    timeoutMs,
    now,
    headers: (decision) => requestHeaders(settings, decision),
    credential: (decision, request) => chooseCredential(core, decision, request),
    judge: (refused) => refusals.judge(refused),
    onRequest: (event) => events.emit('request', event),
  }
  return {
    fetch: credentialedFetch({ ...shared, replayRequests: false }),
    restFetch: credentialedFetch({ ...shared, replayRequests: true }),
    credentialFor: async (url, signal) => {
      const { decision, credential } = await findCredential(shared, { url, signal })
      return { credential, headers: requestHeaders(settings, decision) }
    },
    judge: (refused) => refusals.judge(refused),
  }
}

async function isActive(core: ClientCore, token: Secret): Promise<boolean | undefined> {
  const { settings } = core
  try {
    const { session } = await core.keeper.account()
    assertGateway(settings, session.status === 'signed-in' ? session.tokens.origins : undefined)
    const { oauth, context } = await core.oauth()
    return (await oauth.introspectToken(context, token)).active
  } catch (error) {
    if (!isAuthError(error)) throw error
    return undefined
  }
}

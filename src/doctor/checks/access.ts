import { lanonasisPolicy } from '../../http/policy.ts'
import type { Account } from '../../session/account.ts'
import { type Answered, inShort } from '../ask.ts'
import {
  type Check,
  failed,
  failure,
  ok,
  type Result,
  skipped,
  unlessAborted,
  warning,
} from '../check.ts'
import type { CheckContext } from '../context.ts'

/** One request to MCP Core with the credential that it would get: reads one memory, changes nothing. */
export const accessCheck: Check = {
  id: 'access',
  title: 'MCP Core takes the credential that is held',
  async run(context) {
    const service = 'mcpHttp'
    const first = await context.first(service)
    if (first.type === 'unanswered') {
      return [skipped('MCP Core does not answer, so this cannot be seen.', { service })]
    }
    const account = await context.account().catch(unlessAborted)
    // The route that it knows, after asking for the newer one where need be.
    const { url } = first
    if (!hasCredential(context, account, url)) {
      return [skipped('There is no credential that could be used without a renewal.', { service })]
    }
    const { credentialFor } = await context.core.requests()
    const { credential, headers } = await credentialFor(url, context.signal)
    const isKey = credential.type === 'api-key'
    const secret = credential.secret.reveal()
    const answer = await context.ask({
      service,
      url,
      headers: {
        ...headers,
        ...(isKey ? { 'x-api-key': secret } : { authorization: `Bearer ${secret}` }),
      },
    })
    if (answer.type === 'unanswered') return [failed(answer.error, { service })]
    const name = isKey ? 'the API key' : 'the access token'
    return [{ ...judge(answer, name), service, latencyMs: answer.latencyMs }]
  },
}

/** Whether there is one that goes out as it is: a look must not renew a session. */
function hasCredential(
  { core, settings, endpoints }: CheckContext,
  account: Account | undefined,
  url: URL,
): boolean {
  const use = lanonasisPolicy(endpoints.urls, settings)(url)?.use
  const { session, apiKey, legacyToken } = account ?? {}
  const tokens = session?.status === 'signed-in' ? session.tokens : undefined
  const hasKey = settings.apiKey !== undefined || apiKey !== undefined
  if (hasKey && (use === 'key-first' || tokens === undefined)) return true
  if (tokens === undefined) return legacyToken !== undefined
  return core.keeper.isFresh(tokens)
}

function judge(answer: Answered, name: string): Result {
  const { status } = answer
  const said = inShort(answer)
  const expected = '200'
  if (status === 200) return ok(`MCP Core takes ${name}.`)
  if (status === 403) {
    return warning(`MCP Core takes ${name}, and does not let it read memories (${said}).`, {
      expected,
      hint: 'Ask for memories:read, or give the key that scope.',
    })
  }
  if (status === 401) {
    // ★23
    return failure(`MCP Core refuses ${name} (${said}).`, {
      expected,
      hint: 'Where the gateway finds the same credential good, the account has no organisation, or MCP Core cannot reach the gateway.',
    })
  }
  if (status === 429) {
    return skipped(`MCP Core asks us to wait (${said}).`, { expected })
  }
  return failure(`MCP Core answers ${said} to ${name}.`, {
    expected,
    hint: 'Look at the log of MCP Core for this request.',
  })
}

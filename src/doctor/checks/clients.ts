import { authorizationRequest, authorize, type Verdict } from '../authorization.ts'
import { type Check, failure, ok, type Result, skipped, warning } from '../check.ts'
import type { CheckContext } from '../context.ts'
import { atGateway } from '../gateway.ts'
import { knownClient } from '../known-clients.ts'

/** That the clients are registered, with a redirect and the scope, and as clients of which kind. */
export const clientsCheck: Check = {
  id: 'clients',
  title: 'The OAuth clients and their registration',
  async run(context) {
    if (context.settings.browser) {
      return [skipped('A page cannot see where the gateway leads to.')]
    }
    return atGateway(context, async () => {
      const found = await Promise.all(context.clientIds.map((clientId) => look(context, clientId)))
      return found.flat().map((result) => ({ ...result, service: 'authGateway' as const }))
    })
  },
}

async function look(context: CheckContext, clientId: string): Promise<readonly Result[]> {
  const request = await authorizationRequest(context, clientId)
  const verdict = await authorize(context, { about: clientId, parameters: request })
  const kind = knownClient(clientId).confidential ? [confidential(clientId)] : []
  if (isRefusedRedirect(verdict, clientId)) return [registered(clientId)]
  switch (verdict.type) {
    case 'none':
      return [verdict.result]
    case 'asks':
      return [ok(`${clientId} is led to the sign-in.`), ...kind]
    case 'refuses':
    case 'tells':
      return [refused(clientId, verdict.code, request), ...kind]
    case 'leads-away':
      return [refused(clientId, `a redirect to ${verdict.to}`, request), ...kind]
    case 'else':
      return [refused(clientId, verdict.said, request), ...kind]
  }
}

/** The gateway looks at the client first, so it knows this one. */
function isRefusedRedirect(verdict: Verdict | { readonly type: 'none' }, clientId: string) {
  const { redirectUri } = knownClient(clientId)
  return (
    redirectUri === undefined && verdict.type === 'refuses' && verdict.code === 'invalid_request'
  )
}

function registered(clientId: string): Result {
  return ok(`${clientId} is known; its redirects are not known here, so none of them was tried.`)
}

const hints: Readonly<Record<string, string>> = {
  invalid_client: 'Register this client id at the gateway, or correct it.',
  unauthorized_client: 'Allow this client the authorization code grant.',
  invalid_request:
    'Register this redirect for the client; after that a cache may refuse it for an hour.',
  invalid_scope: 'Allow the client this scope, or ask for less.',
}

function refused(
  clientId: string,
  code: string | undefined,
  { redirect_uri, scope }: Readonly<Record<string, string>>,
): Result {
  const asked = `${redirect_uri}, ${scope ?? 'no scope'}`
  return failure(`${clientId} (${asked}) cannot sign in: ${code ?? 'no reason is given'}.`, {
    expected: 'a sign-in page',
    hint: hints[code ?? ''] ?? 'Look at the log of the gateway for this request.',
  })
}

function confidential(clientId: string): Result {
  return warning(`${clientId} is registered as confidential and without PKCE.`, {
    expected: 'a public client with PKCE, for a page',
    hint: 'Have a public client registered for the page, or let a server that holds the secret exchange the code.',
  })
}

import * as z from 'zod/mini'
import { sessionCookieName } from '../accounts/sessions.ts'
import { json, redirect } from '../http/answers.ts'
import { parseCookies } from '../http/cookies.ts'
import type { Answer, Call } from '../http/exchange.ts'
import type { World } from '../world/world.ts'
import type { AuthorizationRequest } from './code-store.ts'
import { consentPage } from './consent.ts'
import { oauthError } from './errors.ts'
import { gatewayPath } from './location.ts'

const parameters = z.object({
  response_type: z.literal('code'),
  client_id: z.string().check(z.minLength(1)),
  redirect_uri: z.url(),
  scope: z.optional(z.string()),
  state: z.optional(z.string()),
  code_challenge: z.optional(z.string().check(z.minLength(43), z.maxLength(256))),
  code_challenge_method: z.optional(z.enum(['S256', 'plain'])),
})

type Parameters = z.infer<typeof parameters>

/**
 * `GET /oauth/authorize`. Whatever is wrong is a 400 with JSON in the person's browser: the redirect
 * URI never hears of it (★10). The form of the request is checked first, then the session, and the
 * client with its redirect and scopes only for somebody who is signed in.
 */
export function authorize(world: World, call: Call): Answer {
  const parsed = parameters.safeParse(Object.fromEntries(call.query))
  if (!parsed.success) {
    return oauthError('invalid_request', 'Invalid authorization request parameters', {
      details: z.flattenError(parsed.error).fieldErrors,
    })
  }
  const session = parseCookies(call.request.headers.get('cookie')).get(sessionCookieName)
  const user = world.users.get(world.sessions.userOf(session) ?? '')
  if (user === undefined) return askForSession(world, { call, clientId: parsed.data.client_id })

  const checked = checkRequest(world, parsed.data)
  if ('status' in checked) return checked
  return consentPage(world, { request: checked, user })
}

function askForSession(
  world: World,
  { call, clientId }: { readonly call: Call; readonly clientId: string },
): Answer {
  const base = gatewayPath(world.settings.endpoints)
  const login = clientId.includes('cli') ? '/auth/cli-login' : '/web/login'
  const { url } = call.request
  const location = `${base}${login}?return_to=${encodeURIComponent(url.pathname + url.search)}`
  switch (world.settings.authorize) {
    case 'redirect':
      return redirect(302, location)
    case 'login_required':
      return json(401, { error: 'login_required', error_description: 'User must be signed in' })
    case 'AUTH_REQUIRED':
      return json(401, {
        error: 'Authentication required',
        code: 'AUTH_REQUIRED',
        login_url: `${url.origin}${base}/web/login`,
      })
  }
}

function checkRequest(world: World, given: Parameters): AuthorizationRequest | Answer {
  const client = world.clients.get(given.client_id)
  if (client === undefined) return oauthError('invalid_client', 'Unknown client_id')
  if (!world.clients.allowRedirect(client.clientId, given.redirect_uri)) {
    return oauthError('invalid_request', 'Redirect URI not allowed for client')
  }
  if (client.requirePkce && given.code_challenge === undefined) {
    return oauthError('invalid_request', 'PKCE code_challenge is required for this client')
  }
  if (given.code_challenge !== undefined && given.code_challenge_method === 'plain') {
    return oauthError('invalid_request', 'Unsupported code challenge method')
  }
  const requested = given.scope?.split(' ').filter((scope) => scope !== '') ?? []
  const refused = requested.filter((scope) => !client.scopes.includes(scope))
  if (refused.length > 0) {
    return oauthError('invalid_scope', `Requested scope not allowed: ${refused.join(', ')}`)
  }
  return {
    clientId: client.clientId,
    redirectUri: given.redirect_uri,
    scope: requested.length > 0 ? requested : client.defaultScopes,
    state: given.state,
    codeChallenge: given.code_challenge,
  }
}

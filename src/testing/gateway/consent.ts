import { sessionCookieName } from '../accounts/sessions.ts'
import type { User } from '../accounts/users.ts'
import { redirect } from '../http/answers.ts'
import { textField } from '../http/body.ts'
import { parseCookies } from '../http/cookies.ts'
import type { Answer, Call } from '../http/exchange.ts'
import { escapeHtml, hiddenField, htmlPage } from '../http/pages.ts'
import type { World } from '../world/world.ts'
import type { AuthorizationRequest } from './code-store.ts'
import { oauthError } from './errors.ts'
import { gatewayPath } from './location.ts'

/** The page on which a person allows an app to act for them. */
export function consentPage(
  world: World,
  { request, user }: { readonly request: AuthorizationRequest; readonly user: User },
): Answer {
  const id = world.codes.ask(request, user.id)
  const name = world.clients.get(request.clientId)?.name ?? request.clientId
  const { protocol, origin } = new URL(request.redirectUri)
  const scopes = request.scope.map((scope) => `<li>${escapeHtml(scope)}</li>`)
  return htmlPage({
    title: 'Allow access?',
    // An opaque origin is a scheme of an application's own, such as vscode:.
    formTarget: origin === 'null' ? protocol : origin,
    body: [
      `<p>${escapeHtml(name)} asks for access to the account ${escapeHtml(user.email)}:</p>`,
      `<ul>${scopes.join('')}</ul>`,
      `<form method="post" action="${gatewayPath(world.settings.endpoints)}/oauth/consent">`,
      hiddenField('request', id),
      '<button type="submit" name="decision" value="allow">Allow</button>',
      '<button type="submit" name="decision" value="deny">Deny</button>',
      '</form>',
    ].join('\n'),
  })
}

/** `POST /oauth/consent`: back to the app, with a code or with the refusal. */
export function decideConsent(world: World, call: Call): Answer {
  const session = parseCookies(call.request.headers.get('cookie')).get(sessionCookieName)
  const userId = world.sessions.userOf(session)
  const id = textField(call.body, 'request')
  const request =
    userId === undefined || id === undefined ? undefined : world.codes.decide(id, userId)
  if (userId === undefined || request === undefined) {
    return oauthError('invalid_request', 'Unknown or used consent request')
  }
  const target = new URL(request.redirectUri)
  if (textField(call.body, 'decision') === 'allow') {
    target.searchParams.set('code', world.codes.issue(request, userId))
  } else {
    target.searchParams.set('error', 'access_denied')
  }
  if (request.state !== undefined) target.searchParams.set('state', request.state)
  return redirect(302, target.href)
}

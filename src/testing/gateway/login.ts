import { sessionCookieName, sessionSeconds } from '../accounts/sessions.ts'
import { redirect, withHeaders } from '../http/answers.ts'
import { textField } from '../http/body.ts'
import { sessionCookie } from '../http/cookies.ts'
import type { Answer, Call } from '../http/exchange.ts'
import { escapeHtml, hiddenField, htmlPage } from '../http/pages.ts'
import type { World } from '../world/world.ts'
import { gatewayPath, localTarget } from './location.ts'

/** `GET /web/login` and `GET /auth/cli-login`: the form in which a person signs in. */
export function loginPage(world: World, call: Call): Answer {
  return loginForm(world, { path: call.path, returnTo: call.query.get('return_to') ?? undefined })
}

/** `POST` of that form: a session for this browser, then back to where the person came from. */
export function login(world: World, call: Call): Answer {
  const email = textField(call.body, 'email') ?? ''
  const returnTo = textField(call.body, 'return_to') ?? call.query.get('return_to') ?? undefined
  const user = world.users.find(email)
  if (user === undefined || user.password !== textField(call.body, 'password')) {
    const problem = 'The e-mail address or the password is wrong.'
    return loginForm(world, { path: call.path, returnTo, email, problem })
  }
  const target = localTarget(world.settings.endpoints, returnTo)
  if (returnTo !== undefined && target === undefined) return foreignTarget()

  const cookie = sessionCookie({
    name: sessionCookieName,
    value: world.sessions.open(user.id),
    maxAgeSeconds: sessionSeconds,
    secure: world.settings.endpoints.authGateway.startsWith('https:'),
  })
  const answer =
    target === undefined
      ? htmlPage({ title: 'Signed in', body: '<p>You are signed in.</p>' })
      : redirect(303, target)
  return withHeaders(answer, { 'set-cookie': cookie })
}

function loginForm(
  world: World,
  options: {
    readonly path: string
    readonly returnTo: string | undefined
    readonly email?: string
    readonly problem?: string
  },
): Answer {
  const { path, returnTo, email = '', problem } = options
  const { endpoints } = world.settings
  if (returnTo !== undefined && localTarget(endpoints, returnTo) === undefined) {
    return foreignTarget()
  }
  return htmlPage({
    status: problem === undefined ? 200 : 401,
    title: 'Sign in',
    body: [
      problem === undefined ? '' : `<p role="alert">${escapeHtml(problem)}</p>`,
      `<form method="post" action="${gatewayPath(endpoints)}${path}">`,
      returnTo === undefined ? '' : hiddenField('return_to', returnTo),
      `<p><label>E-mail <input name="email" type="email" autocomplete="username" value="${escapeHtml(email)}" required></label></p>`,
      '<p><label>Password <input name="password" type="password" autocomplete="current-password" required></label></p>',
      '<button type="submit">Sign in</button>',
      '</form>',
    ].join('\n'),
  })
}

function foreignTarget(): Answer {
  return htmlPage({
    status: 400,
    title: 'Invalid request',
    body: '<p role="alert">return_to leads to another site.</p>',
  })
}

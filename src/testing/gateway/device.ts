import { sessionCookieName } from '../accounts/sessions.ts'
import { json, noStore, redirect } from '../http/answers.ts'
import { textField } from '../http/body.ts'
import { parseCookies } from '../http/cookies.ts'
import type { Answer, Call } from '../http/exchange.ts'
import { escapeHtml, hiddenField, htmlPage } from '../http/pages.ts'
import type { World } from '../world/world.ts'
import { deviceSeconds, pollSeconds } from './device-store.ts'
import { oauthError } from './errors.ts'
import { gatewayPath } from './location.ts'

/** `POST /oauth/device`: a device asks for its two codes (RFC 8628 §3.1). */
export function startDevice(world: World, call: Call): Answer {
  const clientId = textField(call.body, 'client_id')
  if (clientId === undefined) return oauthError('invalid_request', 'client_id is required')
  const { deviceCode, userCode } = world.devices.start(clientId)
  const page = `${world.settings.endpoints.authGateway}/oauth/device`
  return json(
    200,
    {
      device_code: deviceCode,
      user_code: userCode,
      verification_uri: page,
      verification_uri_complete: `${page}?code=${userCode}`,
      expires_in: deviceSeconds,
      interval: pollSeconds,
    },
    noStore,
  )
}

/** `GET /oauth/device`: the page on which a person enters the code, and decides. */
export function devicePage(world: World, call: Call): Answer {
  const base = gatewayPath(world.settings.endpoints)
  if (signedInUser(world, call) === undefined) {
    const { pathname, search } = call.request.url
    return redirect(302, `${base}/web/login?return_to=${encodeURIComponent(pathname + search)}`)
  }
  const code = call.query.get('code') ?? undefined
  const request = code === undefined ? undefined : world.devices.byUserCode(code)
  if (code === undefined) {
    return htmlPage({
      title: 'Connect a device',
      body: [
        `<form method="get" action="${base}/oauth/device">`,
        '<p><label>Code <input name="code" autocomplete="off" required></label></p>',
        '<button type="submit">Continue</button></form>',
      ].join('\n'),
    })
  }
  if (request === undefined || request.decision !== 'pending') return unknownCode()
  return htmlPage({
    title: 'Connect this device?',
    body: [
      `<p>${escapeHtml(request.clientId)} shows the code ${escapeHtml(request.userCode)}.</p>`,
      `<form method="post" action="${base}/oauth/device/decision">`,
      hiddenField('user_code', request.userCode),
      '<button type="submit" name="decision" value="allow">Allow</button>',
      '<button type="submit" name="decision" value="deny">Deny</button>',
      '</form>',
    ].join('\n'),
  })
}

/** `POST /oauth/device/decision`: the form of that page. */
export function decideDevice(world: World, call: Call): Answer {
  const userId = signedInUser(world, call)
  const request = world.devices.byUserCode(textField(call.body, 'user_code') ?? '')
  if (userId === undefined || request === undefined || request.decision !== 'pending') {
    return unknownCode()
  }
  const allowed = textField(call.body, 'decision') === 'allow'
  request.decision = allowed ? { userId } : 'denied'
  return htmlPage({
    title: allowed ? 'Device connected' : 'Device refused',
    body: '<p>You can close this page.</p>',
  })
}

function signedInUser(world: World, call: Call): string | undefined {
  const cookies = parseCookies(call.request.headers.get('cookie'))
  return world.sessions.userOf(cookies.get(sessionCookieName))
}

function unknownCode(): Answer {
  return htmlPage({
    status: 400,
    title: 'Unknown code',
    body: '<p role="alert">Invalid or expired code. Please try again.</p>',
  })
}

import { describe, expect, it, vi } from 'vitest'
import type { LoginPrompt } from '../../src/login/flow.ts'
import { deviceFlow } from '../../src/node.ts'
import { failure } from '../support/async.ts'
import { clientWith, gateway, jwtAccess, jwtRefresh } from './clients.ts'
import { useWire, type WireAnswer } from './wire.ts'

// What is asked and answered is looked at here; how long is waited, in test/oauth/device.test.ts.
vi.mock('../../src/async/pause.ts', () => ({ pause: async () => {} }))

const wire = useWire()
const scope = 'memories:read memories:write'
const codes = {
  device_code: 'a-device-code',
  user_code: 'ABCD-EFGH',
  verification_uri: `${gateway}/oauth/device`,
  verification_uri_complete: `${gateway}/oauth/device?code=ABCD-EFGH`,
  expires_in: 900,
  interval: 5,
}
const pending = {
  status: 400,
  body: { error: 'authorization_pending', error_description: 'User has not yet authorized' },
}
const tokens = {
  status: 200,
  body: {
    access_token: jwtAccess,
    refresh_token: jwtRefresh,
    token_type: 'Bearer',
    expires_in: 900,
    scope: 'lanonasis-maas',
  },
}

/** A sign-in whose polls are answered like this, one after the other. */
function signIn(polls: readonly WireAnswer[], start: WireAnswer = { status: 200, body: codes }) {
  wire.expect(
    `POST ${gateway}/oauth/device`,
    { json: { client_id: 'lanonasis-cli', scope } },
    start,
  )
  for (const poll of polls) {
    const json = {
      grant_type: 'urn:ietf:params:oauth:grant-type:device_code',
      device_code: 'a-device-code',
      client_id: 'lanonasis-cli',
    }
    wire.expect(`POST ${gateway}/oauth/token`, { json }, poll)
  }
  const prompts: LoginPrompt[] = []
  const client = clientWith({}, { login: deviceFlow() })
  const onPrompt = (prompt: LoginPrompt) => prompts.push(prompt)
  return { client, prompts, session: client.login({ onPrompt }) }
}

describe('a device at the gateway', () => {
  it('★16 ★18 gets a JWT pair; the project scope in its answer is not the scope of the session', async () => {
    const { session, prompts } = signIn([pending, tokens])
    expect(await session).toMatchObject({ status: 'signed-in', tokenKind: 'jwt', scope })
    expect(prompts[0]).toMatchObject({
      type: 'device-code',
      url: codes.verification_uri,
      urlComplete: codes.verification_uri_complete,
      userCode: 'ABCD-EFGH',
      qrCode: expect.stringContaining('▄'),
    })
    expect(JSON.stringify(prompts)).not.toContain('a-device-code')
  })

  it('★18 keeps its scope when it is renewed at the route of JWT pairs', async () => {
    const { client, session } = signIn([tokens])
    await session
    wire.expect(
      `POST ${gateway}/v1/auth/refresh`,
      { json: { refresh_token: jwtRefresh } },
      { ...tokens, body: { ...tokens.body, access_token: `${jwtAccess}2` } },
    )
    expect(await client.refresh()).toMatchObject({ tokenKind: 'jwt', scope })
  })

  it.each([
    ['slow_down of the limiter', { status: 429, body: { error: 'slow_down' } }],
    ['slow_down with the status of the RFC', { status: 400, body: { error: 'slow_down' } }],
    [
      'the other limiter',
      { status: 429, body: { error: 'x', code: 'AUTH_RATE_LIMITED', retryAfter: '15 minutes' } },
    ],
    ['a proxy', { status: 502, body: '<html>Bad gateway</html>' }],
    ['a network that wants a sign-in of its own', { status: 200, body: '<html>Welcome</html>' }],
    ['nobody', { status: 503 }],
  ] as const)('goes on after an answer of %s', async (_name, answer) => {
    expect(await signIn([answer, tokens]).session).toMatchObject({ status: 'signed-in' })
  })

  it.each([
    ['access_denied', 'access_denied'],
    ['expired_token', 'login_timeout'],
    ['invalid_grant', 'login_required'],
    ['invalid_client', 'config_invalid'],
  ])('ends at %s with %s', async (error, code) => {
    const body = { error, error_description: 'What the gateway says of it' }
    const { session, client } = signIn([pending, { status: 400, body }])
    expect(await failure(session)).toMatchObject({ name: 'AuthError', code })
    expect((await client.getSession()).status).toBe('signed-out')
  })

  it.each([
    [
      { status: 400, body: { error: 'Request body is required', code: 'INVALID_BODY' } },
      'validation_failed',
    ],
    [{ status: 404, body: 'Not found' }, 'not_found'],
    [{ status: 200, body: { ...codes, user_code: '\u001b[2J' } }, 'invalid_response'],
  ] as const)('does not begin at the answer %o', async (start, code) => {
    expect(await failure(signIn([], start).session)).toMatchObject({ name: 'AuthError', code })
  })
})

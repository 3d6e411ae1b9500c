import { describe, expect, it } from 'vitest'
import { AuthError } from '../../src/errors/auth-error.ts'
import { type DeviceTransaction, startDevice } from '../../src/oauth/device.ts'
import { pollDevice } from '../../src/oauth/device-polling.ts'
import { discoverServer } from '../../src/oauth/server.ts'
import { Secret } from '../../src/secret/secret.ts'
import { failure } from '../support/async.ts'
import { connectionError, fakeFetch, htmlPage, json } from '../support/fetches.ts'
import { contextFor, scope } from '../support/oauth.ts'
import { epoch, platformAt } from '../support/setup.ts'

const page = 'https://auth.lanonasis.com/oauth/device'
const codes = {
  device_code: 'a-device-code',
  user_code: 'ABCD-EFGH',
  verification_uri: page,
  verification_uri_complete: `${page}?code=ABCD-EFGH`,
  expires_in: 900,
  interval: 5,
}
const tokens = {
  access_token: 'a.b.c',
  refresh_token: 'd.e.f',
  expires_in: 900,
  scope: 'lanonasis-maas',
}
const pending = json(400, { error: 'authorization_pending' })

async function start(answer: Response, given: { timeoutMs?: number } = {}) {
  const { fetch, sent } = fakeFetch(() => answer)
  return { sent, transaction: await startDevice(contextFor(fetch), { scope, ...given }) }
}

describe('asking for the codes of a device', () => {
  it('sends the client and its scope as JSON, and counts their life from then', async () => {
    const { sent, transaction } = await start(json(200, codes))
    expect(sent[0]?.url).toBe('https://auth.lanonasis.com/oauth/device')
    expect(JSON.parse(sent[0]?.body ?? '')).toEqual({ client_id: 'lanonasis-cli', scope })
    expect(transaction).toMatchObject({
      userCode: 'ABCD-EFGH',
      url: page,
      urlComplete: `${page}?code=ABCD-EFGH`,
      expiresAt: epoch + 900_000,
      intervalMs: 5_000,
      scope,
    })
    expect(JSON.stringify(transaction)).not.toContain('a-device-code')
  })

  it.each([
    ['no interval', { interval: undefined }, { intervalMs: 5_000 }],
    ['an interval of nothing', { interval: 0 }, { intervalMs: 1_000 }],
    ['an interval that is no number', { interval: 'soon' }, { intervalMs: 5_000 }],
    ['an interval of hours', { interval: 9_000 }, { intervalMs: 300_000 }],
    ['a life as a text', { expires_in: '60' }, { expiresAt: epoch + 60_000 }],
    ['a life of a year', { expires_in: 31_536_000 }, { expiresAt: epoch + 1_800_000 }],
    [
      'a page with the code that is no address',
      { verification_uri_complete: 'x' },
      { urlComplete: undefined },
    ],
    [
      'a page with the code that is not encrypted',
      { verification_uri_complete: 'http://evil.example/' },
      { urlComplete: undefined },
    ],
  ])('takes an answer with %s', async (_name, changes, expected) => {
    const { transaction } = await start(json(200, { ...codes, ...changes }))
    expect(transaction).toMatchObject(expected)
  })

  it('gives up sooner when it is told to', async () => {
    const { transaction } = await start(json(200, codes), { timeoutMs: 30_000 })
    expect(transaction.expiresAt).toBe(epoch + 30_000)
  })

  it.each([
    ['a page of another scheme', { verification_uri: 'javascript:alert(1)' }],
    ['a page that is not encrypted', { verification_uri: 'http://auth.lanonasis.com/device' }],
    ['a page with a password in it', { verification_uri: 'https://a:b@auth.lanonasis.com/' }],
    ['a command for the terminal as its code', { user_code: '\x1b]0;evil\x07' }],
    ['a code of many lines', { user_code: 'AB\nCD' }],
    ['no code', { user_code: undefined }],
    ['an empty secret', { device_code: '' }],
    ['no life', { expires_in: undefined }],
  ])('refuses an answer with %s', async (_name, changes) => {
    const error = await failure(start(json(200, { ...codes, ...changes })))
    expect(error).toMatchObject({ name: 'AuthError', code: 'invalid_response' })
    expect(JSON.stringify(error)).not.toMatch(/evil|a-device-code/)
  })

  it.each([
    [json(400, { error: 'invalid_scope' }), 'insufficient_scope'],
    [json(400, { error: 'unauthorized_client' }), 'config_invalid'],
    [json(429, {}, { 'retry-after': '7' }), 'rate_limited'],
    [new Response('<html>', { status: 502 }), 'service_unavailable'],
  ])('fails with what the server says', async (answer, code) => {
    expect(await failure(start(answer))).toMatchObject({ code })
  })

  it('says that a server has no device sign-in', async () => {
    const issuer = 'https://id.example.com'
    const { fetch } = fakeFetch(() => json(200, { issuer, token_endpoint: `${issuer}/token` }))
    const transport = { fetch, timeoutMs: 1_000 }
    const config = { issuer, discover: true, tokenRequestFormat: 'form' } as const
    const server = await discoverServer(config, transport, () => epoch)
    const error = await failure(startDevice(contextFor(fetch, { server }), { scope }))
    expect(error).toMatchObject({
      code: 'config_invalid',
      message: expect.stringContaining('id.example.com'),
    })
  })
})

type Step = Response | Error | (() => Response | Promise<Response>)

/** A wait for a person, by a clock that only waiting moves; what the server says, poll by poll. */
async function poll(
  steps: readonly Step[],
  { lifeMs = 900_000, slept = {} }: { lifeMs?: number; slept?: Record<number, number> } = {},
) {
  let clock = epoch
  const at: number[] = []
  const told: string[] = []
  const left = [...steps]
  const { fetch, sent } = fakeFetch(async () => {
    at.push((clock - epoch) / 1_000)
    const step = left.shift() ?? pending.clone()
    if (step instanceof Error) throw step
    return typeof step === 'function' ? step() : step.clone()
  })
  const transaction: DeviceTransaction = {
    deviceCode: new Secret('a-device-code'),
    userCode: 'ABCD-EFGH',
    url: page,
    expiresAt: epoch + lifeMs,
    intervalMs: 5_000,
    scope,
  }
  let waits = 0
  const running = pollDevice(contextFor(fetch, { now: () => clock }), transaction, {
    wait: async (ms) => {
      waits += 1
      clock += ms + (slept[waits] ?? 0)
    },
    onWaiting: (waitingFor) => told.push(waitingFor),
  })
  const outcome = await running.catch((error: unknown) => error)
  return { outcome, at, told, sent }
}

const slowDown = json(429, { error: 'slow_down' })
const lost = connectionError('ECONNRESET')
const refused = connectionError('ECONNREFUSED')

describe('waiting for the person', () => {
  it('asks after each interval, with the code and the client, and takes the tokens', async () => {
    const { outcome, at, sent } = await poll([pending, pending, json(200, tokens)])
    expect(at).toEqual([5, 10, 15])
    expect(JSON.parse(sent[0]?.body ?? '')).toEqual({
      grant_type: 'urn:ietf:params:oauth:grant-type:device_code',
      device_code: 'a-device-code',
      client_id: 'lanonasis-cli',
    })
    expect(outcome).toMatchObject({
      kind: 'jwt',
      obtainedAt: epoch + 15_000,
      expiresAt: epoch + 915_000,
    })
  })

  it('★18 takes the scope of the answer for a project scope: what was asked for counts', async () => {
    const { outcome } = await poll([json(200, tokens)])
    expect(outcome).toMatchObject({ scope })
  })

  it('asks 5 s later for each slow_down, for good', async () => {
    const { at } = await poll([pending, slowDown, pending, slowDown, pending, json(200, tokens)])
    expect(at).toEqual([5, 10, 20, 30, 45, 60])
  })

  it('keeps to Retry-After where it is longer, that time only', async () => {
    const told = json(429, { error: 'slow_down' }, { 'retry-after': '60' })
    const { at } = await poll([told, pending, json(200, tokens)])
    expect(at).toEqual([5, 65, 75])
  })

  it.each([
    [
      'of another limiter',
      json(429, { error: 'Too many login attempts', code: 'AUTH_RATE_LIMITED' }),
    ],
    ['without a body', new Response(null, { status: 429 })],
  ])('slows down for a 429 %s', async (_name, answer) => {
    const { at } = await poll([answer, json(200, tokens)])
    expect(at).toEqual([5, 15])
  })

  it.each([
    ['a lost connection', lost],
    ['a refused connection', refused],
    ['a proxy’s page', new Response('<html>', { status: 502 })],
    ['a failing server', json(503, { error: 'x' })],
    ['a network that wants a sign-in of its own', new Response('<html>Welcome', { status: 200 })],
    ['a refusal of a proxy', new Response('<html>', { status: 403 })],
    ['a page of a proxy that finds nothing', htmlPage(404)],
  ])('goes on after %s, at twice the distance each time, and says so once', async (_name, step) => {
    const { outcome, at, told } = await poll([
      step,
      step,
      step,
      step,
      step,
      pending,
      json(200, tokens),
    ])
    expect(at).toEqual([5, 15, 35, 75, 135, 195, 200])
    expect(told).toEqual(['server', 'approval'])
    expect(outcome).toMatchObject({ kind: 'jwt' })
  })

  it('ends by the wall clock, with a last question at the very end', async () => {
    const { outcome, at } = await poll([], { lifeMs: 12_000 })
    expect(at).toEqual([5, 10, 12])
    expect(outcome).toMatchObject({ name: 'AuthError', code: 'login_timeout' })
  })

  it('takes an approval of the last moment', async () => {
    const { outcome, at } = await poll([pending, json(200, tokens)], { lifeMs: 7_000 })
    expect(at).toEqual([5, 7])
    expect(outcome).toMatchObject({ kind: 'jwt' })
  })

  it('asks at once after the machine has slept, although a long pause was not over', async () => {
    const told = json(429, { error: 'slow_down' }, { 'retry-after': '600' })
    // The second wait is the first slice of the ten minutes; the machine sleeps through it.
    const { outcome, at } = await poll([told, json(200, tokens)], { slept: { 2: 800_000 } })
    expect(at).toEqual([5, 810])
    expect(outcome).toMatchObject({ kind: 'jwt' })
  })

  it('asks once more after it has slept beyond the end, and is told', async () => {
    const { outcome, at } = await poll([pending, json(400, { error: 'expired_token' })], {
      slept: { 2: 3_600_000 },
    })
    expect(at).toEqual([5, 3_610])
    expect(outcome).toMatchObject({ code: 'login_timeout' })
  })

  it.each([403, 404])('says that a page came instead of an answer: %i', async (status) => {
    const { outcome } = await poll(Array.from({ length: 50 }, () => htmlPage(status)))
    expect(outcome).toMatchObject({
      code: 'login_timeout',
      cause: { code: 'service_unavailable' },
    })
  })

  it('says that the server could not be reached in the end', async () => {
    const { outcome } = await poll(Array.from({ length: 50 }, () => refused))
    expect(outcome).toMatchObject({
      code: 'login_timeout',
      message: expect.stringContaining('did not answer'),
    })
  })

  it.each([
    ['access_denied', 'access_denied'],
    ['expired_token', 'login_timeout'],
    ['invalid_grant', 'login_required'],
    ['invalid_client', 'config_invalid'],
    ['unsupported_grant_type', 'validation_failed'],
  ])('ends at %s with %s, without another question', async (error, code) => {
    const { outcome, at } = await poll([json(400, { error, error_description: 'x' })])
    expect(outcome).toMatchObject({ name: 'AuthError', code })
    expect(at).toHaveLength(1)
  })

  it.each(['expired_token', 'invalid_grant'])(
    'says that an answer was lost when the code is used up after a broken connection (%s)',
    async (error) => {
      const { outcome } = await poll([pending, lost, json(400, { error })])
      expect(outcome).toMatchObject({
        code: 'login_required',
        hint: expect.stringContaining('lost'),
      })
    },
  )

  it('does not say so when nothing can have been lost', async () => {
    const { outcome } = await poll([refused, json(400, { error: 'expired_token' })])
    expect(outcome).toMatchObject({ code: 'login_timeout' })
  })

  it('ends at a success without tokens', async () => {
    const { outcome, at } = await poll([json(200, { token_type: 'Bearer' })])
    expect(outcome).toMatchObject({ code: 'invalid_response' })
    expect(at).toHaveLength(1)
  })

  it('ends at once when a certificate is not trusted', async () => {
    const untrusted = connectionError('CERT_HAS_EXPIRED')
    const { outcome, at } = await poll([untrusted])
    expect(outcome).toMatchObject({ code: 'network_error', retryable: false })
    expect(at).toHaveLength(1)
  })

  it('ends when it is cancelled', async () => {
    const { fetch } = fakeFetch(() => pending)
    const transaction = await startDevice(contextFor(fakeFetch(() => json(200, codes)).fetch), {
      scope,
    })
    const wait = () => Promise.reject(new AuthError('aborted', 'Cancelled.'))
    expect(await failure(pollDevice(contextFor(fetch), transaction, { wait }))).toMatchObject({
      code: 'aborted',
    })
  })
})

describe('a device at the gateway', () => {
  async function atGateway(options = {}) {
    const platform = platformAt(options)
    const context = contextFor(platform.fetch, { now: platform.clock.now })
    const transaction = await startDevice(context, { scope })
    const wait = async (ms: number) => platform.clock.advance(ms)
    return {
      platform,
      transaction,
      run: (onWait = wait) => pollDevice(context, transaction, { wait: onWait }),
    }
  }

  it('★16 ★18 brings tokens of the JWT family, which renew at their own route', async () => {
    const { platform, transaction, run } = await atGateway()
    await platform.approveDevice(transaction.urlComplete ?? '')
    expect(await run()).toMatchObject({ kind: 'jwt', scope })
  })

  it('is declined, and ends, as the person decides', async () => {
    const { platform, transaction, run } = await atGateway()
    await platform.approveDevice(transaction.url, { userCode: transaction.userCode, decline: true })
    expect(await failure(run())).toMatchObject({ code: 'access_denied' })
    const { run: nobody } = await atGateway()
    expect(await failure(nobody())).toMatchObject({ code: 'login_timeout' })
  })

  it('keeps to its limiter: after a minute’s worth of polls it is told to slow down', async () => {
    const { platform, transaction, run } = await atGateway({
      limits: { devicePolls: { max: 2, windowMs: 60_000 } },
    })
    let approved = false
    const running = run(async (ms) => {
      platform.clock.advance(ms)
      if (approved || platform.requestsTo('POST /oauth/token').length < 4) return
      approved = true
      await platform.approveDevice(transaction.urlComplete ?? '')
    })
    expect(await running).toMatchObject({ kind: 'jwt' })
    const at = platform
      .requestsTo('POST /oauth/token')
      .map((request) => (request.at - epoch) / 1_000)
    expect(at.slice(0, 4)).toEqual([5, 10, 15, 25])
  })

  it('says that an answer was lost: the gateway calls the used code an expired one', async () => {
    const { platform, transaction, run } = await atGateway()
    await platform.approveDevice(transaction.urlComplete ?? '')
    platform.order({ match: 'POST /oauth/token', times: 1, action: 'lose-answer' })
    expect(await failure(run())).toMatchObject({ code: 'login_required' })
  })
})

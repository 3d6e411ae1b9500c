import { describe, expect, it } from 'vitest'
import { freely } from './gate.ts'
import { homeWith } from './home.ts'

/** After a request of which nobody knows whether it was acted on. */
const coolDownMs = 60_000

describe('an answer that never arrives', () => {
  it('ends in one clear session_expired after the cool-down, and in no loop', async () => {
    const home = await homeWith()
    home.gate.keep(async ({ pass, lose }) => {
      await pass()
      lose()
    })
    const [one, other] = await home.startMany(2)
    if (one === undefined || other === undefined) throw new Error('Two were started.')

    const first = await one.do('token')
    expect(first).toMatchObject({ ok: false, code: 'refresh_failed', retryable: true })
    // Everybody keeps to the cool-down, by the file.
    for (const agent of [one, other, one]) {
      expect(await agent.do('token')).toMatchObject({ code: 'refresh_failed', retryable: true })
    }
    expect(home.tokenRequests()).toEqual({ sent: 1, succeeded: 1 })
    expect((await home.auth()).tokens.refresh_token).toBe(home.tokens.refreshToken)

    home.gate.keep(freely)
    for (const agent of [one, other]) await agent.do('clock', { ms: coolDownMs })
    const after = await Promise.all([one.do('token'), other.do('token'), one.do('token')])
    for (const outcome of after) expect(outcome).toMatchObject({ code: 'session_expired' })
    expect(home.tokenRequests()).toEqual({ sent: 2, succeeded: 1 })
    const sent = home.platform
      .requestsTo('POST /oauth/token')
      .map(({ body }) => body?.refresh_token)
    expect(new Set(sent)).toEqual(new Set([home.tokens.refreshToken]))

    for (const agent of [one, other, await home.start()]) {
      await agent.do('clock', { ms: coolDownMs * 10 })
      expect(await agent.do('token')).toMatchObject({ code: 'session_expired' })
      expect(await agent.do('session')).toMatchObject({ value: { status: 'expired' } })
    }
    expect(home.tokenRequests().sent).toBe(2)
    expect(await home.auth()).toMatchObject({
      api_key: home.apiKey,
      session: { status: 'expired' },
    })
    console.log(`a lost answer: ${home.tokenRequests().sent} token requests, then session_expired`)
  })

  it('leaves a token that is valid still in use', async () => {
    // Within the minute before its end, in which it is renewed ahead of time.
    const home = await homeWith({ validForMs: 40_000 })
    home.gate.keep(async ({ pass, lose }) => {
      await pass()
      lose()
    })
    const agent = await home.start()
    expect(await agent.do('token')).toMatchObject({ ok: true, value: home.tokens.accessToken })
    expect(await agent.do('token')).toMatchObject({ ok: true, value: home.tokens.accessToken })
    expect(agent.events).toContainEqual({
      name: 'degraded',
      detail: expect.objectContaining({ code: 'network_error' }),
    })
    expect(home.gate.renewals).toBe(1)
    await agent.do('clock', { ms: coolDownMs })
    home.gate.keep(freely)
    expect(await agent.do('token')).toMatchObject({ code: 'session_expired' })
    expect(home.gate.renewals).toBe(2)
  })

  it('is followed by the same token once more, which is good if the server has not acted', async () => {
    const home = await homeWith()
    home.gate.keep(async ({ gone }) => gone)
    const agent = await home.start({ timeoutMs: 2_000 })
    expect(await agent.do('token')).toMatchObject({ code: 'refresh_failed', retryable: true })
    expect(await agent.do('token')).toMatchObject({ code: 'refresh_failed', retryable: true })
    expect(home.gate.renewals).toBe(1)
    home.gate.keep(freely)
    await agent.do('clock', { ms: coolDownMs })
    const outcome = await agent.do('token')
    expect(outcome).toMatchObject({ ok: true, value: (await home.auth()).tokens.access_token })
    expect(home.gate.renewals).toBe(2)
  })
})

import { describe, expect, it } from 'vitest'
import { until } from './agents.ts'
import { homeWith } from './home.ts'

describe('a sign-out in one process while another renews', () => {
  it.each([
    { when: 'before the gateway has acted', actsFirst: false },
    { when: 'after the gateway has acted', actsFirst: true },
  ])('$when: nothing comes back, and the late pair is revoked', async ({ actsFirst }) => {
    const home = await homeWith()
    let release = () => {}
    const released = new Promise<void>((resolve) => {
      release = resolve
    })
    let held = false
    home.gate.keep(async ({ pass, answer }) => {
      if (actsFirst) await pass()
      held = true
      await released
      if (!actsFirst) await pass()
      answer()
    })
    const [renewing, leaving, waiting] = await home.startMany(3)
    if (!renewing || !leaving || !waiting) throw new Error('Three were started.')
    // Known to it from before the sign-out.
    await waiting.do('session')

    const renewal = renewing.do('token')
    await until(() => held, { what: 'A renewal' })
    const queued = waiting.do('token')
    const loggedOut = await leaving.do('logout')
    // The sign-out waits for no renewal, and neither do those who wait for one.
    expect(loggedOut).toMatchObject({ ok: true })
    expect(await queued).toMatchObject({ code: 'login_required' })
    release()
    expect(await renewal).toMatchObject({ code: 'login_required' })

    const late = home.platform.requestsTo('POST /oauth/revoke')
    const auth = await home.auth()
    expect(auth.session).toMatchObject({ status: 'signed-out' })
    expect(auth.tokens).toBeUndefined()
    expect(auth.api_key).toBeUndefined()
    for (const agent of [renewing, leaving, waiting, await home.start()]) {
      expect(await agent.do('token')).toMatchObject({ code: 'login_required' })
      expect(await agent.do('session')).toMatchObject({ value: { status: 'signed-out' } })
    }
    expect(home.gate.renewals).toBe(1)

    const { succeeded } = home.tokenRequests()
    // Signed out first, the refresh token was dead when the gateway got to it.
    expect(succeeded).toBe(actsFirst ? 1 : 0)
    for (const { body } of late) expect(await home.isActive(body?.token)).toBe(false)
    const revoked = late.filter(({ body }) => body?.token_type_hint === 'refresh_token')
    expect(revoked.map(({ body }) => body?.token)).toHaveLength(actsFirst ? 2 : 1)
    console.log(
      `signed out ${actsFirst ? 'after' : 'before'} the gateway acted: ` +
        `${loggedOut.ms} ms, ${late.length} revocations`,
    )
  })
})

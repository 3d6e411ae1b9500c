import { describe, expect, it } from 'vitest'
import { type Agent, pause, until } from './agents.ts'
import type { Outcome, Stage } from './fixtures/protocol.ts'
import { type Home, homeWith } from './home.ts'

/** Of these locks: from when on a holder that gives no sign of life counts as stalled. */
const staleMs = 1_000

/**
 * The first process comes to a stage and stalls there, until `meanwhile` is over; then it goes on.
 * Gives what became of its call.
 */
async function stallAt(
  home: Home,
  stage: Stage,
  meanwhile: (first: Promise<Outcome>) => Promise<void>,
): Promise<Outcome> {
  let over = () => {}
  const isOver = new Promise<void>((resolve) => {
    over = resolve
  })
  let stalled = false
  const first = await home.start({
    staleMs,
    stages: [stage],
    onStage: async (_stage, agent) => {
      if (stalled) return
      await agent.stall()
      stalled = true
      await isOver
    },
  })
  const outcome = first.do('token')
  await until(() => stalled, { what: `Stalling at ${stage}` })
  try {
    await meanwhile(outcome)
  } finally {
    first.resume()
    over()
  }
  return outcome
}

/** Everybody has the same session, which the server knows, and nobody asks for it again. */
async function expectGoodSession(home: Home, agents: readonly Agent[]): Promise<void> {
  const sent = home.gate.renewals
  const { access_token } = (await home.auth()).tokens
  for (const agent of [...agents, await home.start({ staleMs })]) {
    expect(await agent.do('token')).toMatchObject({ ok: true, value: access_token })
  }
  expect(await home.isActive(access_token)).toBe(true)
  expect(home.gate.renewals).toBe(sent)
}

describe('a holder that stalls for longer than the stale age and then goes on', () => {
  it.each(['keep-family', 'kill-family'] as const)(
    'sends nothing once another has taken over (%s)',
    async (rotation) => {
      const home = await homeWith({ rotation })
      const other = await home.start({ staleMs })
      const resumed = await stallAt(home, 'intended', async () => {
        const taken = await other.do('token')
        expect(taken).toMatchObject({ ok: true })
        console.log(`taken over from a stalled holder after ${taken.ms} ms (stale age ${staleMs})`)
      })
      expect(home.tokenRequests()).toEqual({ sent: 1, succeeded: 1 })
      expect(resumed).toMatchObject({ ok: true, value: (await home.auth()).tokens.access_token })
      await expectGoodSession(home, [other])
    },
  )

  it('adopts the pair of the one who took over when its own token is refused', async () => {
    const home = await homeWith()
    const other = await home.start({ staleMs })
    const resumed = await stallAt(home, 'send', async () => {
      expect(await other.do('token')).toMatchObject({ ok: true })
    })
    expect(resumed).toMatchObject({ ok: true, value: (await home.auth()).tokens.access_token })
    expect(home.tokenRequests()).toEqual({ sent: 2, succeeded: 1 })
    await expectGoodSession(home, [other])
  })

  it('writes its pair in the place of what the one who took over had given up on', async () => {
    const home = await homeWith()
    const others = await home.startMany(2, { staleMs })
    const resumed = await stallAt(home, 'answered', async () => {
      for (const outcome of await Promise.all(others.map((other) => other.do('token')))) {
        expect(outcome).toMatchObject({ code: 'session_expired' })
      }
      expect((await home.auth()).session).toMatchObject({ status: 'expired' })
    })
    expect(resumed).toMatchObject({ ok: true, value: (await home.auth()).tokens.access_token })
    expect(home.tokenRequests()).toEqual({ sent: 2, succeeded: 1 })
    await expectGoodSession(home, others)
  })

  it('is waited for by the one who took over, whose token it had used up', async () => {
    const home = await homeWith()
    const other = await home.start({ staleMs })
    let taken: Promise<Outcome> | undefined
    const resumed = await stallAt(home, 'answered', async () => {
      taken = other.do('token')
      await until(() => home.tokenRequests().sent === 2, { what: 'Taking over' })
      await pause(500)
    })
    const { access_token } = (await home.auth()).tokens
    expect(resumed).toMatchObject({ ok: true, value: access_token })
    expect(await taken).toMatchObject({ ok: true, value: access_token })
    expect(home.tokenRequests()).toEqual({ sent: 2, succeeded: 1 })
    await expectGoodSession(home, [other])
  })

  it.each([
    { stage: 'answered', what: 'before it has written' },
    // Right before the rename that would put its pair in the place of the other one.
    { stage: 'rename', what: 'while it writes' },
  ] as const)('gives way to a new sign-in $what, and gives its pair back', async ({ stage }) => {
    const home = await homeWith()
    const other = await home.start({ staleMs, onOpen: (url) => home.visit(url) })
    const resumed = await stallAt(home, stage, async () => {
      expect(await other.do('login')).toMatchObject({ ok: true })
    })
    expect(resumed).toMatchObject({ ok: true, value: (await home.auth()).tokens.access_token })
    expect(home.platform.requestsTo('POST /oauth/revoke').length).toBeGreaterThan(0)
    await expectGoodSession(home, [other])
  })

  it('takes the answer that came while it stood still, although its time limit has passed', async () => {
    const home = await homeWith()
    const timeoutMs = 3_000
    const agent = await home.start({ timeoutMs })
    home.gate.keep(async ({ pass, answer }) => {
      await pass()
      await agent.stall()
      answer()
      await pause(timeoutMs + 2_000)
      agent.resume()
    })
    const outcome = await agent.do('token')
    expect(outcome).toMatchObject({ ok: true, value: (await home.auth()).tokens.access_token })
    expect(home.tokenRequests()).toEqual({ sent: 1, succeeded: 1 })
  })
})

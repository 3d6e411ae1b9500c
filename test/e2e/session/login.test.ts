import { describe, expect, it } from 'vitest'
import { until } from './agents.ts'
import type { Outcome } from './fixtures/protocol.ts'
import { homeWith } from './home.ts'

const isSignedIn = (outcome: Outcome) =>
  outcome.ok && (outcome.value as { status: string }).status === 'signed-in'

describe('a sign-in asked for by several processes of one home', () => {
  it('opens one browser; the others wait, say so, and take over its result', async () => {
    const home = await homeWith({ signedIn: false })
    const agents = await home.startMany(4)
    const logins = agents.map((agent) => agent.do('login'))
    const opened = () => agents.flatMap((agent) => agent.opened)
    const waiting = () => agents.filter(({ prompts }) => prompts.includes('another-sign-in'))
    await until(() => opened().length > 0 && waiting().length === 3, { what: 'Waiting' })
    await home.visit(opened()[0] ?? '')
    const outcomes = await Promise.all(logins)

    expect(outcomes.filter(isSignedIn)).toHaveLength(4)
    expect(opened()).toHaveLength(1)
    expect(waiting()).toHaveLength(3)
    expect(waiting().flatMap((agent) => agent.opened)).toEqual([])
    expect(home.tokenRequests()).toEqual({ sent: 1, succeeded: 1 })
    const { access_token } = (await home.auth()).tokens
    for (const agent of agents) {
      expect(await agent.do('token')).toMatchObject({ ok: true, value: access_token })
    }
    const times = outcomes.map(({ ms }) => ms)
    console.log(
      `4 sign-ins at once: 1 browser, done after ${Math.min(...times)}…${Math.max(...times)} ms`,
    )
  })

  it('goes on in another process when the first one is killed', async () => {
    const home = await homeWith({ signedIn: false })
    const agents = await home.startMany(3)
    const logins = agents.map((agent) => agent.do('login'))
    const opener = () => agents.find(({ isAlive, opened }) => isAlive && opened.length > 0)
    await until(() => opener() !== undefined, { what: 'Opening a browser' })
    await opener()?.kill()
    const killedAt = performance.now()
    await until(() => opener() !== undefined, { what: 'Taking over' })
    const seconds = (performance.now() - killedAt) / 1_000
    await home.visit(opener()?.opened[0] ?? '')
    const outcomes = await Promise.all(logins)

    expect(outcomes.filter(isSignedIn)).toHaveLength(2)
    expect(outcomes.filter((outcome) => !outcome.ok)).toMatchObject([{ code: 'killed' }])
    expect(agents.flatMap((agent) => agent.opened)).toHaveLength(2)
    expect(home.tokenRequests()).toEqual({ sent: 1, succeeded: 1 })
    console.log(`the process that signs in is killed: another took over in ${seconds.toFixed(2)} s`)
  })

  it('is not joined by one that asks for another scope', async () => {
    const home = await homeWith({ signedIn: false })
    const narrow = await home.start()
    const wide = await home.start({ onOpen: (url) => home.visit(url) })
    const first = narrow.do('login', { scope: 'memories:read' })
    await until(() => narrow.opened.length === 1, { what: 'Opening a browser' })
    const second = wide.do('login', { scope: 'memories:read memories:write' })
    await until(() => wide.prompts.includes('another-sign-in'), { what: 'Waiting' })
    await home.visit(narrow.opened[0] ?? '')

    expect(await first).toMatchObject({ value: { scope: 'memories:read' } })
    expect(await second).toMatchObject({ value: { scope: 'memories:read memories:write' } })
    expect(wide.opened).toHaveLength(1)
    expect((await home.auth()).tokens.scope).toBe('memories:read memories:write')
  })

  it('is nothing that a request in the background would ever begin', async () => {
    const home = await homeWith({ signedIn: false, withApiKey: false })
    const [person, background] = await home.startMany(2)
    if (!person || !background) throw new Error('Two were started.')
    expect(await background.do('token')).toMatchObject({ code: 'login_required' })
    const login = person.do('login')
    await until(() => person.opened.length === 1, { what: 'Opening a browser' })
    expect(await background.do('token')).toMatchObject({ code: 'login_required' })
    expect(await background.do('work', { rounds: 1 })).toMatchObject({
      value: [expect.stringContaining('login_required')],
    })
    await home.visit(person.opened[0] ?? '')
    await login
    expect(await background.do('token')).toMatchObject({ ok: true })
    expect(background.opened).toEqual([])
    expect(background.prompts).toEqual([])
  })

  it('does not hold up a renewal', async () => {
    const home = await homeWith()
    const [person, background] = await home.startMany(2)
    if (!person || !background) throw new Error('Two were started.')
    const login = person.do('login')
    await until(() => person.opened.length === 1, { what: 'Opening a browser' })
    expect(await background.do('token')).toMatchObject({ ok: true })
    await home.visit(person.opened[0] ?? '')
    expect(await login).toMatchObject({ value: { status: 'signed-in' } })
  })
})

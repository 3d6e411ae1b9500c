import { describe, expect, it, type TestContext } from 'vitest'
import { type PlaceKind, placeKinds } from './disks.ts'
import { freely } from './gate.ts'
import { type Home, homeWith } from './home.ts'

/** What cannot be tried here is reported by name, and not passed over. */
function requirePossible({ obstacle }: PlaceKind, { skip }: TestContext): void {
  if (obstacle !== undefined) skip(obstacle)
}

/** The gateway has acted, and then nothing can be written any more; only then the answer arrives. */
function blockBeforeAnswer(home: Home, block: () => Promise<void>): void {
  home.gate.keep(async ({ pass, answer }) => {
    await pass()
    await block()
    answer()
  })
}

describe.each(placeKinds)('$name', (kind) => {
  it('at the intent: with an ended token nothing is sent, and nothing is lost', async (context) => {
    requirePossible(kind, context)
    const place = await kind.make()
    const home = await homeWith({ directory: place.directory })
    const agent = await home.start()
    await place.block(home.path)
    expect(await agent.do('token')).toMatchObject({ ok: false, code: 'store_unavailable' })
    expect(await agent.do('session')).toMatchObject({ value: { status: 'signed-in' } })
    expect(home.gate.renewals).toBe(0)
    await place.unblock(home.path)
    const outcome = await agent.do('token')
    expect(outcome).toMatchObject({ ok: true, value: (await home.auth()).tokens.access_token })
    expect(home.tokenRequests()).toEqual({ sent: 1, succeeded: 1 })
  })

  it('at the intent: a token that is valid still is served, and nothing is sent', async (context) => {
    requirePossible(kind, context)
    const place = await kind.make()
    const home = await homeWith({ directory: place.directory, validForMs: 40_000 })
    const agent = await home.start()
    await place.block(home.path)
    expect(await agent.do('token')).toMatchObject({ ok: true, value: home.tokens.accessToken })
    expect(await agent.do('session')).toMatchObject({
      value: { status: 'signed-in', degraded: { code: 'store_unavailable' } },
    })
    expect(home.gate.renewals).toBe(0)
    await place.unblock(home.path)
    const outcome = await agent.do('token')
    expect(outcome).toMatchObject({ ok: true, value: (await home.auth()).tokens.access_token })
    expect(home.tokenRequests()).toEqual({ sent: 1, succeeded: 1 })
  })

  it('at the commit, for a moment: the new pair is written all the same before it is served', async (context) => {
    requirePossible(kind, context)
    const place = await kind.make()
    const home = await homeWith({ directory: place.directory })
    const agent = await home.start()
    blockBeforeAnswer(home, async () => {
      await place.block(home.path)
      setTimeout(() => place.unblock(home.path), 300)
    })
    const outcome = await agent.do('token')
    expect(outcome).toMatchObject({ ok: true, value: (await home.auth()).tokens.access_token })
    expect(agent.events.filter(({ name }) => name === 'store')).toEqual([])
    expect(home.tokenRequests()).toEqual({ sent: 1, succeeded: 1 })
  })

  it('at the commit: the new pair is served from memory, and written when that is possible', {
    timeout: 60_000,
  }, async (context) => {
    requirePossible(kind, context)
    const place = await kind.make()
    const home = await homeWith({ directory: place.directory })
    const [agent, other] = await home.startMany(2)
    if (agent === undefined || other === undefined) throw new Error('Two were started.')
    blockBeforeAnswer(home, () => place.block(home.path))

    const served = await agent.do('token')
    expect(served).toMatchObject({ ok: true })
    const token = served.ok ? served.value : undefined
    expect(await home.isActive(token)).toBe(true)
    expect(agent.events).toContainEqual({
      name: 'store',
      detail: { code: 'store_unavailable', operation: 'write' },
    })
    expect(await agent.do('token')).toMatchObject({ ok: true, value: token })
    // The file is as it was; who knows nothing of the new pair does not send the dead token.
    expect((await home.auth()).tokens.refresh_token).toBe(home.tokens.refreshToken)
    expect(await other.do('token')).toMatchObject({ ok: false, code: 'store_unavailable' })
    expect(home.tokenRequests()).toEqual({ sent: 1, succeeded: 1 })

    await place.unblock(home.path)
    expect(await agent.do('token')).toMatchObject({ ok: true, value: token })
    expect((await home.auth()).tokens.access_token).toBe(token)
    const [adopted, fresh] = await Promise.all([
      other.do('token'),
      home.start().then((late) => late.do('token')),
    ])
    expect([adopted, fresh]).toMatchObject([{ value: token }, { value: token }])
    expect(home.tokenRequests()).toEqual({ sent: 1, succeeded: 1 })
    console.log(
      `${kind.name} at the commit: served from memory after ${served.ms} ms, ` +
        `another process had it ${adopted.ms} ms after there was room again`,
    )
  })

  it('at the commit: leaves no lock behind that would hold up the next renewal', {
    timeout: 60_000,
  }, async (context) => {
    requirePossible(kind, context)
    const place = await kind.make()
    const home = await homeWith({ directory: place.directory })
    const agent = await home.start()
    blockBeforeAnswer(home, () => place.block(home.path))
    expect(await agent.do('token')).toMatchObject({ ok: true })
    await place.unblock(home.path)
    home.gate.keep(freely)
    await agent.do('token')
    const next = await agent.do('refresh')
    expect(next).toMatchObject({ ok: true })
    expect(next.ms).toBeLessThan(5_000)
    expect(home.tokenRequests()).toEqual({ sent: 2, succeeded: 2 })
  })
})

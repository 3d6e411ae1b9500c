import { describe, expect, it } from 'vitest'
import { type Agent, pause, until } from './agents.ts'
import { type Home, homeWith } from './home.ts'

const lifeMs = 3_000
/** A renewal is due a tenth of the life before its end, or a little later. */
const marginMs = lifeMs / 10

/** A home whose tokens live for three seconds, and programs that stay up. */
async function startLongLived(count: number): Promise<{ home: Home; agents: Agent[] }> {
  const home = await homeWith({ accessTokenTtlMs: lifeMs, validForMs: lifeMs })
  return { home, agents: await home.startMany(count, { autoRefresh: true }) }
}

/** When the renewals came in, counted from a moment. */
function renewalsSince(home: Home, startedAt: number): readonly number[] {
  return home.platform.requestsTo('POST /oauth/token').map(({ at }) => at - startedAt)
}

describe('programs that renew their session without being asked', () => {
  it('send one request for each life of the token, before its end, over three processes', async () => {
    const lives = 4
    const { home, agents } = await startLongLived(3)
    await until(() => home.tokenRequests().succeeded >= lives, { timeoutMs: lives * lifeMs * 1.5 })
    // The others have had the time to see it, and to ask as well.
    await pause(lifeMs / 2)
    const requests = home.platform.requestsTo('POST /oauth/token')
    const gaps = requests.slice(1).map(({ at }, index) => at - (requests[index]?.at ?? 0))
    console.log(
      `autoRefresh, 3 processes, a life of ${lifeMs} ms: ${requests.length} requests in ${lives} lives, ` +
        `${gaps.join(', ')} ms apart`,
    )
    expect(home.tokenRequests()).toEqual({ sent: lives, succeeded: lives })
    // Each ahead of the end of the token it replaces, and not much sooner than it was due.
    for (const gap of gaps) {
      expect(gap).toBeGreaterThan(lifeMs - marginMs - 100)
      expect(gap).toBeLessThan(lifeMs)
    }
    const { access_token } = (await home.auth()).tokens
    for (const agent of agents) {
      const outcome = await agent.do('token')
      expect(outcome).toMatchObject({ ok: true, value: access_token })
    }
    expect(home.tokenRequests().sent).toBe(lives)
  }, 40_000)

  it('are up to date soon after they have slept for longer than a life', async () => {
    const { home, agents } = await startLongLived(3)
    await until(() => home.tokenRequests().succeeded === 1, { what: 'The first renewal' })
    await Promise.all(agents.map((agent) => agent.stall()))
    await pause(lifeMs * 1.5)
    expect(home.tokenRequests().sent).toBe(1)
    const wokenAt = home.platform.clock.now()
    for (const agent of agents) agent.resume()
    await until(() => home.tokenRequests().succeeded === 2, { what: 'A renewal after the sleep' })
    const [, after] = renewalsSince(home, wokenAt)
    console.log(`autoRefresh after a sleep of ${lifeMs * 1.5} ms: renewed within ${after} ms`)
    expect(after).toBeLessThan(1_000)
    await pause(500)
    expect(home.tokenRequests().sent).toBe(2)
    const { access_token } = (await home.auth()).tokens
    for (const agent of agents) {
      expect(await agent.do('token')).toMatchObject({ ok: true, value: access_token })
    }
  }, 40_000)
})

import { describe, expect, it } from 'vitest'
import { type Agent, pause, until } from './agents.ts'
import { type Home, homeWith } from './home.ts'

const lifeMs = 6_000
/** A renewal is due a tenth of the life before its end, or a little later. */
const marginMs = lifeMs / 10
/** By how much a timer may be early. */
const timerMs = 2

/** A home whose tokens live for six seconds, and programs that stay up. */
async function startLongLived(
  validForMs: number,
): Promise<{ readonly home: Home; readonly agents: readonly Agent[] }> {
  const home = await homeWith({ accessTokenTtlMs: lifeMs, lifeMs, validForMs })
  return { home, agents: await home.startMany(3, { autoRefresh: true }) }
}

/** When the tokens end that these processes have obtained. */
function endsOfLives(agents: readonly Agent[]): readonly number[] {
  return agents
    .flatMap(({ events }) => events)
    .filter(({ name }) => name === 'refresh')
    .map(({ detail }) => (detail as { expiresAt: number }).expiresAt)
    .toSorted((a, b) => a - b)
}

/** When the renewals came in, counted from a moment. */
function renewalsSince(home: Home, startedAt: number): readonly number[] {
  return home.platform.requestsTo('POST /oauth/token').map(({ at }) => at - startedAt)
}

describe('programs that renew their session without being asked', () => {
  it('send one request for each life of the token, before its end, over three processes', async () => {
    const lives = 3
    // The first one lasts until all of them run.
    const { home, agents } = await startLongLived(lifeMs * 1.5)
    const firstEnd = Date.parse((await home.auth()).tokens.expires_at)
    await until(() => home.tokenRequests().succeeded >= lives, { timeoutMs: lives * lifeMs * 1.5 })
    // The others have had the time to see it, and to ask as well.
    await pause(lifeMs / 2)
    const ends = [firstEnd, ...endsOfLives(agents)]
    const arrivals = home.platform.requestsTo('POST /oauth/token').map(({ at }) => at)
    const ahead = arrivals.map((at, life) => (ends[life] ?? 0) - at)
    console.log(
      `autoRefresh, 3 processes, a life of ${lifeMs} ms: ${arrivals.length} requests in ${lives} lives, ` +
        `${ahead.map(Math.round).join(', ')} ms before the end of each`,
    )
    expect(home.tokenRequests()).toEqual({ sent: lives, succeeded: lives })
    expect(Math.max(...ahead)).toBeLessThanOrEqual(marginMs + timerMs)
    // A machine that is busy with other things may be late once.
    expect(ahead.toSorted((a, b) => a - b).at(1)).toBeGreaterThan(0)
    expect(Math.min(...ahead)).toBeGreaterThan(-lifeMs / 2)
    const { access_token } = (await home.auth()).tokens
    for (const agent of agents) {
      const outcome = await agent.do('token')
      expect(outcome).toMatchObject({ ok: true, value: access_token })
    }
    expect(home.tokenRequests().sent).toBe(lives)
  }, 60_000)

  it('are up to date soon after they have slept for longer than a life', async () => {
    const { home, agents } = await startLongLived(-lifeMs)
    await until(() => home.tokenRequests().succeeded === 1, { what: 'The first renewal' })
    await Promise.all(agents.map((agent) => agent.stall()))
    await pause(lifeMs * 1.5)
    expect(home.tokenRequests().sent).toBe(1)
    const wokenAt = home.platform.clock.now()
    for (const agent of agents) agent.resume()
    await until(() => home.tokenRequests().succeeded === 2, { what: 'A renewal after the sleep' })
    const [, after] = renewalsSince(home, wokenAt)
    console.log(`autoRefresh after a sleep of ${lifeMs * 1.5} ms: renewed within ${after} ms`)
    // At once, on a machine that has nothing else to do; a timer that had stood still would need most of a life.
    expect(after).toBeLessThan(lifeMs / 2)
    await pause(500)
    expect(home.tokenRequests().sent).toBe(2)
    const { access_token } = (await home.auth()).tokens
    for (const agent of agents) {
      expect(await agent.do('token')).toMatchObject({ ok: true, value: access_token })
    }
  }, 60_000)
})

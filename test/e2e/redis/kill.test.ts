import { beforeEach, describe, expect, it } from 'vitest'
import { printTable } from '../../tools/table.mjs'
import type { Agent } from '../session/agents.ts'
import type { Outcome, Stage } from '../session/fixtures/protocol.ts'
import { accessTokenOf, type Hosts, hostsOn } from './hosts.ts'
import { type RedisServer, requireRedis, startRedis } from './redis-server.ts'

/** When the process that holds the lease is killed, and what the others are to find. */
interface Moment {
  readonly name: string
  readonly at: Stage | 'sent' | 'acted'
  /** `window`: the server has acted and nothing has reached Redis, which no client can close. */
  readonly leaves: 'session' | 'window'
}

const moments: readonly Moment[] = [
  { name: 'has the lease', at: 'locked', leaves: 'session' },
  { name: 'wrote its intent, has sent nothing', at: 'send', leaves: 'session' },
  { name: 'sent the request, the server has not got it', at: 'sent', leaves: 'session' },
  { name: 'the server acted and holds the answer', at: 'acted', leaves: 'window' },
  { name: 'has the answer, has written nothing', at: 'commit', leaves: 'window' },
  { name: 'committed, holds the lease still', at: 'committed', leaves: 'session' },
]

const processes = 4
/**
 * Nobody can see from another host that a process has died: its lease has to end. Longer than a process gets
 * no turn on a busy machine: else one that lives would be taken for dead, and a second request sent.
 */
const leaseMs = 10_000

beforeEach(requireRedis)

/** Starts the processes so that the first one that comes to the moment is killed there. */
async function startDoomed(hosts: Hosts, { at }: Moment): Promise<readonly Agent[]> {
  let isFirst = true
  const killFirst = async (agent: Agent | undefined) => {
    if (!isFirst) return
    isFirst = false
    await agent?.kill()
  }
  if (at !== 'sent' && at !== 'acted') {
    return hosts.startMany(processes, {
      staleMs: leaseMs,
      stages: [at],
      onStage: (_stage, agent) => killFirst(agent),
    })
  }
  const agents = await hosts.startMany(processes, { staleMs: leaseMs })
  hosts.gate.keep(async ({ pid, pass, answer, lose }) => {
    const lost = isFirst
    if (!lost || at === 'acted') await pass()
    await killFirst(agents.find((agent) => agent.pid === pid))
    if (lost) lose()
    else answer()
  })
  return agents
}

async function play(server: RedisServer, moment: Moment) {
  const hosts = await hostsOn(server)
  const agents = await startDoomed(hosts, moment)
  const startedAt = performance.now()
  const settled = await Promise.all(agents.map((agent) => agent.do('token')))
  const seconds = (performance.now() - startedAt) / 1_000
  const survivors = agents.filter(({ isAlive }) => isAlive)
  const fresh = await hosts.start({ staleMs: leaseMs })
  const outcomes = settled.filter((outcome) => outcome.ok || outcome.code !== 'killed')
  outcomes.push(await fresh.do('token'))
  // Nothing of this is to go round in circles.
  const again = await Promise.all([...survivors, fresh].map((agent) => agent.do('token')))
  await Promise.all([...survivors, fresh].map((agent) => agent.kill()))
  const account = await hosts.account()
  const accessToken = accessTokenOf(account)
  const isActive = accessToken !== undefined && (await hosts.isActive(accessToken))
  const requests = hosts.tokenRequests()
  const killed = agents.length - survivors.length
  return { hosts, moment, outcomes, again, requests, killed, account, isActive, seconds }
}

type Round = Awaited<ReturnType<typeof play>>

/** What is wrong with a round; nothing, usually. */
function complaints({ moment, outcomes, again, requests, account, ...round }: Round) {
  const all: readonly Outcome[] = [...outcomes, ...again]
  const said = all.map((outcome) => (outcome.ok ? 'token' : outcome.code))
  const found: string[] = []
  const claim = (holds: boolean, what: string) => {
    if (!holds) found.push(`${moment.name}: ${what}`)
  }
  claim(round.killed === 1, `${round.killed} processes were killed`)
  claim(outcomes.length === processes && again.length === processes, 'somebody did not answer')
  claim(account?.apiKey?.value === round.hosts.apiKey, 'the API key is gone')
  if (moment.leaves === 'session') {
    const tokens = all.map((outcome) => (outcome.ok ? outcome.value : undefined))
    claim(new Set([...tokens, accessTokenOf(account)]).size === 1, `they got ${said}`)
    claim(round.isActive, 'the server does not know the token in Redis')
    claim(requests.sent === 1 && requests.succeeded === 1, `${requests.sent} token requests`)
  } else {
    claim(new Set(said).size === 1 && said[0] === 'session_expired', `they got ${said}`)
    claim(account?.session.status === 'expired', 'Redis does not say that it has ended')
    claim(requests.sent === 2 && requests.succeeded === 1, `${requests.sent} token requests`)
  }
  return found
}

describe('the process that holds the lease is killed', () => {
  it('and no session is lost but where the server acted and nothing reached Redis', {
    timeout: 120_000,
  }, async () => {
    const server = await startRedis()
    const rounds = await Promise.all(moments.map((moment) => play(server, moment)))
    const rows = rounds.map((round) => [
      round.moment.name,
      complaints(round).length > 0 ? 'wrong' : round.moment.leaves,
      String(round.requests.sent),
      round.seconds.toFixed(1),
    ])
    printTable(['the holder', 'left', 'requests', 's'], rows)
    expect(rounds.flatMap(complaints)).toEqual([])
  })

  it('at any moment: either its pair is in Redis, or the window was open', {
    timeout: 120_000,
  }, async () => {
    const server = await startRedis()
    const rounds = await Promise.all(
      Array.from({ length: 6 }, async (_, round) => {
        const hosts = await hostsOn(server)
        const agents = await hosts.startMany(3, { staleMs: leaseMs })
        let doomed: Agent | undefined
        let acted = false
        hosts.gate.keep(async ({ pid, pass, answer }) => {
          const first = doomed === undefined
          doomed ??= agents.find((agent) => agent.pid === pid)
          await pass()
          if (first) acted = true
          answer()
          // Somewhere between the answer on its way and a while after the commit.
          if (first) setTimeout(() => doomed?.kill(), round ** 2 * 8)
        })
        const outcomes = await Promise.all(agents.map((agent) => agent.do('token')))
        await doomed?.kill()
        const fresh = await (await hosts.start({ staleMs: leaseMs })).do('token')
        const codes = [...outcomes, fresh].map((outcome) => (outcome.ok ? 'token' : outcome.code))
        const stored = accessTokenOf(await hosts.account())
        const kept = stored !== undefined && (await hosts.isActive(stored))
        const { sent } = hosts.tokenRequests()
        return { acted, codes: codes.filter((code) => code !== 'killed'), kept, sent }
      }),
    )
    console.log(rounds.map(({ kept, sent }) => `${kept ? 'kept' : 'window'} (${sent})`).join(', '))
    for (const { acted, codes, kept, sent } of rounds) {
      expect(acted).toBe(true)
      // The one that was killed may have had its answer before.
      const said = new Set(kept ? codes : codes.filter((code) => code !== 'token'))
      expect([...said]).toEqual([kept ? 'token' : 'session_expired'])
      expect(sent).toBe(kept ? 1 : 2)
    }
  })
})

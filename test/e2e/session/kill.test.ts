import { readdir } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import { describe, expect, it } from 'vitest'
import { printTable } from '../../tools/table.mjs'
import type { Agent } from './agents.ts'
import type { Outcome, Stage } from './fixtures/protocol.ts'
import { type Home, homeWith } from './home.ts'

type Rotation = 'keep-family' | 'kill-family'

/** When the process that holds the lock is killed, and what the others are to find. */
interface Moment {
  readonly name: string
  readonly at: Stage | 'sent' | 'acted'
  /** `window`: the server has acted and nothing has reached the disk, which no client can close. */
  readonly leaves: 'session' | 'window'
  /** Rounds with a server that keeps the family on a replay, and with one that kills it. */
  readonly rounds: Readonly<Record<Rotation, number>>
}

const moments: readonly Moment[] = [
  {
    name: 'has the lock',
    at: 'locked',
    leaves: 'session',
    rounds: { 'keep-family': 4, 'kill-family': 0 },
  },
  {
    name: 'wrote its intent, has sent nothing',
    at: 'send',
    leaves: 'session',
    rounds: { 'keep-family': 5, 'kill-family': 1 },
  },
  {
    name: 'sent the request, the server has not got it',
    at: 'sent',
    leaves: 'session',
    rounds: { 'keep-family': 6, 'kill-family': 1 },
  },
  {
    name: 'the server acted and holds the answer',
    at: 'acted',
    leaves: 'window',
    rounds: { 'keep-family': 7, 'kill-family': 1 },
  },
  {
    name: 'has the answer, has written nothing',
    at: 'commit',
    leaves: 'window',
    rounds: { 'keep-family': 5, 'kill-family': 1 },
  },
  {
    name: 'wrote a temporary file, not yet renamed',
    at: 'rename',
    leaves: 'window',
    rounds: { 'keep-family': 5, 'kill-family': 1 },
  },
  {
    name: 'renamed the file, has told nobody',
    at: 'renamed',
    leaves: 'session',
    rounds: { 'keep-family': 5, 'kill-family': 1 },
  },
  {
    name: 'committed, holds the lock still',
    at: 'committed',
    leaves: 'session',
    rounds: { 'keep-family': 6, 'kill-family': 1 },
  },
]

const processes = 4
/** At the same time: most of a round is waiting. */
const lanes = 5

interface Round {
  readonly moment: Moment
  readonly rotation: Rotation
  /** What the survivors and a fresh process got. */
  readonly outcomes: readonly Outcome[]
  readonly again: readonly Outcome[]
  readonly requests: { readonly sent: number; readonly succeeded: number }
  readonly killed: number
  // biome-ignore lint/suspicious/noExplicitAny: the file, as a reader sees it
  readonly auth: any
  readonly apiKey: string
  readonly isActive: boolean
  /** What lies beside the config file at the end, but for the locks: the next one who needs them tidies up. */
  readonly leftOver: readonly string[]
  readonly seconds: number
}

/** Starts the processes so that the first one that comes to the moment is killed there. */
async function startDoomed(home: Home, { at }: Moment): Promise<readonly Agent[]> {
  let isFirst = true
  const killFirst = async (agent: Agent | undefined) => {
    if (!isFirst) return
    isFirst = false
    await agent?.kill()
  }
  if (at !== 'sent' && at !== 'acted') {
    return home.startMany(processes, {
      stages: [at],
      onStage: (_stage, agent) => killFirst(agent),
    })
  }
  const agents = await home.startMany(processes)
  home.gate.keep(async ({ pid, pass, answer, lose }) => {
    const lost = isFirst
    if (!lost || at === 'acted') await pass()
    await killFirst(agents.find((agent) => agent.pid === pid))
    if (lost) lose()
    else answer()
  })
  return agents
}

async function play(moment: Moment, rotation: Rotation): Promise<Round> {
  const home = await homeWith({ rotation })
  const agents = await startDoomed(home, moment)
  const startedAt = performance.now()
  const settled = await Promise.all(agents.map((agent) => agent.do('token')))
  const seconds = (performance.now() - startedAt) / 1_000
  const survivors = agents.filter(({ isAlive }) => isAlive)
  const fresh = await home.start()
  const outcomes = settled.filter((outcome) => outcome.ok || outcome.code !== 'killed')
  outcomes.push(await fresh.do('token'))
  // Nothing of this is to go round in circles.
  const again = await Promise.all([...survivors, fresh].map((agent) => agent.do('token')))
  const auth = await home.auth()
  await Promise.all([...survivors, fresh].map((agent) => agent.kill()))
  return {
    moment,
    rotation,
    outcomes,
    again,
    requests: home.tokenRequests(),
    killed: agents.length - survivors.length,
    auth,
    apiKey: home.apiKey,
    leftOver: (await readdir(dirname(home.path))).filter(
      (name) => !['', '.locks'].includes(name.replace(basename(home.path), '')),
    ),
    isActive: auth.tokens !== undefined && (await home.isActive(auth.tokens.access_token)),
    seconds,
  }
}

/** What is wrong with a round; nothing, usually. */
function complaints({ moment, outcomes, again, requests, ...round }: Round): readonly string[] {
  const all = [...outcomes, ...again]
  const said = all.map((outcome) => (outcome.ok ? 'token' : outcome.code))
  const found: string[] = []
  const claim = (holds: boolean, what: string) => {
    if (!holds) found.push(`${moment.name} (${round.rotation}): ${what}`)
  }
  claim(round.killed === 1, `${round.killed} processes were killed`)
  claim(outcomes.length === processes && again.length === processes, 'somebody did not answer')
  claim(round.leftOver.length === 0, `there are ${round.leftOver}`)
  claim(round.auth.api_key === round.apiKey, 'the API key is gone')
  if (moment.leaves === 'session') {
    const tokens = all.map((outcome) => (outcome.ok ? outcome.value : undefined))
    const isTheFiles = tokens.every((token) => token === round.auth.tokens?.access_token)
    claim(isTheFiles, `they got ${said}`)
    claim(round.isActive, 'the server does not know the token in the file')
    claim(requests.sent === 1 && requests.succeeded === 1, `${requests.sent} token requests`)
  } else {
    claim(
      said.every((one) => one === 'session_expired'),
      `they got ${said}`,
    )
    claim(round.auth.session?.status === 'expired', 'the file does not say that it has ended')
    claim(requests.sent === 2 && requests.succeeded === 1, `${requests.sent} token requests`)
  }
  return found
}

describe('the process that holds the lock is killed', () => {
  it('in 50 rounds, and no session is lost but where the server acted and nothing reached the disk', {
    timeout: 180_000,
  }, async () => {
    const plan = moments.flatMap((moment) =>
      (['keep-family', 'kill-family'] as const).flatMap((rotation) =>
        Array.from({ length: moment.rounds[rotation] }, () => ({ moment, rotation })),
      ),
    )
    expect(plan).toHaveLength(50)
    const inWindow = plan.filter(({ moment }) => moment.leaves === 'window')
    expect(inWindow.length).toBeGreaterThanOrEqual(15)

    const rounds: Round[] = []
    const waiting = [...plan]
    const startedAt = performance.now()
    await Promise.all(
      Array.from({ length: lanes }, async () => {
        for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
          rounds.push(await play(next.moment, next.rotation))
        }
      }),
    )
    const seconds = (performance.now() - startedAt) / 1_000
    report(rounds, seconds)
    expect(rounds.flatMap(complaints)).toEqual([])
  })
})

function report(rounds: readonly Round[], seconds: number): void {
  const rows = moments.flatMap((moment) =>
    (['keep-family', 'kill-family'] as const).flatMap((rotation) => {
      const these = rounds.filter((round) => round.moment === moment && round.rotation === rotation)
      if (these.length === 0) return []
      const good = these.filter((round) => complaints(round).length === 0)
      const kept = good.filter(() => moment.leaves === 'session')
      const requests = new Set(these.map((round) => round.requests.sent))
      const times = these.map((round) => round.seconds)
      return [
        [
          `${moment.name}${rotation === 'kill-family' ? ' (a replay kills the family)' : ''}`,
          String(these.length),
          String(kept.length),
          String(good.length - kept.length),
          String(these.length - good.length),
          [...requests].join(','),
          Math.max(...times).toFixed(1),
        ],
      ]
    }),
  )
  console.log(`${rounds.length} rounds of ${processes} processes in ${seconds.toFixed(1)} s`)
  printTable(
    ['the holder', 'rounds', 'kept', 'expired: window', 'wrong', 'requests', 'longest, s'],
    rows,
  )
}

import { readdir } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import type { Agent } from './agents.ts'
import type { Outcome, Stage } from './fixtures/protocol.ts'
import { type Home, type HomeOptions, homeWith } from './home.ts'

export type Rotation = 'keep-family' | 'kill-family'

/** When the process that holds the lock is killed, and what the others are to find. */
export interface Moment {
  readonly name: string
  readonly at: Stage | 'sent' | 'acted'
  /** `window`: the server has acted and nothing has reached the disk, which no client can close. */
  readonly leaves: 'session' | 'window'
}

export const processes = 4

export interface Round {
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

/** One round: processes that all need a new token, and one of them is killed. */
export async function play(
  { moment, rotation }: { readonly moment: Moment; readonly rotation: Rotation },
  options: HomeOptions = {},
): Promise<Round> {
  const home = await homeWith({ ...options, rotation })
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
      (name) => !isExpected(name.replace(basename(home.path), '')),
    ),
    isActive: auth.tokens !== undefined && (await home.isActive(auth.tokens.access_token)),
    seconds,
  }
}

/** What is wrong with a round; nothing, usually. */
export function complaints({
  moment,
  outcomes,
  again,
  requests,
  ...round
}: Round): readonly string[] {
  const all = [...outcomes, ...again]
  const said = all.map((outcome) => (outcome.ok ? 'token' : outcome.code))
  const words = all.flatMap((outcome) => (outcome.ok ? [] : `${outcome.code}: ${outcome.message}`))
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
    claim(isTheFiles, `they got ${said} (${[...new Set(words)]})`)
    claim(round.isActive, 'the server does not know the token in the file')
    claim(requests.sent === 1 && requests.succeeded === 1, `${requests.sent} token requests`)
  } else {
    claim(
      said.every((one) => one === 'session_expired'),
      `they got ${said} (${[...new Set(words)]})`,
    )
    claim(round.auth.session?.status === 'expired', 'the file does not say that it has ended')
    claim(requests.sent === 2 && requests.succeeded === 1, `${requests.sent} token requests`)
  }
  return found
}

/** The config file, an index of a keychain, and their locks. */
function isExpected(name: string): boolean {
  return ['', '.locks', '.maas.keychain', '.maas.keychain.locks'].includes(name)
}

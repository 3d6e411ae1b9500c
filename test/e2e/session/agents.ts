import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { onTestFinished } from 'vitest'
import { bundle } from '../../support/bundle.ts'
import type {
  AgentOptions,
  CommandName,
  Commands,
  FromAgent,
  Outcome,
  Stage,
  ToAgent,
} from './fixtures/protocol.ts'

/** A process of its own with a client in it, that does what it is told. */
export interface Agent {
  readonly pid: number
  /** What the process was made to do comes to an end in any case: it may be `killed`. */
  do<Name extends CommandName>(name: Name, argument?: Commands[Name]): Promise<Outcome>
  /** The events of its client. */
  readonly events: readonly { readonly name: string; readonly detail: unknown }[]
  readonly prompts: readonly string[]
  /** The addresses that its browser would have been opened on. */
  readonly opened: readonly string[]
  readonly isAlive: boolean
  /** Stops it from running at all, and lets it go on. */
  stall(): Promise<void>
  resume(): void
  /** `kill -9`. */
  kill(): Promise<void>
}

/** How a process is made, and what the test does when it stops at a stage or opens a browser. */
export interface NewAgent extends AgentOptions {
  /** Variables of the process, such as those of a desktop. */
  readonly variables?: Readonly<Record<string, string>>
  /** Called at each of `stages`; the process waits for it. */
  readonly onStage?: (stage: Stage, agent: Agent) => Promise<void> | void
  readonly onOpen?: (url: string, agent: Agent) => Promise<void> | void
}

const gone: Outcome = { ok: false, code: 'killed', message: 'The process is gone.', ms: 0 }

const running = new Set<ChildProcess>()
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

/** Starts a process that is killed at the end of the test, if not before. */
export async function startAgent({
  onStage,
  onOpen,
  variables,
  ...options
}: NewAgent): Promise<Agent> {
  const kind = options.redis === undefined ? 'session' : 'redis'
  const child = fork(await bundle(`test/e2e/${kind}/fixtures/agent.ts`), {
    execArgv: [],
    env: {
      PATH: process.env.PATH,
      HOME: '/nonexistent',
      ...variables,
      AGENT_OPTIONS: JSON.stringify(options),
    },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  running.add(child)
  const exited = once(child, 'exit').then(() => void running.delete(child))
  const send = (message: ToAgent) => {
    // Who is being killed may be gone already.
    if (child.connected) child.send(message, () => {})
  }
  const pending = new Map<number, (outcome: Outcome) => void>()
  const events: { name: string; detail: unknown }[] = []
  const prompts: string[] = []
  const opened: string[] = []
  let commands = 0
  let isReady = () => {}
  const ready = new Promise<void>((resolve) => {
    isReady = resolve
  })

  const agent: Agent = {
    pid: child.pid ?? 0,
    events,
    prompts,
    opened,
    get isAlive() {
      return running.has(child)
    },
    async do(name, argument) {
      if (!running.has(child)) return gone
      commands += 1
      const id = commands
      const outcome = new Promise<Outcome>((resolve) => pending.set(id, resolve))
      send({ type: 'command', id, name, argument: argument ?? {} } as ToAgent)
      return outcome
    },
    async stall() {
      child.kill('SIGSTOP')
      await until(async () => (await stateOf(child.pid)) === 'T')
    },
    resume: () => void child.kill('SIGCONT'),
    async kill() {
      child.kill('SIGKILL')
      await exited
    },
  }
  exited.then(() => {
    isReady()
    for (const settle of pending.values()) {
      settle(gone)
    }
  })
  child.on('message', async (message: FromAgent) => {
    switch (message.type) {
      case 'ready':
        return isReady()
      case 'result':
        pending.get(message.id)?.(message.outcome)
        pending.delete(message.id)
        return
      case 'event':
        return void events.push({ name: message.name, detail: message.detail })
      case 'prompt':
        return void prompts.push(message.prompt)
      case 'open':
        opened.push(message.url)
        return onOpen?.(message.url, agent)
      case 'stage':
        await onStage?.(message.stage, agent)
        send({ type: 'go', id: message.id })
    }
  })
  onTestFinished(() => agent.kill())
  await ready
  return agent
}

/** Waits for what another process brings about. */
export async function until(
  isSo: () => boolean | Promise<boolean>,
  { timeoutMs = 20_000, what = 'Something' } = {},
): Promise<void> {
  const end = performance.now() + timeoutMs
  while (!(await isSo())) {
    if (performance.now() > end) throw new Error(`${what} did not happen in ${timeoutMs} ms.`)
    await pause(10)
  }
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

/** `R`, `S`, `T` (stopped), `Z` (ended): proc_pid_stat(5). */
async function stateOf(pid: number | undefined): Promise<string | undefined> {
  const text = await readFile(`/proc/${pid}/stat`, 'latin1').catch(() => '')
  return text.slice(text.lastIndexOf(')') + 2)[0]
}

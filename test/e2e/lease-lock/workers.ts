import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { onTestFinished } from 'vitest'
import { bundle } from '../../support/bundle.ts'

/** A process of its own that does one of the tasks of `fixtures/worker.ts`. */
export interface Worker {
  /** What it has sent, in order. */
  readonly messages: readonly unknown[]
  /** How it ended: 0 when it has done its task. */
  readonly ended: Promise<number | NodeJS.Signals | null>
  /** The next thing it sends. */
  next(): Promise<unknown>
  /** Lets one go on that waits to be told. */
  goOn(): void
  signal(signal: NodeJS.Signals): void
}

/** Starts a process that is gone after the test. */
export async function startWorker(task: string, ...args: (string | number)[]): Promise<Worker> {
  const program = await bundle('test/e2e/lease-lock/fixtures/worker.ts')
  const child = fork(program, [task, ...args.map(String)], { execArgv: [] })
  onTestFinished(() => void child.kill('SIGKILL'))
  const messages: unknown[] = []
  child.on('message', (message) => messages.push(message))
  return {
    messages,
    ended: endOf(child),
    next: async () => (await once(child, 'message'))[0],
    goOn: () => void child.send('go on'),
    signal: (signal) => void child.kill(signal),
  }
}

async function endOf(child: ChildProcess): Promise<number | NodeJS.Signals | null> {
  const [code, signal] = await once(child, 'exit')
  return signal ?? code
}

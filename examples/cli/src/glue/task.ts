import type { LanonasisClient } from '@lanonasis/auth-client'
import type { NodeClientOptions } from '@lanonasis/auth-client/node'
import type { Command } from 'commander'
import { interruption } from './interruption.js'
import { note, print, printJson } from './output.js'

/** The options of every command. */
export interface GlobalOptions {
  readonly json?: boolean
  readonly profile: string
  readonly environment?: 'production' | 'staging'
  readonly legacyApi?: boolean
}

/** What a command works with. */
export interface Task {
  readonly options: GlobalOptions
  /** Ctrl-C. */
  readonly signal: AbortSignal
  /** A client as the options want it; closed when the command has ended. The library is loaded here. */
  client(options?: NodeClientOptions): Promise<LanonasisClient>
  /** The result: as JSON with `--json`, else as this text; of nothing, not even a line. */
  result(value: unknown, text: string): Promise<void>
}

/** An action of commander that does `work`. */
export function does<Options extends object>(
  work: (task: Task, options: Options, args: readonly string[]) => Promise<void>,
) {
  return async function (this: Command): Promise<void> {
    const options = this.optsWithGlobals<GlobalOptions>()
    const clients: LanonasisClient[] = []
    const task: Task = {
      options,
      signal: interruption.signal,
      async client(more = {}) {
        const client = await openClient(options, more)
        clients.push(client)
        return client
      },
      async result(value, text) {
        if (options.json) await printJson(value)
        else if (text !== '') await print(text)
      },
    }
    try {
      await work(task, this.opts<Options>(), this.args)
    } finally {
      for (const client of clients) await client.close()
    }
    // It was done in spite of Ctrl-C: the shell is told all the same.
    if (interruption.exitCode !== undefined) process.exitCode = interruption.exitCode
  }
}

async function openClient(
  { profile, environment, legacyApi }: GlobalOptions,
  more: NodeClientOptions,
): Promise<LanonasisClient> {
  const { createClient } = await import('@lanonasis/auth-client/node')
  const client = createClient({ profile, environment, legacyApi, ...more })
  client.on('degraded', ({ code }) =>
    note(`The session could not be renewed now (${code}); what is still good is used.`),
  )
  return client
}

/** A client that knows the API key that is stored, whatever the variable says, which outranks it. */
export function withoutKeyVariable(task: Task): Promise<LanonasisClient> {
  return task.client({ env: { ...process.env, LANONASIS_API_KEY: undefined } })
}

/** A client for the services, where the person may still have a token of the time before OAuth. */
export async function connect(task: Task): Promise<LanonasisClient> {
  const client = await task.client()
  const { status, legacy } = await client.getSession()
  if (legacy && status !== 'signed-in') {
    note('You have a token of the time before OAuth. Sign in once: lanonasis auth login')
  }
  return client
}

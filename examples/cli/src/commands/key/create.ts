import { hostname } from 'node:os'
import type { LanonasisClient, NewApiKey } from '@lanonasis/auth-client'
import type { Command } from 'commander'
import { UsageError } from '../../glue/failure.js'
import { add, count } from '../../glue/numbers.js'
import { connect, does, type Task } from '../../glue/task.js'
import { waitFor } from '../../glue/wait.js'
import { printNewKey, withNewKey } from './shown-once.js'

interface Options {
  readonly print?: boolean
  readonly accessLevel?: string
  readonly expiresInDays?: number
  readonly description?: string
  readonly scope?: readonly string[]
}

export function create(key: Command): void {
  key
    .command('create')
    .argument('[name]', 'unique among your keys; default: lanonasis-cli on this machine')
    .description('make an API key for this program and store it, or one for another program')
    .option('--print', 'for another program: print the key, this once, and store it nowhere')
    .option('--access-level <level>', 'such as authenticated, team or admin')
    .option('--expires-in-days <number>', 'its life', count)
    .option('--description <text>', 'what it is for')
    .option('--scope <scope>', 'what it may do; may be repeated', add)
    .action(
      does<Options>(async (task, { print, scope, ...options }, [name]) => {
        if (print && name === undefined)
          throw new UsageError('Name the key that is for another program.')
        const wanted: NewApiKey = {
          ...options,
          ...(scope && { scopes: scope }),
          name: name ?? `lanonasis-cli on ${hostname()}`,
        }
        await (print ? createToPrint(task, wanted) : createToUse(task, await connect(task), wanted))
      }),
    )
}

async function createToUse(task: Task, client: LanonasisClient, wanted: NewApiKey): Promise<void> {
  const work = withNewKey(() => client.apiKeys.ensure(wanted))
  const key = await waitFor('Creating the key', work)
  const what = key.created ? 'was created and is stored' : 'is there already and stays in use'
  await task.result(key, `API key ${key.publicId}… ${what}.`)
}

async function createToPrint(task: Task, wanted: NewApiKey): Promise<void> {
  await printNewKey(task, 'Creating the key', async (handOver) => {
    const { apiKeys } = await connect(task)
    await apiKeys.create(wanted, { handOver })
  })
}

import type { Command } from 'commander'
import { connect, does } from '../../glue/task.js'
import { waitFor } from '../../glue/wait.js'
import { toJson, toText } from './fields.js'

export function get(memory: Command): void {
  memory
    .command('get')
    .argument('<id>')
    .description('read a memory')
    .action(
      does(async (task, _options, [id = '']) => {
        const client = await connect(task)
        const { signal } = task
        const found = await waitFor('Reading the memory', client.memory.get(id, { signal }))
        await task.result(toJson(found), await toText(found))
      }),
    )
}

import type { Command } from 'commander'
import { table } from '../../glue/table.js'
import { connect, does } from '../../glue/task.js'
import { waitFor } from '../../glue/wait.js'

export function stats(memory: Command): void {
  memory
    .command('stats')
    .description('count memories')
    .action(
      does(async (task) => {
        const client = await connect(task)
        const { signal } = task
        const { total, byType } = await waitFor('Counting', client.memory.stats({ signal }))
        const rows = Object.entries(byType).map(([type, number]) => [type, String(number)])
        const text = await table(['TYPE', 'MEMORIES'], [...rows, ['all', String(total)]])
        await task.result({ total, byType }, text)
      }),
    )
}

import type { Command } from 'commander'
import { confirm, requireId } from '../../glue/ask.js'
import { connect, does } from '../../glue/task.js'
import { waitFor } from '../../glue/wait.js'

interface Options {
  readonly yes?: boolean
}

export function remove(memory: Command): void {
  memory
    .command('delete')
    .argument('<id>')
    .description('delete a memory for good')
    .option('--yes', 'do not ask')
    .action(
      does<Options>(async (task, { yes }, [id = '']) => {
        await requireId(id)
        if (!(await confirm(`Delete the memory ${id} for good?`, yes))) {
          return task.result({ id, deleted: false }, `The memory ${id} is as it was.`)
        }
        const client = await connect(task)
        const { signal } = task
        await waitFor('Deleting the memory', client.memory.delete(id, { signal }))
        await task.result({ id, deleted: true }, `The memory ${id} is deleted.`)
      }),
    )
}

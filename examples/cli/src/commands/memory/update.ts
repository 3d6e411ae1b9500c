import type { Command } from 'commander'
import { readInput } from '../../glue/ask.js'
import { UsageError } from '../../glue/failure.js'
import { connect, does } from '../../glue/task.js'
import { waitFor } from '../../glue/wait.js'
import { type Fields, toJson, toMemory, toText, withFields } from './fields.js'

export function update(memory: Command): void {
  withFields(memory.command('update').argument('<id>').option('--title <text>', 'the title'))
    .description('change what is named, and leave the rest')
    .action(
      does<Fields>(async (task, fields, [id = '']) => {
        const content = fields.content === '-' ? { content: await readInput() } : undefined
        const changes = { ...toMemory(fields), ...content }
        if (Object.keys(changes).length === 0) throw new UsageError('Name what is to change.')
        const client = await connect(task)
        const { signal } = task
        const work = client.memory.update(id, changes, { signal })
        const changed = await waitFor('Changing the memory', work)
        await task.result(toJson(changed), await toText(changed))
      }),
    )
}

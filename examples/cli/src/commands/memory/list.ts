import type { Command } from 'commander'
import { note, print, printJson } from '../../glue/output.js'
import { table } from '../../glue/table.js'
import { connect, does } from '../../glue/task.js'
import { waitFor } from '../../glue/wait.js'
import { columns, type Filter, toFilter, toJson, toRow, withFilter } from './fields.js'

interface Options extends Filter {
  readonly all?: boolean
}

export function list(memory: Command): void {
  withFilter(memory.command('list'))
    .description('list memories')
    .option('--all', 'all of them, one a line as they come (with --json: one object a line)')
    .action(
      does<Options>(async (task, { all, ...filter }) => {
        const client = await connect(task)
        const { signal } = task
        const found = client.memory.list({ ...toFilter(filter), signal })
        if (all) {
          const { oneLine } = await import('@lanonasis/auth-client')
          for await (const one of found) {
            if (task.options.json) await printJson(toJson(one))
            else await print(toRow(one).map(oneLine).join('\t'))
          }
          return
        }
        const page = await waitFor('Reading memories', found)
        const { items, total, hasMore, offset } = page
        if (items.length > 0 || task.options.json) {
          const text = await table(columns, items.map(toRow))
          await task.result({ ...page, items: items.map(toJson) }, text)
        } else note('There are none.')
        if (hasMore) note(`${offset + items.length} of ${total ?? 'more'}: --all lists all.`)
      }),
    )
}

import type { Command } from 'commander'
import { share } from '../../glue/numbers.js'
import { note } from '../../glue/output.js'
import { table } from '../../glue/table.js'
import { connect, does } from '../../glue/task.js'
import { waitFor } from '../../glue/wait.js'
import { columns, type Filter, toFilter, toJson, toRow, withFilter } from './fields.js'

interface Options extends Filter {
  readonly threshold?: number
}

export function search(memory: Command): void {
  withFilter(memory.command('search'))
    .argument('<query>')
    .description('search memories by meaning')
    .option('--threshold <number>', 'the least likeness, from 0 to 1', share)
    .action(
      does<Options>(async (task, { threshold, ...filter }, [query = '']) => {
        const client = await connect(task)
        const { signal } = task
        const wanted = { query, ...toFilter(filter), ...(threshold !== undefined && { threshold }) }
        const found = client.memory.search({ ...wanted, signal })
        const page = await waitFor('Searching', found)
        const { items } = page
        if (items.length === 0 && !task.options.json) return note('Nothing was found.')
        const rows = items.map((one) => [...toRow(one), one.score?.toFixed(2) ?? ''])
        const text = await table([...columns, 'SCORE'], rows)
        await task.result({ ...page, items: items.map(toJson) }, text)
      }),
    )
}

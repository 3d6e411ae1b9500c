import type { Command } from 'commander'
import { readInput } from '../../glue/ask.js'
import { UsageError } from '../../glue/failure.js'
import { connect, does } from '../../glue/task.js'
import { waitFor } from '../../glue/wait.js'
import { type Fields, toJson, toMemory, withFields } from './fields.js'

export function create(memory: Command): void {
  withFields(memory.command('create').requiredOption('--title <text>', 'the title'))
    .description('write a memory; its content may come from standard input')
    .action(
      does<Fields & { readonly title: string }>(async (task, { content, ...fields }) => {
        const text = await contentOf(content)
        const client = await connect(task)
        const { signal } = task
        const wanted = { ...toMemory(fields), title: fields.title, content: text }
        const work = client.memory.create(wanted, { signal })
        const created = await waitFor('Writing the memory', work)
        await task.result(toJson(created), created.id)
      }),
    )
}

async function contentOf(option: string | undefined): Promise<string> {
  if (option !== undefined && option !== '-') return option
  if (option === undefined && process.stdin.isTTY) {
    throw new UsageError('Give the content with --content, or by standard input.')
  }
  return readInput()
}

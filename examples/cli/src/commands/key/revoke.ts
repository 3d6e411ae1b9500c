import type { Command } from 'commander'
import { confirm, requireId } from '../../glue/ask.js'
import { connect, does } from '../../glue/task.js'
import { waitFor } from '../../glue/wait.js'

interface Options {
  readonly yes?: boolean
}

export function revoke(key: Command): void {
  key
    .command('revoke')
    .argument('<id>')
    .description('make a key useless for good')
    .option('--yes', 'do not ask')
    .action(
      does<Options>(async (task, { yes }, [id = '']) => {
        await requireId(id)
        if (!(await confirm(`Revoke the key ${id} for good?`, yes))) {
          return task.result({ id, revoked: false }, `The key ${id} is as it was.`)
        }
        const client = await connect(task)
        const { signal } = task
        await waitFor('Revoking the key', client.apiKeys.revoke(id, { signal }))
        await task.result({ id, revoked: true }, `The key ${id} is revoked.`)
      }),
    )
}

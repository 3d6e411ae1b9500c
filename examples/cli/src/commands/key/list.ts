import type { Command } from 'commander'
import { table } from '../../glue/table.js'
import { connect, does } from '../../glue/task.js'
import { waitFor } from '../../glue/wait.js'

export function list(key: Command): void {
  key
    .command('list')
    .description('list your API keys; the one in use here is marked')
    .action(
      does(async (task) => {
        const client = await connect(task)
        const { signal } = task
        const records = await waitFor('Reading the keys', client.apiKeys.list({ signal }))
        const { apiKey } = await client.getSession()
        const keys = records.map((record) => ({ ...record, inUse: record.id === apiKey?.id }))
        const rows = keys.map(({ id, name, active, inUse, accessLevel, expiresAt }) => [
          id,
          name,
          active ? (inUse ? 'in use' : 'active') : 'revoked',
          accessLevel ?? '',
          expiresAt?.toISOString().slice(0, 10) ?? '',
        ])
        const text = await table(['ID', 'NAME', 'STATE', 'LEVEL', 'UNTIL'], rows)
        await task.result(keys, rows.length === 0 && process.stdout.isTTY ? 'No keys.' : text)
      }),
    )
}

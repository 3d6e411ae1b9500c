import type { Command } from 'commander'
import { UsageError } from '../../glue/failure.js'
import { connect, does } from '../../glue/task.js'
import { waitFor } from '../../glue/wait.js'
import { printOnce } from './shown-once.js'

interface Options {
  readonly print?: boolean
}

export function rotate(key: Command): void {
  key
    .command('rotate')
    .argument('[id]', 'default: the key in use here')
    .description('replace a key: the one in use without a gap, another one at once')
    .option('--print', 'another key than the one in use: print the new one, this once')
    .action(
      does<Options>(async (task, { print }, [id]) => {
        const client = await connect(task)
        const { apiKey } = await client.getSession()
        const { signal } = task
        const own = id === undefined || id === apiKey?.id
        if (!own && !print) {
          throw new UsageError(
            'The new key has to go somewhere, and the old one dies: add --print.',
          )
        }
        const work = own ? client.apiKeys.rotate({ signal }) : client.apiKeys.rotate(id, { signal })
        const key = await waitFor('Rotating the key', work)
        if ('key' in key) return printOnce(task, key)
        await task.result(key, `API key ${key.publicId}… is in use; the old one is revoked.`)
      }),
    )
}

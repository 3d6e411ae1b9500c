import type { EnsuredApiKey, LanonasisClient, ReplacedApiKey } from '@lanonasis/auth-client'
import type { Command } from 'commander'
import { exitCodeOf } from '../../glue/exit-codes.js'
import { UsageError } from '../../glue/failure.js'
import { note } from '../../glue/output.js'
import { connect, does, type Task } from '../../glue/task.js'
import { waitFor } from '../../glue/wait.js'
import { printNewKey, withNewKey } from './shown-once.js'

interface Options {
  readonly print?: boolean
}

export function rotate(key: Command): void {
  key
    .command('rotate')
    .argument('[id]', 'default: the key in use here')
    .description(
      'replace a key by a new one with another id; the old one dies when the new one is there',
    )
    .option('--print', 'another key than the one in use: print the new one, this once')
    .action(
      does<Options>(async (task, { print }, [id]) => {
        const client = await connect(task)
        const { apiKey } = await client.getSession()
        const inUse = id === undefined || id === apiKey?.id
        if (inUse && print) {
          throw new UsageError('The key in use is stored, and not printed: leave out --print.')
        }
        if (inUse) await rotateInUse(task, client)
        else if (print) await rotateToPrint(task, client, id)
        else {
          throw new UsageError(
            'The new key has to go somewhere, and the old one dies: add --print.',
          )
        }
      }),
    )
}

async function rotateInUse(task: Task, { apiKeys }: LanonasisClient): Promise<void> {
  const key = await waitFor(
    'Rotating the key',
    withNewKey(() => apiKeys.rotate()),
  )
  sayIfAlive(key.replaced)
  await task.result(key, `API key ${key.publicId}… ${whatHappened(key)}.`)
}

function whatHappened({ created, replaced }: EnsuredApiKey): string {
  if (!created) return 'is in use: another program has stored it meanwhile, and no key was revoked'
  return replaced?.revoked ? 'is in use; the old one is revoked' : 'is in use'
}

/** The old key lives until the new one has been printed. */
async function rotateToPrint(task: Task, { apiKeys }: LanonasisClient, id: string): Promise<void> {
  try {
    const { replaced } = await printNewKey(task, 'Rotating the key', (handOver) =>
      apiKeys.rotate(id, { handOver }),
    )
    sayIfAlive(replaced)
  } catch (error) {
    note('The old key is as it was.')
    throw error
  }
}

/** Who rotates a key because it leaked has to know. The result is out: it is told by a note and the exit code. */
function sayIfAlive(replaced: ReplacedApiKey | undefined): void {
  const { id, revoked, error } = replaced ?? {}
  if (revoked !== false) return
  const why = error === undefined ? '' : ` (${error.code})`
  note(`The old key was not revoked${why} and may still work: lanonasis key revoke ${id}`)
  process.exitCode = error === undefined ? 1 : exitCodeOf(error.code)
}

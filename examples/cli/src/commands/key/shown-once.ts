import { fstatSync, statSync } from 'node:fs'
import { devNull } from 'node:os'
import type { CreatedApiKey } from '@lanonasis/auth-client'
import { UsageError } from '../../glue/failure.js'
import { interruption } from '../../glue/interruption.js'
import { note, OutputFailed } from '../../glue/output.js'
import type { Task } from '../../glue/task.js'
import { stopWaiting, waitFor } from '../../glue/wait.js'

/** Takes a new key to standard output, and tells whether it got there. */
type Print = (created: CreatedApiKey) => Promise<void>

/**
 * Makes a key that is printed, this once, to who asked for it with `--print`. It is the only place where a
 * key is printed; where nobody reads, the library takes the key back.
 */
export async function printNewKey<T>(
  task: Task,
  title: string,
  work: (print: Print) => Promise<T>,
): Promise<T> {
  refuseNowhere()
  const print: Print = async (created) => {
    const { key, id, name, publicId, expiresAt } = created
    stopWaiting()
    await task.result({ id, name, publicId, key, expiresAt }, key)
    note(`This is the full key (its id is ${id}). It is not shown again and is stored nowhere.`)
  }
  try {
    return await waitFor(
      title,
      withNewKey(() => work(print)),
    )
  } catch (error) {
    if (error instanceof OutputFailed) note('Nobody has got the new key, so it was revoked.')
    throw error
  }
}

/** A key comes once: Ctrl-C waits until it is where it belongs. */
export function withNewKey<T>(work: () => Promise<T>): Promise<T> {
  return interruption.finish(
    {
      wait: 'A new key is on its way: waiting for it, because it comes only once.',
      lost: 'There may be a key now that nobody has: look at lanonasis key list.',
    },
    work,
  )
}

/** In the null device a key is lost without an error. Node.js opens it in the place of an output that is closed. */
function refuseNowhere(): void {
  if (isNowhere()) {
    throw new UsageError('The key would get lost: standard output is closed, or the null device.')
  }
}

function isNowhere(): boolean {
  try {
    const output = fstatSync(1)
    return output.isCharacterDevice() && output.rdev === statSync(devNull).rdev
  } catch {
    // Where that cannot be told, the writing shows it.
    return false
  }
}

import type { CreatedApiKey } from '@lanonasis/auth-client'
import { note } from '../../glue/output.js'
import type { Task } from '../../glue/task.js'

/** The only place where a key is printed: who asked for it with `--print` gets it, this once. */
export async function printOnce(task: Task, created: CreatedApiKey): Promise<void> {
  const { key, id, name, publicId, expiresAt } = created
  await task.result({ id, name, publicId, key, expiresAt }, key)
  note('This is the full key. It is not shown again and is stored nowhere.')
}

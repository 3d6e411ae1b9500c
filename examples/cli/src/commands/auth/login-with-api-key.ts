import { askForSecret } from '../../glue/ask.js'
import type { Task } from '../../glue/task.js'
import { waitFor } from '../../glue/wait.js'

/** Stores a key that a person copied from the dashboard: for machines where nobody signs in. */
export async function loginWithApiKey(
  task: Task,
  { check }: { readonly check: boolean },
): Promise<void> {
  const key = await askForSecret('API key (it is not shown)')
  const { signal } = task
  if (check) {
    // By a client that has it for itself: a key that is refused is never stored.
    const trying = await task.client({ apiKey: key })
    await waitFor('Trying the key', trying.memory.list({ limit: 1, signal }))
  }
  signal.throwIfAborted()
  const client = await task.client()
  await client.setApiKey(key)
  const { apiKey } = await client.getSession()
  const { profile } = task.options
  await task.result(
    { apiKey, profile, checked: check },
    `API key ${apiKey?.publicId}… is stored (profile ${profile})${check ? '' : ', untried'}.`,
  )
}

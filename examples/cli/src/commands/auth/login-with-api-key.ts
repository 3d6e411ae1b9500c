import type { LanonasisClient } from '@lanonasis/auth-client'
import { askForSecret, confirm } from '../../glue/ask.js'
import { note } from '../../glue/output.js'
import { type Task, withoutKeyVariable } from '../../glue/task.js'
import { lines } from '../../glue/text.js'
import { waitFor } from '../../glue/wait.js'

interface Options {
  readonly check: boolean
  readonly yes?: boolean
}

/** Stores a key that a person copied from the dashboard: for machines where nobody signs in. */
export async function loginWithApiKey(task: Task, { check, yes }: Options): Promise<void> {
  const client = await withoutKeyVariable(task)
  const { profile } = task.options
  const unchanged = () =>
    task.result({ stored: false, profile }, 'Nothing was stored, and nothing sent.')
  if (!(await agreesToPlaces(task, client, yes))) return unchanged()
  const key = await askForSecret('API key (it is not shown)')
  const { signal } = task
  if (!(await agreesToReplace(client, key, yes))) return unchanged()
  if (check) {
    // By a client that has it for itself: a key that is refused is never stored.
    const trying = await task.client({ apiKey: key })
    await waitFor('Trying the key', trying.memory.list({ limit: 1, signal }))
  }
  signal.throwIfAborted()
  await client.setApiKey(key)
  const { apiKey } = await client.getSession()
  if (process.env.LANONASIS_API_KEY) {
    note('LANONASIS_API_KEY outranks it: as long as it is set, that key is used instead.')
  }
  await task.result(
    { apiKey, profile, checked: check },
    `API key ${apiKey?.publicId}… is stored (profile ${profile})${check ? '' : ', untried'}.`,
  )
}

/** Says where the key will go. An address that a file names is not the person's own word: they are asked. */
async function agreesToPlaces(
  task: Task,
  { endpoints }: LanonasisClient,
  yes: boolean | undefined,
): Promise<boolean> {
  const without = await task.client({ services: {} })
  const ownWord = new Map(Object.entries(without.endpoints))
  const named = Object.entries(endpoints).filter(([name, address]) => ownWord.get(name) !== address)
  note(
    await lines(`The key is for ${task.options.legacyApi ? endpoints.restApi : endpoints.mcpHttp}`),
  )
  if (named.length === 0) return true
  const list = named.map(([service, address]) => `${service} ${address}`).join(', ')
  note(await lines(`The config file says where the services are: ${list}`))
  return confirm('May the API key go to these addresses?', yes)
}

/** The service shows a key once: one that is forgotten here is gone, although it stays alive. */
async function agreesToReplace(
  client: LanonasisClient,
  key: string,
  yes: boolean | undefined,
): Promise<boolean> {
  const { apiKey: stored } = await client.getSession()
  const { inspectApiKey } = await import('@lanonasis/auth-client')
  const found = inspectApiKey(key)
  // What is no key is refused in a moment.
  if (stored === undefined || !found.ok) return true
  // Of other kinds the public part is only the beginning.
  if (found.kind === 'pk' && found.publicId === stored.publicId) return true
  const name = stored.name === undefined ? '' : ` (“${stored.name}”)`
  note(
    await lines(
      `There is the API key ${stored.publicId}…${name} here. It stays alive at the service.`,
    ),
  )
  return confirm('Forget it here, and store the other one?', yes)
}

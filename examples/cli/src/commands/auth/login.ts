import type { LoginFlow } from '@lanonasis/auth-client'
import { type Command, Option } from 'commander'
import { addPort } from '../../glue/numbers.js'
import { note } from '../../glue/output.js'
import { does, type Task } from '../../glue/task.js'
import { moment } from '../../glue/text.js'
import { waitFor } from '../../glue/wait.js'
import { withNewKey } from '../key/shown-once.js'
import { loginWithApiKey } from './login-with-api-key.js'

type Method = 'browser' | 'device' | 'paste'

interface Options {
  readonly method?: Method | 'api-key'
  readonly port?: readonly number[]
  readonly scope?: string
  readonly key?: string
  readonly check: boolean
  readonly yes?: boolean
}

export function login(auth: Command): void {
  auth
    .command('login')
    .description('sign in; how, depends on where this runs (browser here, code over SSH)')
    .addOption(
      new Option('--method <method>', 'sign in this way').choices([
        'browser',
        'device',
        'paste',
        'api-key',
      ]),
    )
    .option('--port <number>', 'the port that the browser comes back to; may be repeated', addPort)
    .option('--scope <scope>', 'what to ask for, separated by spaces')
    .option('--key <name>', 'make sure of an API key as well, with this name if it is a new one')
    .option('--no-check', 'with --method api-key: store the key without trying it')
    .option('--yes', 'with --method api-key: do not ask')
    .addHelpText(
      'after',
      '\nAn API key is asked for, or read from standard input. It is no argument, because arguments are\nin the list of processes and in the history of the shell.',
    )
    .action(
      does<Options>((task, options) =>
        options.method === 'api-key'
          ? loginWithApiKey(task, options)
          : signIn(task, options, options.method),
      ),
    )
}

async function signIn(task: Task, options: Options, method: Method | undefined): Promise<void> {
  const { scope, key, port } = options
  const { signal } = task
  const { terminalPrompts } = await import('@lanonasis/auth-client/node')
  const client = await task.client({ login: await flowsFor(method, port) })
  const onPrompt = terminalPrompts()
  const { chosen, flows } = await client.explainLogin({ onPrompt })
  const passedOver = flows.find(({ fits }) => !fits)
  if (chosen !== undefined && passedOver !== undefined) {
    note(`Signing in by ${chosen}, because ${passedOver.name} does not fit: ${passedOver.reason}`)
  }
  const session = await waitFor(
    'Waiting for you to sign in',
    client.login({ signal, scope, onPrompt }),
  )
  const made =
    key === undefined ? undefined : await withNewKey(() => client.apiKeys.ensure({ name: key }))
  const expiresAt = session.status === 'signed-in' ? session.expiresAt : undefined
  const { authGateway: issuer } = client.endpoints
  const { profile } = task.options
  await task.result(
    { status: session.status, issuer, profile, ...(made && { apiKey: made }) },
    [
      `Signed in at ${issuer} (profile ${profile}).`,
      ...(expiresAt
        ? [`The access token is good until ${moment(expiresAt)}; it renews itself.`]
        : []),
      ...(made ? [`API key ${made.publicId}… ${made.created ? 'was created' : 'is in use'}.`] : []),
    ].join('\n'),
  )
}

/** Without a method, the library's own choice. */
async function flowsFor(
  method: Method | undefined,
  ports: readonly number[] | undefined,
): Promise<LoginFlow[]> {
  const { deviceFlow, loopbackFlow, pasteFlow } = await import('@lanonasis/auth-client/node')
  switch (method) {
    case 'browser':
      // The person knows better than the surroundings: a port may be forwarded.
      return [loopbackFlow({ ports, assumeBrowser: true })]
    case 'device':
      return [deviceFlow()]
    case 'paste':
      return [pasteFlow({ ports })]
    case undefined:
      return [loopbackFlow({ ports }), deviceFlow(), pasteFlow({ ports })]
  }
}

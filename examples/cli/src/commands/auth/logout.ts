import { type Command, Option } from 'commander'
import { confirm } from '../../glue/ask.js'
import { exitCodeOf } from '../../glue/exit-codes.js'
import { note } from '../../glue/output.js'
import { does, withoutKeyVariable } from '../../glue/task.js'
import { waitFor } from '../../glue/wait.js'

interface Options {
  readonly key: 'forget' | 'keep' | 'revoke'
  readonly yes?: boolean
}

const credentials = { tokens: 'the tokens', 'api-key': 'the API key' } as const

export function logout(auth: Command): void {
  auth
    .command('logout')
    .description('sign out: forget everything here, and tell the gateway')
    .addOption(
      new Option('--key <choice>', 'what becomes of the API key')
        .choices(['forget', 'keep', 'revoke'])
        .default('forget'),
    )
    .option('--yes', 'with --key revoke: do not ask')
    .action(
      does<Options>(async (task, { key: apiKey, yes }) => {
        const client = await withoutKeyVariable(task)
        const { signal } = task
        const { apiKey: held } = await client.getSession()
        const dies = apiKey === 'revoke' && held !== undefined
        if (dies && !(await confirm(`Revoke the API key ${held.publicId}… for good?`, yes))) {
          const reason = 'It was not wanted.'
          return task.result({ revoked: false, reason }, 'Everything is as it was.')
        }
        const result = await waitFor('Signing out', client.logout({ apiKey, signal }))
        const { alive, reason } = result
        const living = alive?.map((one) => credentials[one]).join(' and ')
        if (living !== undefined) note(`The services did not confirm it for ${living}: ${reason}`)
        else if (reason !== undefined) note(reason)
        if (alive?.includes('api-key')) sayHowToRevoke(held?.id)
        const isDead = dies && !alive?.includes('api-key')
        const key = isDead ? ` The API key ${held.publicId}… is revoked.` : ''
        await task.result(result, `Signed out.${key}`)
      }),
    )
}

/** It was asked for, and this machine has forgotten the key: to do the same again finds none to revoke. */
function sayHowToRevoke(id: string | undefined): void {
  process.exitCode = exitCodeOf('api_key_left_over')
  if (id !== undefined) note(`Sign in again, and run: lanonasis key revoke ${id}`)
}

import { type Command, Option } from 'commander'
import { note } from '../../glue/output.js'
import { does } from '../../glue/task.js'
import { waitFor } from '../../glue/wait.js'

interface Options {
  readonly key: 'forget' | 'keep' | 'revoke'
}

export function logout(auth: Command): void {
  auth
    .command('logout')
    .description('sign out: forget everything here, and tell the gateway')
    .addOption(
      new Option('--key <choice>', 'what becomes of the API key')
        .choices(['forget', 'keep', 'revoke'])
        .default('forget'),
    )
    .action(
      does<Options>(async (task, { key: apiKey }) => {
        const client = await task.client()
        const { signal } = task
        const result = await waitFor('Signing out', client.logout({ apiKey, signal }))
        if (!result.revoked) note(`The gateway did not confirm it: ${result.reason ?? 'no answer'}`)
        await task.result(result, 'Signed out.')
      }),
    )
}

import type { Command } from 'commander'
import { note, printJson } from '../../glue/output.js'
import { does } from '../../glue/task.js'
import { moment } from '../../glue/text.js'
import { waitFor } from '../../glue/wait.js'

interface Options {
  readonly refresh?: boolean
  readonly show?: boolean
}

export function token(auth: Command): void {
  auth
    .command('token')
    .description('print an access token that is good now, for another program')
    .option('--refresh', 'renew it first, although it may be good still')
    .option('--show', 'print it on a terminal, too, where it can be read and scrolled back to')
    .action(
      does<Options>(async (task, { refresh, show }) => {
        const client = await task.client()
        const { signal } = task
        if (refresh) await waitFor('Renewing the session', client.refresh({ signal }))
        const accessToken = await waitFor('Getting a token', client.getAccessToken({ signal }))
        const session = await client.getSession()
        const { expiresAt, scope } = session.status === 'signed-in' ? session : {}
        const facts = { scope, ...(expiresAt && { expiresAt: new Date(expiresAt) }) }
        const until = expiresAt === undefined ? '' : `, good until ${moment(expiresAt)}`
        if (process.stdout.isTTY && !show) {
          note(`${refresh ? 'Renewed' : 'There is a token'}${until}.`)
          note('It is not shown on a terminal: give it to a program, or add --show.')
          if (task.options.json) await printJson({ ...facts, shown: false })
          return
        }
        await task.result({ accessToken, ...facts }, accessToken)
      }),
    )
}

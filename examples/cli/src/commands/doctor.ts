import type { CheckId } from '@lanonasis/auth-client'
import type { Command } from 'commander'
import { differs } from '../glue/exit-codes.js'
import { add } from '../glue/numbers.js'
import { does } from '../glue/task.js'
import { waitFor } from '../glue/wait.js'

interface Options {
  readonly deployment?: string
  readonly origin?: string
  readonly only?: readonly CheckId[]
  readonly clientId?: readonly string[]
}

export function fill(doctor: Command): void {
  doctor
    .option(
      '--deployment <which>',
      'staging, production, or addresses: https://… of the gateway, mcpHttp=https://…, …',
    )
    .option('--origin <origin>', 'see whether a page of this origin may call the services')
    .option('--client-id <id>', 'an OAuth client that has to be registered; may be repeated', add)
    .option('--only <check>', 'only this check; may be repeated', add)
    .action(
      does<Options>(async (task, { deployment, origin, only, clientId: clientIds }) => {
        const { formatReport } = await import('@lanonasis/auth-client')
        const { parseDeployment } = await import('@lanonasis/auth-client/node')
        const client = await task.client(
          deployment === undefined ? {} : parseDeployment(deployment),
        )
        const { signal } = task
        const work = client.doctor({ signal, origin, only, clientIds })
        const report = await waitFor('Looking into everything', work)
        const text = await formatReport(report, { width: process.stdout.columns })
        await task.result(report, text)
        if (!report.ok) process.exitCode = differs
      }),
    )
}

import type { CheckId } from '@lanonasis/auth-client'
import type { NodeClientOptions } from '@lanonasis/auth-client/node'
import type { Command } from 'commander'
import { differs } from '../glue/exit-codes.js'
import { UsageError } from '../glue/failure.js'
import { add } from '../glue/numbers.js'
import { does } from '../glue/task.js'
import { lines } from '../glue/text.js'
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
      'staging, production, or addresses: AUTH_GATEWAY_URL=https://…,MCP_HTTP_URL=https://…',
    )
    .option('--origin <origin>', 'see whether a page of this origin may call the services')
    .option('--client-id <id>', 'an OAuth client that has to be registered; may be repeated', add)
    .option('--only <check>', 'only this check; may be repeated', add)
    .action(
      does<Options>(async (task, { deployment, origin, only, clientId: clientIds }) => {
        const { formatReport } = await import('@lanonasis/auth-client')
        const client = await task.client(deployment === undefined ? {} : where(deployment))
        const { signal } = task
        const work = client.doctor({ signal, origin, only, clientIds })
        const report = await waitFor('Looking into everything', work)
        const text = await formatReport(report, { width: process.stdout.columns })
        await task.result(report, lines(text))
        if (!report.ok) process.exitCode = differs
      }),
    )
}

const variables = ['AUTH_GATEWAY_URL', 'MCP_HTTP_URL', 'MCP_WS_URL', 'MCP_SSE_URL', 'API_BASE_URL']

/** The library checks the addresses, and names the variable that is wrong. */
function where(deployment: string): NodeClientOptions {
  if (deployment === 'staging' || deployment === 'production') return { environment: deployment }
  const pairs = deployment.split(',').map((pair) => /^([^=]*)=(.*)$/.exec(pair))
  const env = Object.fromEntries(pairs.map((pair) => [pair?.[1] ?? '', pair?.[2]]))
  const unknown = Object.keys(env).find((name) => !variables.includes(name))
  if (unknown === undefined) {
    return { environment: undefined, env: { ...process.env, ...env } }
  }
  throw new UsageError(
    `--deployment takes staging, production, or NAME=address with these names, separated by commas: ${variables.join(', ')}.`,
  )
}

import type { ImportReport } from '@lanonasis/auth-client/node'
import { type Command, Option } from 'commander'
import { confirm } from '../../glue/ask.js'
import { note } from '../../glue/output.js'
import { does } from '../../glue/task.js'
import { lines } from '../../glue/text.js'
import { waitFor } from '../../glue/wait.js'

interface Options {
  readonly dryRun?: boolean
  readonly again?: boolean
  readonly issuer?: string
  readonly oldFiles: 'keep' | 'tighten' | 'remove'
  readonly yes?: boolean
}

export function importOld(auth: Command): void {
  auth
    .command('import')
    .description('take over what older programs have stored on this machine')
    .option('--dry-run', 'only say what would happen')
    .option('--again', 'also what was taken before, or signed out of since')
    .option('--issuer <url>', 'where the older programs signed in, if not in production')
    .addOption(
      new Option('--old-files <choice>', 'what becomes of the old files')
        .choices(['keep', 'tighten', 'remove'])
        .default('keep'),
    )
    .option('--yes', 'with --old-files remove: do not ask')
    .action(
      does<Options>(async (task, { yes, ...options }) => {
        const removes = options.oldFiles === 'remove' && !options.dryRun
        if (removes && !(await confirm('Delete the old files when they have been taken?', yes))) {
          return task.result({ imported: false }, 'Everything is as it was.')
        }
        const { importCredentials } = await import('@lanonasis/auth-client/node')
        const client = await task.client()
        const { signal } = task
        const work = importCredentials(client, { ...options, signal })
        const report = await waitFor('Looking into the old places', work)
        if (!task.options.json) await sayWhatElse(report)
        await task.result(report, await lines(whatWasTaken(report)))
      }),
    )
}

function whatWasTaken({ taken, dryRun, found }: ImportReport): string {
  const verb = dryRun ? 'Would take' : 'Took'
  const nothing = found.length === 0 ? 'There is nothing to import.' : 'Nothing was imported.'
  return [
    ...(taken.length === 0 ? [nothing] : []),
    ...taken.map(({ kind, location }) => `${verb} ${kinds[kind]} from ${location}`),
    ...found.flatMap(({ became, location }) =>
      became === 'kept' ? [] : [`${changes[became]} ${location}`],
    ),
  ].join('\n')
}

const changes = { tightened: 'Closed to others:', removed: 'Removed' } as const

const kinds = {
  tokens: 'the session',
  'api-key': 'the API key',
  'legacy-token': 'the old token',
} as const

async function sayWhatElse(report: ImportReport): Promise<void> {
  const { passedOver, unusable, hints, deployment } = report
  for (const { location, message } of [...passedOver, ...unusable, ...hints]) {
    note(await lines(location === undefined ? message : `${location}: ${message}`))
  }
  if (deployment === undefined) return
  const { location, endpoints, changed } = deployment
  note(await lines(`${location} names other services. If you trust them, set them as variables:`))
  for (const service of changed) note(await lines(`  ${service}: ${endpoints[service]}`))
}

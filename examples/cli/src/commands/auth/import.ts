import type { ImportReport } from '@lanonasis/auth-client/node'
import { type Command, Option } from 'commander'
import { note } from '../../glue/output.js'
import { does } from '../../glue/task.js'
import { lines, oneLine } from '../../glue/text.js'
import { waitFor } from '../../glue/wait.js'

interface Options {
  readonly dryRun?: boolean
  readonly again?: boolean
  readonly issuer?: string
  readonly oldFiles: 'keep' | 'tighten' | 'remove'
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
    .action(
      does<Options>(async (task, options) => {
        const { importCredentials } = await import('@lanonasis/auth-client/node')
        const client = await task.client()
        const { signal } = task
        const work = importCredentials(client, { ...options, signal })
        const report = await waitFor('Looking into the old places', work)
        if (!task.options.json) sayWhatElse(report)
        await task.result(report, lines(whatWasTaken(report)))
      }),
    )
}

function whatWasTaken({ taken, dryRun, found }: ImportReport): string {
  if (taken.length === 0) {
    return found.length === 0 ? 'There is nothing to import.' : 'Nothing was imported.'
  }
  const verb = dryRun ? 'Would take' : 'Took'
  return taken.map(({ kind, location }) => `${verb} ${kinds[kind]} from ${location}`).join('\n')
}

const kinds = {
  tokens: 'the session',
  'api-key': 'the API key',
  'legacy-token': 'the old token',
} as const

function sayWhatElse({ passedOver, unusable, hints }: ImportReport): void {
  for (const { location, message } of [...passedOver, ...unusable, ...hints]) {
    note(oneLine(location === undefined ? message : `${location}: ${message}`))
  }
}

import { raceSignal, startDeadline } from '../../async/abort.ts'
import { coreOf } from '../../client/auth-client.ts'
import type { LanonasisClient } from '../../client/lanonasis-client.ts'
import { processEnv } from '../../client/runtime.ts'
import type { ImportHint, ImportReport } from '../../import/report.ts'
import type { ImportOptions } from '../../import/run-import.ts'
import type { OldSecrets } from './old-secrets.ts'
import type { EditorFiles } from './read-cli-files.ts'

/** Options of {@link importCredentials}. */
export interface VscodeImportOptions<Uri> extends ImportOptions {
  /** The extension's context; its `secrets` hold what the old extension has stored. */
  readonly context: { readonly secrets: OldSecrets }
  /** The editor's API; without it the files of the CLI are not looked into. */
  readonly vscode?: EditorFiles<Uri> | undefined
  /** The home in which the CLI's files are; default: the user's, where the host has one. */
  readonly home?: string | undefined
  /**
   * What becomes of the old secrets: `keep` (default), or `remove` those of which everything usable is in
   * a store that lasts.
   */
  readonly oldEntries?: 'keep' | 'remove' | undefined
}

/**
 * Takes over what the old extension has stored in the editor's secret storage, and the API key of the
 * CLI. The CLI's session is its own: a refresh token is bound to its client (★14).
 *
 * What the client's store holds wins, and what was taken once is not taken a second time. Where the CLI works
 * with other services, `deployment` of the report has their addresses: for the person to agree to, and never
 * applied. Nothing in the report is secret. No request is sent.
 *
 * @throws AuthError `store_unavailable`, `store_corrupt`: the client's own store; `aborted`
 * @example
 * ```ts
 * import { createClient, importCredentials } from '@lanonasis/auth-client/vscode'
 * import * as vscode from 'vscode'
 *
 * export async function activate(context: vscode.ExtensionContext) {
 *   const lanonasis = createClient({ vscode, context })
 *   await importCredentials(lanonasis, { vscode, context, oldEntries: 'remove' })
 * }
 * ```
 */
export async function importCredentials<Uri>(
  client: LanonasisClient,
  options: VscodeImportOptions<Uri>,
): Promise<ImportReport> {
  const [{ readOldSecrets }, { readCliFiles }, { runImport }] = await Promise.all([
    import('./old-secrets.ts'),
    import('./read-cli-files.ts'),
    import('../../import/run-import.ts'),
  ])
  const { context, vscode, home = homeDirectory(), oldEntries = 'keep', dryRun = false } = options
  const core = coreOf(client)
  const { clientId, key, store } = core.settings
  const own = await readOldSecrets(context.secrets, { clientId, signal: options.signal })
  const cli =
    vscode === undefined || home === undefined
      ? { readings: [], unread: [] }
      : await readCliFiles(vscode, { home, key })
  const found = {
    readings: [...own.readings, ...cli.readings],
    unread: [...own.unread, ...cli.unread],
  }
  const { report, settled } = await runImport(core, found, options)
  if (oldEntries === 'keep' || dryRun || !store.describe().persistent) return report
  const removed = new Set<string>()
  const hints: ImportHint[] = []
  for (const { location } of own.readings) {
    if (!settled.has(location)) continue
    if (await deleteAll(context.secrets, own.namesOf(location))) removed.add(location)
    else hints.push({ code: 'not_changed', location, message: notDeleted })
  }
  const isAllGone = own.unread.length === 0 && removed.size === own.readings.length
  if (isAllGone && !(await deleteAll(context.secrets, own.labels))) {
    hints.push({ code: 'not_changed', message: notDeleted })
  }
  return {
    ...report,
    hints: [...report.hints, ...hints],
    found: report.found.map((source) =>
      removed.has(source.location) ? { ...source, became: 'removed' } : source,
    ),
  }
}

/** A keyring that waits for a person must not hold up an extension. */
const deleteTimeoutMs = 5_000

const notDeleted = 'The editor could not delete all of it: import again to remove it.'

/** What the host throws may hold anything, and the import itself has succeeded: it is only said. */
async function deleteAll(secrets: OldSecrets, names: readonly string[]): Promise<boolean> {
  const deadline = startDeadline(deleteTimeoutMs)
  try {
    // The secret itself goes last: as long as it is there, the next import removes what is left.
    for (const name of [...names].reverse()) {
      await raceSignal(Promise.resolve(secrets.delete(name)), deadline.signal)
    }
    return true
  } catch {
    return false
  } finally {
    deadline.dispose()
  }
}

/** Where Node.js has it for the CLI: on Windows it does not go by `HOME`, which people set there for other programs. */
function homeDirectory(): string | undefined {
  const { HOME, USERPROFILE } = processEnv()
  const runtime: { process?: { platform?: string } } = globalThis
  return runtime.process?.platform === 'win32' ? USERPROFILE : HOME
}

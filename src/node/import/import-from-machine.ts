import { homedir } from 'node:os'
import { resolve } from 'node:path'
import { throwIfAborted } from '../../async/abort.ts'
import { coreOf } from '../../client/auth-client.ts'
import type { LanonasisClient } from '../../client/lanonasis-client.ts'
import type { ImportHint, ImportReport } from '../../import/report.ts'
import { runImport } from '../../import/run-import.ts'
import { readEnvironment } from './environment.ts'
import type { NodeImportOptions } from './import-credentials.ts'
import { systemKeychain } from './keychain-reader.ts'
import { careForOldFiles } from './old-file-care.ts'
import { readKeychain } from './read-keychain.ts'
import { readOldFiles } from './read-old-files.ts'

/** Everything behind `importCredentials`, loaded when somebody imports. */
export async function importFromMachine(
  client: LanonasisClient,
  options: NodeImportOptions,
): Promise<ImportReport> {
  const { dryRun = false, env = process.env, oldFiles = 'keep', signal } = options
  const { home = homedir(), keychain = options.home === undefined && systemKeychain } = options
  throwIfAborted(signal)
  const core = coreOf(client)
  const { key, store } = core.settings
  // Before anything else is read, because a keychain store may decide then to use a file.
  await core.keeper.reload()
  const { kind, location } = store.describe()
  const inUse = kind === 'file' && location !== undefined ? resolve(location) : undefined
  const { files, unread } = await readOldFiles({ home, key, inUse })
  const entries = keychain === false ? noEntries : await readKeychain(keychain, signal)
  const environment = readEnvironment(env, options.environment ?? 'report')
  const readings = [
    ...files.map(({ reading }) => reading),
    ...entries.readings,
    ...environment.readings,
  ]
  const { report, settled } = await runImport(core, { readings, unread }, options)

  const { persistent } = store.describe()
  const care = await careForOldFiles(files, {
    choice: dryRun ? 'keep' : oldFiles,
    settled: persistent ? settled : new Set(),
    home,
  })
  const forgets: ImportHint[] =
    oldFiles === 'remove' && !persistent && settled.size > 0 ? [storeForgets] : []
  return {
    ...report,
    found: [
      ...report.found.map((source) => ({
        ...source,
        became: care.became.get(source.location) ?? source.became,
      })),
      ...environment.found,
    ],
    unusable: [...report.unusable, ...environment.unusable],
    hints: [...report.hints, ...forgets, ...care.hints, ...entries.hints, ...environment.hints],
  }
}

const noEntries = { readings: [], hints: [] }

const storeForgets: ImportHint = {
  code: 'store_forgets',
  message: 'The store of this client forgets at its end, so no old file was removed.',
}

import { coreOf } from '../../client/auth-client.ts'
import type { LanonasisClient } from '../../client/lanonasis-client.ts'
import type { ImportReport } from '../../import/report.ts'
import type { ImportOptions } from '../../import/run-import.ts'

/** What is needed of `localStorage`. */
export interface OldStorage {
  /** As of `Storage`. */
  getItem(name: string): string | null
  /** As of `Storage`. */
  removeItem(name: string): void
}

/** Options of {@link importCredentials}. */
export interface BrowserImportOptions extends ImportOptions {
  /** Default: the page's `localStorage`. */
  readonly storage?: OldStorage | undefined
  /**
   * What becomes of the old entries: `keep` (default), or `remove` those of which everything usable is in a
   * store that lasts. Every script of the page can read them.
   */
  readonly oldEntries?: 'keep' | 'remove' | undefined
}

/**
 * Takes over what `@lanonasis/oauth-client` has left in this origin's `localStorage`: tokens, and an API key.
 *
 * What the client's store holds wins, and what was taken once is not taken a second time. Nothing in the
 * report is secret. No request is sent.
 *
 * @throws AuthError `store_unavailable`, `store_corrupt`: the client's own store; `aborted`
 * @example
 * ```ts
 * import { createClient, importCredentials, indexedDbStore } from '@lanonasis/auth-client/browser'
 *
 * const lanonasis = createClient({ clientId: 'my-dashboard', store: indexedDbStore() })
 * const { found } = await importCredentials(lanonasis, { oldEntries: 'remove' })
 * ```
 */
export async function importCredentials(
  client: LanonasisClient,
  options: BrowserImportOptions = {},
): Promise<ImportReport> {
  const [{ readLocalStorage }, { runImport }] = await Promise.all([
    import('./read-local-storage.ts'),
    import('../../import/run-import.ts'),
  ])
  const { oldEntries = 'keep', dryRun = false } = options
  const core = coreOf(client)
  const { remove, ...found } = await readLocalStorage(options.storage)
  const { report, settled } = await runImport(core, found, options)
  if (oldEntries === 'keep' || dryRun || !core.settings.store.describe().persistent) return report
  const removed = new Set([...settled].filter(remove))
  return {
    ...report,
    found: report.found.map((source) =>
      removed.has(source.location) ? { ...source, became: 'removed' } : source,
    ),
  }
}

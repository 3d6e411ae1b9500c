import type { LanonasisClient } from '../../client/lanonasis-client.ts'
import type { Env } from '../../endpoints/resolve.ts'
import type { ImportReport } from '../../import/report.ts'
import type { ImportOptions } from '../../import/run-import.ts'
import type { KeychainReader } from './keychain-reader.ts'
import type { OldFilesChoice } from './old-file-care.ts'

/** Options of {@link importCredentials}. */
export interface NodeImportOptions extends ImportOptions {
  /** The home in which to look; default: the user's. With it, the system's keychain is left alone. */
  readonly home?: string | undefined
  /** Default `process.env`. */
  readonly env?: Env | undefined
  /**
   * What becomes of credentials in variables (`LANONASIS_API_KEY`, `LANONASIS_VENDOR_KEY`,
   * `MEMORY_API_KEY`, `LANONASIS_TOKEN`): `report` them (default), or `take` what is good there, after
   * what the other places have. Whoever set a variable may not want it on a disk.
   */
  readonly environment?: 'report' | 'take' | undefined
  /**
   * What becomes of the old files: `keep` them as they are (default), `tighten` those and their backups that
   * others can read to 0600, or `remove` those from which everything usable is in a store that lasts.
   */
  readonly oldFiles?: OldFilesChoice | undefined
  /** How to read the system's keychain, or `false`: not at all. */
  readonly keychain?: KeychainReader | false | undefined
}

/**
 * Takes over what the old programs of this machine have stored: sessions, API keys, legacy tokens. It
 * looks into their files, the system's keychain and the environment, takes the best of each kind, and says
 * what it found, took and left. Nothing in the report is secret.
 *
 * What the client's store holds wins. To call it again is harmless: what was taken once is not taken a
 * second time, and a sign-out stands (`again` overrides both). Old places stay as they are unless asked.
 * No request is sent. The guide has the table of what is taken from where.
 *
 * @throws AuthError `store_unavailable`, `store_corrupt`: the client's own store; `config_invalid`: `issuer`;
 * `aborted`. Never for what is in an old place: that is in the report
 * @example
 * ```ts
 * import { createClient, importCredentials } from '@lanonasis/auth-client/node'
 *
 * const lanonasis = createClient()
 * const { taken, hints } = await importCredentials(lanonasis)
 * for (const { kind, location } of taken) console.log(`Took over the ${kind} of ${location}.`)
 * for (const { message, location } of hints) console.log(location ?? '', message)
 * ```
 */
export async function importCredentials(
  client: LanonasisClient,
  options: NodeImportOptions = {},
): Promise<ImportReport> {
  const { importFromMachine } = await import('./import-from-machine.ts')
  return importFromMachine(client, options)
}

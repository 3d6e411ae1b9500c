import { raceSignal, throwIfAborted } from '../async/abort.ts'
import type { ClientCore } from '../client/core.ts'
import { presets } from '../endpoints/presets.ts'
import { parseBaseUrl } from '../endpoints/url.ts'
import { AuthError } from '../errors/auth-error.ts'
import type { Account } from '../session/account.ts'
import type { Verdict } from './candidate.ts'
import type { Item, Reading, Unread } from './content.ts'
import { type Decision, decide, type KnownCandidate, type RecordElsewhere } from './decide.ts'
import { withFingerprint } from './fingerprint.ts'
import { judgeKey } from './judge-key.ts'
import { judgeLegacy } from './judge-legacy.ts'
import { judgeTokens } from './judge-tokens.ts'
import { type ImportOutcome, toOutcome } from './outcome.ts'
import type { ImportingClient } from './owner.ts'
import { ranked } from './rank.ts'

/** What every platform's import can be told. */
export interface ImportOptions {
  /** Says what would happen, and changes nothing. */
  readonly dryRun?: boolean | undefined
  /** Takes also what was taken before, and what somebody has signed out of since. */
  readonly again?: boolean | undefined
  /**
   * The gateway at which the old programs signed in, for places that do not name it. Default: production,
   * which all of them used.
   */
  readonly issuer?: string | undefined
  /** Gives up; what was taken by then stays. */
  readonly signal?: AbortSignal | undefined
}

/**
 * Judges what was read, and takes the best of it by one compare-and-swap.
 *
 * @throws AuthError `store_unavailable`, `store_corrupt`, `config_invalid`, `aborted`; never for what is in an old place
 */
export async function runImport(
  core: ClientCore,
  {
    readings,
    unread,
  }: { readonly readings: readonly Reading[]; readonly unread: readonly Unread[] },
  { dryRun = false, again = false, issuer, signal }: ImportOptions,
): Promise<ImportOutcome> {
  throwIfAborted(signal)
  const client = importingClient(core, issuer)
  const judged = readings.flatMap((reading) =>
    reading.content.items.map((item) => ({ reading, verdict: judge(item, reading, client) })),
  )
  const candidates = judged.flatMap(({ verdict }) => ('usable' in verdict ? [verdict.usable] : []))
  const known = await Promise.all(ranked(candidates, client.now).map(withFingerprint))
  const elsewhere = readings.map(({ location, content: { signedOutAt, imported = [] } }) => ({
    location,
    signedOutAt,
    imported,
  }))
  const decision = await settle(core, { known, elsewhere, dryRun, again, signal })
  return toOutcome({ core, readings, unread, judged, decision, dryRun })
}

function importingClient(core: ClientCore, issuer: string | undefined): ImportingClient {
  const { clientId, server, endpoints, now } = core.settings
  if (endpoints === undefined) {
    throw new AuthError('config_invalid', 'Only a client of the Lanonasis services can import.')
  }
  const assumedIssuer =
    issuer === undefined ? presets.production.authGateway : parseBaseUrl(issuer, 'issuer')
  return { clientId, issuer: server.issuer, endpoints, assumedIssuer, now: now() }
}

function judge(item: Item, reading: Reading, client: ImportingClient): Verdict {
  switch (item.type) {
    case 'tokens':
      return judgeTokens(item, reading, client)
    case 'api-key':
      return judgeKey(item, reading, client)
    case 'legacy-token':
      return judgeLegacy(item, reading, client)
  }
}

/** Decides on the account as it is at the moment of the commit: who signs in or out meanwhile wins. */
async function settle(
  core: ClientCore,
  {
    known,
    elsewhere,
    dryRun,
    again,
    signal,
  }: {
    known: readonly KnownCandidate[]
    elsewhere: readonly RecordElsewhere[]
    dryRun: boolean
    again: boolean
    signal: AbortSignal | undefined
  },
): Promise<Decision> {
  const decideOn = (account: Account) =>
    decide(account, known, { now: core.settings.now(), again, elsewhere })
  const account = await raceSignal(core.keeper.reload(), signal)
  let decision = decideOn(account)
  throwIfAborted(signal)
  if (dryRun || decision.account === undefined) return decision
  await core.keeper.update((current) => {
    decision = decideOn(current)
    return decision.account
  })
  return decision
}

import type { ClientCore } from '../client/core.ts'
import type { Candidate, Verdict } from './candidate.ts'
import type { Reading, Unread } from './content.ts'
import type { Decision } from './decide.ts'
import { type DeploymentFindings, deploymentIn } from './deployment.ts'
import { passedOverMessage } from './messages.ts'
import type {
  ImportedSource,
  ImportHint,
  ImportReport,
  PassedOverCredential,
  TakenCredential,
  UnusableCredential,
} from './report.ts'
import { shownAddresses } from './shown-addresses.ts'

/** What came of an import, for the platform that has to deal with the old places. */
export interface ImportOutcome {
  readonly report: ImportReport
  /** The locations of which everything that is usable is in a store that keeps it. */
  readonly settled: ReadonlySet<string>
}

/** One thing that was found, and what it is worth. */
interface Judged {
  readonly reading: Reading
  readonly verdict: Verdict
}

/** Everything that an import has come to know. */
export interface Findings {
  readonly core: ClientCore
  readonly readings: readonly Reading[]
  readonly unread: readonly Unread[]
  readonly judged: readonly Judged[]
  readonly decision: Decision
  readonly dryRun: boolean
}

export function toOutcome(findings: Findings): ImportOutcome {
  const { readings, unread, judged, decision, dryRun } = findings
  const taken: TakenCredential[] = []
  const passedOver: PassedOverCredential[] = []
  const unusable: UnusableCredential[] = [
    ...unread.map(({ location, code, message }) => ({ location, code, message })),
  ]
  const leave = (credential: UnusableCredential) => {
    unusable.push(credential)
  }
  for (const { location, content } of readings) {
    for (const { code, message } of content.problems) leave({ location, code, message })
    if (content.keyElsewhere && !hasKeyStorage(judged)) {
      const message = 'The API key is said to be in the key storage, and cannot be had from there.'
      leave({ location, kind: 'api-key', code: 'key_elsewhere', message })
    }
  }
  for (const { reading, verdict } of judged) {
    if (!('usable' in verdict)) leave({ location: reading.location, ...verdict })
  }
  for (const { candidate, result } of decision.outcomes) {
    const { location, kind } = candidate
    if (result === 'taken') taken.push(toTaken(candidate))
    else if (result === 'refused') {
      const message = 'The server has refused the refresh token of this session already; sign in.'
      leave({ location, kind, code: 'refused', message })
    } else {
      passedOver.push({ location, kind, reason: result, message: passedOverMessage(kind, result) })
    }
  }
  const { deployment, hints: onAddresses } = deploymentOf(findings)
  return {
    report: {
      dryRun,
      found: readings.map(toSource),
      taken,
      passedOver,
      unusable,
      hints: [...hintsFor(findings, taken), ...onAddresses],
      ...(deployment === undefined ? {} : { deployment }),
    },
    settled: settledLocations(findings),
  }
}

/** Where nothing is left that anybody could use: what has ended does not count. */
function settledLocations({ readings, judged, decision, unread }: Findings): ReadonlySet<string> {
  const left = new Set([
    ...unread.map(({ location }) => location),
    ...readings
      .filter(({ content }) => content.problems.length > 0 || content.leftovers === true)
      .map(({ location }) => location),
    ...judged.filter(({ verdict }) => leavesSomething(verdict)).map((one) => one.reading.location),
    ...decision.outcomes
      .filter(({ result }) => result === 'outranked' || result === 'signed_out')
      .map(({ candidate }) => candidate.location),
  ])
  const locations = decision.outcomes.map(({ candidate }) => candidate.location)
  return new Set(locations.filter((location) => !left.has(location)))
}

function deploymentOf({ core, readings }: Findings): DeploymentFindings {
  const { endpoints } = core.settings
  return endpoints === undefined ? { hints: [] } : deploymentIn(readings, endpoints)
}

function leavesSomething(verdict: Verdict): boolean {
  return 'usable' in verdict ? verdict.leavesRest === true : verdict.code !== 'expired'
}

function hasKeyStorage(judged: readonly Judged[]): boolean {
  return judged.some(({ reading }) => reading.content.format === 'api-key')
}

function toSource({ place, location, content, mode, modifiedAt }: Reading): ImportedSource {
  const { format, addresses = {} } = content
  const services = shownAddresses(addresses)
  return {
    place,
    location,
    format,
    ...(mode === undefined ? {} : { mode }),
    ...(modifiedAt === undefined ? {} : { modifiedAt }),
    ...(Object.keys(services).length === 0 ? {} : { services }),
    became: 'kept',
  }
}

function toTaken(candidate: Candidate): TakenCredential {
  const { location } = candidate
  switch (candidate.kind) {
    case 'tokens': {
      const { kind: tokenKind, expiresAt, refreshToken } = candidate.tokens
      const renewable = refreshToken !== undefined
      return {
        location,
        kind: 'tokens',
        tokenKind,
        renewable,
        ...(expiresAt === undefined ? {} : { expiresAt }),
      }
    }
    case 'api-key': {
      const { publicId, keyKind } = candidate
      return { location, kind: 'api-key', publicId, keyKind }
    }
    case 'legacy-token': {
      const { expiresAt } = candidate
      return { location, kind: 'legacy-token', ...(expiresAt === undefined ? {} : { expiresAt }) }
    }
  }
}

function hintsFor({ core, judged }: Findings, taken: readonly TakenCredential[]): ImportHint[] {
  const hints: ImportHint[] = []
  const endsSoon = taken.some(
    (one) => one.kind === 'legacy-token' || (one.kind === 'tokens' && !one.renewable),
  )
  if (endsSoon) {
    const message = 'What was taken cannot be renewed: sign in again.'
    hints.push({ code: 'sign_in_again', message })
  }
  const elsewhere = judged.find(
    ({ verdict }) => !('usable' in verdict) && verdict.code === 'other_issuer',
  )
  if (elsewhere !== undefined) {
    const message = `Some credentials are for other services than this client's, which signs in at ${core.settings.server.issuer}; to take them, make a client for those.`
    hints.push({ code: 'other_services', location: elsewhere.reading.location, message })
  }
  return hints
}

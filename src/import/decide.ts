import type { Account } from '../session/account.ts'
import { emptyAccount, withTokens } from '../session/account.ts'
import { isValid } from '../session/freshness.ts'
import { type Candidate, secretOf, type TokensCandidate } from './candidate.ts'
import type { PassedOverReason } from './report.ts'

/** A candidate with the hashes it is recognised by. */
export interface KnownCandidate {
  readonly candidate: Candidate
  /** What the account remembers of it when it is taken. */
  readonly fingerprint: string
  /** Of its refresh token, as an `expired` session remembers it. */
  readonly refreshTokenHash: string | undefined
}

export interface Decision {
  /** What the account becomes; `undefined`: nothing is taken. */
  readonly account: Account | undefined
  readonly outcomes: readonly Outcome[]
}

interface Outcome {
  readonly candidate: Candidate
  readonly result: 'taken' | 'refused' | PassedOverReason
}

interface DecisionOptions {
  readonly now: number
  /** Also what was signed out of, or taken before. */
  readonly again: boolean
  /** What other places know of this account. */
  readonly elsewhere?: readonly RecordElsewhere[] | undefined
}

/** What a place that kept this account before the client's own store says of it. */
export interface RecordElsewhere {
  readonly location: string
  /** When somebody has signed out there, epoch ms. */
  readonly signedOutAt: number | undefined
  /** Fingerprints of what was imported into it. */
  readonly imported: readonly string[]
}

/** An account remembers so many imports; there are not many old places. */
const maximalFingerprints = 64

/**
 * What is taken into an account. What it holds wins; a session that has ended holds nothing.
 *
 * | the account | tokens | API key | legacy token |
 * |---|---|---|---|
 * | nothing, or expired | the best | the best | the best, unless tokens were taken |
 * | signed in, and the session can go on | none, but the refresh token that its session lacks | the best, unless it has one | none |
 * | somebody has signed out | none, unless `again` | the same | the same |
 * | nobody is signed in, and somebody has signed out in another place | only those that are later, unless `again` | only what is in that very place, unless `again` | the same |
 *
 * What an import has taken once is not taken a second time (unless `again`): since then it was renewed,
 * rotated, or removed on purpose. A refresh token that the server has refused is never taken.
 *
 * @param candidates the best first
 */
export function decide(
  before: Account,
  candidates: readonly KnownCandidate[],
  { now, again, elsewhere = [] }: DecisionOptions,
): Decision {
  const { session } = before
  const signedOut = session.status === 'signed-out' && session.since !== undefined
  const takenBefore = new Set([before, ...elsewhere].flatMap(({ imported = [] }) => imported))
  const outcomes: Outcome[] = []
  const fingerprints: string[] = []
  let account = before

  for (const kind of ['tokens', 'api-key', 'legacy-token'] as const) {
    for (const { candidate, fingerprint, refreshTokenHash } of candidates) {
      if (candidate.kind !== kind) continue
      const settle = (result: Outcome['result']) => outcomes.push({ candidate, result })
      const take = () => {
        account = withCandidate(account, candidate)
        fingerprints.push(fingerprint)
        settle('taken')
      }
      if (holds(before, candidate)) settle('held')
      else if (holds(account, candidate)) settle('same')
      else if (isRefused(before, refreshTokenHash)) settle('refused')
      // The account has this very access token still, so nothing has been renewed or signed out since.
      else if (completes(account, candidate)) take()
      else if (!again && takenBefore.has(fingerprint)) settle('taken_before')
      else if (!again && (signedOut || isLeft(before, candidate, elsewhere))) settle('signed_out')
      else if (isOccupied(account, kind, now)) settle('outranked')
      else take()
    }
  }
  if (fingerprints.length === 0) return { account: undefined, outcomes }
  const earlier = (before.imported ?? []).filter((one) => !fingerprints.includes(one))
  const imported = [...earlier, ...new Set(fingerprints)].slice(-maximalFingerprints)
  return { account: { ...account, imported }, outcomes }
}

/** Whether somebody has signed out in another place, of this candidate too as far as anybody can know. */
function isLeft(
  { session }: Account,
  candidate: Candidate,
  elsewhere: readonly RecordElsewhere[],
): boolean {
  if (session.status === 'signed-in') return false
  const obtainedAt = (candidate.kind === 'tokens' && candidate.tokens.obtainedAt) || 0
  return elsewhere.some(
    // What a place has kept beyond its own sign-out was kept on purpose.
    ({ location, signedOutAt = 0 }) => location !== candidate.location && signedOutAt > obtainedAt,
  )
}

function holds({ session, apiKey, legacyToken }: Account, candidate: Candidate): boolean {
  const secret = secretOf(candidate)
  switch (candidate.kind) {
    case 'tokens':
      return (
        session.status === 'signed-in' &&
        isSamePair(session.tokens, candidate) &&
        !addsRefreshToken(session.tokens, candidate)
      )
    case 'api-key':
      return secret.equals(apiKey?.secret)
    case 'legacy-token':
      return secret.equals(legacyToken)
  }
}

/** Another place may have kept the access token without its refresh token. */
function isSamePair(
  { accessToken, refreshToken }: TokensCandidate['tokens'],
  { tokens }: TokensCandidate,
): boolean {
  return (
    accessToken.equals(tokens.accessToken) || (refreshToken?.equals(tokens.refreshToken) ?? false)
  )
}

function addsRefreshToken(held: TokensCandidate['tokens'], { tokens }: TokensCandidate): boolean {
  return held.refreshToken === undefined && tokens.refreshToken !== undefined
}

/** Whether it is the session of the account, with the refresh token that is missing there. */
function completes({ session }: Account, candidate: Candidate): boolean {
  return (
    candidate.kind === 'tokens' &&
    session.status === 'signed-in' &&
    isSamePair(session.tokens, candidate) &&
    addsRefreshToken(session.tokens, candidate)
  )
}

function isRefused({ session }: Account, refreshTokenHash: string | undefined): boolean {
  return (
    session.status === 'expired' &&
    refreshTokenHash !== undefined &&
    session.refreshTokenHash === refreshTokenHash
  )
}

function isOccupied(
  { session, apiKey, legacyToken }: Account,
  kind: Candidate['kind'],
  now: number,
): boolean {
  const goesOn =
    session.status === 'signed-in' &&
    (session.tokens.refreshToken !== undefined || isValid(session.tokens, now))
  switch (kind) {
    case 'tokens':
      return goesOn
    case 'api-key':
      return apiKey !== undefined
    case 'legacy-token':
      return goesOn || legacyToken !== undefined
  }
}

/** What the session knows of itself stays: it only gets what it needs to be renewed. */
function mergedTokens(account: Account, candidate: TokensCandidate): TokensCandidate['tokens'] {
  const { session } = account
  const { tokens } = candidate
  if (session.status !== 'signed-in' || !completes(account, candidate)) return tokens
  const { refreshToken, refreshExpiresAt } = tokens
  const expiresAt = session.tokens.expiresAt ?? tokens.expiresAt
  return { ...session.tokens, expiresAt, refreshToken, refreshExpiresAt }
}

function withCandidate(account: Account, candidate: Candidate): Account {
  switch (candidate.kind) {
    case 'tokens':
      return withTokens(account, mergedTokens(account, candidate))
    case 'api-key': {
      const { secret, id, name, origins } = candidate
      return { ...account, apiKey: { secret, id, name, origins } }
    }
    case 'legacy-token':
      return {
        ...account,
        // Somebody wants to go on after a sign-out: that is over.
        session: account.session.status === 'signed-out' ? emptyAccount.session : account.session,
        legacyToken: candidate.secret,
        legacyOrigins: candidate.origins,
      }
  }
}

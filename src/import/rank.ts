import type { Candidate, TokensCandidate } from './candidate.ts'

/** How long a refresh token is good for by the documentation, after which a pair is probably dead. */
const refreshTokenLifeMs = 30 * 24 * 3_600_000

/**
 * Candidates of each kind, the best first. Where two are as good, the place that was looked at first wins.
 *
 * Tokens: probably alive > can be renewed > surely this client's > end later. Keys: by their place only.
 * Legacy tokens: those that end later.
 */
export function ranked(candidates: readonly Candidate[], now: number): readonly Candidate[] {
  return [...candidates].sort((one, other) => {
    if (one.kind === 'tokens' && other.kind === 'tokens') return compareTokens(one, other, now)
    if (one.kind === 'legacy-token' && other.kind === 'legacy-token') {
      return (other.expiresAt ?? Number.MAX_VALUE) - (one.expiresAt ?? Number.MAX_VALUE)
    }
    return 0
  })
}

function compareTokens(one: TokensCandidate, other: TokensCandidate, now: number): number {
  const worth = ({ tokens, certain }: TokensCandidate) => {
    const { expiresAt = now, refreshToken } = tokens
    return [
      expiresAt > now - refreshTokenLifeMs ? 1 : 0,
      refreshToken === undefined ? 0 : 1,
      certain ? 1 : 0,
      expiresAt,
    ]
  }
  const [mine, theirs] = [worth(one), worth(other)]
  const differs = mine.findIndex((value, index) => value !== theirs[index])
  return differs === -1 ? 0 : (theirs[differs] ?? 0) - (mine[differs] ?? 0)
}

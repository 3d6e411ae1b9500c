import type { StoredAccount } from '../store/account.ts'

const day = 86_400_000

/** A clock that is wrong, on one of the hosts, must not cost a session. */
const marginMs = 7 * day

/** How long it is remembered that somebody has signed out, or that a session has ended. */
const endedLifeMs = 180 * day

/** How long what was set aside is kept. */
export const damagedLifeMs = 180 * day

/** How long it is remembered that an account was removed: longer than any client repeats a command. */
export const goneLifeMs = 15 * 60_000

/** How long a record is kept. */
export interface Lifetime {
  /** Relative, so that only differences between times of one host count; `undefined`: without end. */
  readonly ms: number | undefined
  /** Whether it is kept at least as long as the record before it would have been. */
  readonly atLeastAsBefore: boolean
}

/**
 * How long an account is kept.
 *
 * | what it holds | how long |
 * |---|---|
 * | an API key, or a token of the time before OAuth | without end |
 * | tokens, and it is known when the last of them ends | until then, and a week |
 * | tokens, and it is not known | without end |
 * | that it is signed out, or has expired | half a year, and no shorter than what was there before |
 *
 * The last row is what keeps a sign-out from being undone: a process that got a new pair, and cannot reach
 * Redis, writes the pair when it can, unless it finds that somebody has signed out meanwhile.
 */
export function lifetimeOf(account: StoredAccount, now: number): Lifetime {
  const { session, apiKey, legacyToken } = account
  if (apiKey !== undefined || legacyToken !== undefined) return withoutEnd
  if (session.status !== 'signed-in') return { ms: endedLifeMs, atLeastAsBefore: true }
  const { refreshToken, refreshExpiresAt, expiresAt } = session.tokens
  const end = refreshToken === undefined ? expiresAt : refreshExpiresAt
  if (end === undefined || !Number.isFinite(end)) return withoutEnd
  return { ms: Math.max(0, Math.round(end - now)) + marginMs, atLeastAsBefore: false }
}

const withoutEnd: Lifetime = { ms: undefined, atLeastAsBefore: false }

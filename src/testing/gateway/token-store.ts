import { randomToken } from '../crypto/random.ts'

/** An opaque pair. Both halves die when the pair is rotated; `family` joins the pairs of one sign-in. */
export interface TokenPair {
  readonly family: string
  readonly clientId: string
  readonly userId: string
  readonly scope: readonly string[]
  readonly accessToken: string
  readonly refreshToken: string
  readonly issuedAt: number
  accessExpiresAt: number
  readonly refreshExpiresAt: number
  accessRevoked: boolean
  refreshRevoked: boolean
  rotated: boolean
}

/** Whom a pair is for. */
export interface Grant {
  readonly clientId: string
  readonly userId: string
  readonly scope: readonly string[]
}

export interface TokenStore {
  readonly all: readonly TokenPair[]
  issue(grant: Grant, family?: string): TokenPair
  /** The pair whose refresh token is alive and bound to this client (★14). */
  findRefresh(refreshToken: string, clientId: string): TokenPair | undefined
  /** Exchanges a live pair for a new one, at once and without grace (★13). */
  rotate(pair: TokenPair, scope: readonly string[]): TokenPair
  /** The pair an access token belongs to, alive or not. */
  byAccess(accessToken: string): TokenPair | undefined
  byRefresh(refreshToken: string): TokenPair | undefined
  isAccessAlive(pair: TokenPair): boolean
  isRefreshAlive(pair: TokenPair): boolean
  revokeFamily(family: string): void
}

export function createTokenStore(options: {
  readonly now: () => number
  readonly accessTokenTtlMs: number
  readonly refreshTokenTtlMs: number
}): TokenStore {
  const { now, accessTokenTtlMs, refreshTokenTtlMs } = options
  const all: TokenPair[] = []
  const access = new Map<string, TokenPair>()
  const refresh = new Map<string, TokenPair>()

  const isRefreshAlive = (pair: TokenPair) => !pair.refreshRevoked && pair.refreshExpiresAt > now()

  const issue = (grant: Grant, family = randomToken(16)): TokenPair => {
    const issuedAt = now()
    const pair: TokenPair = {
      ...grant,
      family,
      // 48 and 64 random bytes in base64url, as the gateway makes them.
      accessToken: randomToken(64),
      refreshToken: randomToken(86),
      issuedAt,
      accessExpiresAt: issuedAt + accessTokenTtlMs,
      refreshExpiresAt: issuedAt + refreshTokenTtlMs,
      accessRevoked: false,
      refreshRevoked: false,
      rotated: false,
    }
    all.push(pair)
    access.set(pair.accessToken, pair)
    refresh.set(pair.refreshToken, pair)
    return pair
  }

  return {
    all,
    issue,
    findRefresh(refreshToken, clientId) {
      const pair = refresh.get(refreshToken)
      return pair !== undefined && pair.clientId === clientId && isRefreshAlive(pair)
        ? pair
        : undefined
    },
    rotate(pair, scope) {
      pair.rotated = true
      pair.refreshRevoked = true
      pair.accessRevoked = true
      return issue({ clientId: pair.clientId, userId: pair.userId, scope }, pair.family)
    },
    byAccess: (token) => access.get(token),
    byRefresh: (token) => refresh.get(token),
    isAccessAlive: (pair) => !pair.accessRevoked && pair.accessExpiresAt > now(),
    isRefreshAlive,
    revokeFamily(family) {
      for (const pair of all) {
        if (pair.family !== family) continue
        pair.accessRevoked = true
        pair.refreshRevoked = true
      }
    },
  }
}

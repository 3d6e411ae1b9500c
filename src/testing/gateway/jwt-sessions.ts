import type { User } from '../accounts/users.ts'
import { signJwt } from '../crypto/jwt.ts'
import { randomToken } from '../crypto/random.ts'

/** A session of the JWT family: password, device and exchange sign-ins. */
export interface JwtSession {
  readonly userId: string
  readonly clientId: string | undefined
  readonly accessToken: string
  readonly refreshToken: string
  readonly issuedAt: number
  /** What the server goes by; the token's own `exp` is only an upper bound of it. */
  expiresAt: number
  readonly refreshExpiresAt: number
  revoked: boolean
}

export interface JwtSessionStore {
  readonly all: readonly JwtSession[]
  open(user: User, clientId?: string): Promise<JwtSession>
  byAccess(accessToken: string): JwtSession | undefined
  /** Ends the session of a live refresh token and gives its owner; undefined when there is none. */
  takeRefresh(refreshToken: string): JwtSession | undefined
  isAlive(session: JwtSession): boolean
  /** A token of the old JWT service, which only the legacy bridge knows. */
  issueLegacy(user: User): Promise<string>
  /** Whose legacy token this is. */
  legacyOwner(token: string): string | undefined
}

/** The project scope that these sign-ins answer under the name `scope` (★18). */
export const projectScope = 'lanonasis-maas'

export function createJwtSessionStore(options: {
  readonly now: () => number
  readonly issuer: string
  readonly accessTokenTtlMs: number
  readonly refreshTokenTtlMs: number
}): JwtSessionStore {
  const { now, issuer, accessTokenTtlMs, refreshTokenTtlMs } = options
  const secret = randomToken(64)
  const all: JwtSession[] = []
  const legacy = new Map<string, string>()

  const claims = (user: User, lifeMs: number) => ({
    sub: user.id,
    email: user.email,
    role: 'authenticated',
    project_scope: projectScope,
    platform: 'cli',
    iat: Math.floor(now() / 1000),
    exp: Math.floor((now() + lifeMs) / 1000),
    iss: issuer,
    jti: randomToken(16),
  })

  return {
    all,
    async open(user, clientId) {
      const issuedAt = now()
      const session: JwtSession = {
        userId: user.id,
        clientId,
        accessToken: await signJwt(claims(user, accessTokenTtlMs), secret),
        refreshToken: await signJwt(
          { ...claims(user, refreshTokenTtlMs), type: 'refresh' },
          secret,
        ),
        issuedAt,
        expiresAt: issuedAt + accessTokenTtlMs,
        refreshExpiresAt: issuedAt + refreshTokenTtlMs,
        revoked: false,
      }
      all.push(session)
      return session
    },
    byAccess: (token) => all.find((session) => session.accessToken === token),
    takeRefresh(token) {
      const session = all.find((candidate) => candidate.refreshToken === token)
      if (session === undefined || session.revoked || session.refreshExpiresAt <= now()) {
        return undefined
      }
      session.revoked = true
      return session
    },
    isAlive: (session) => !session.revoked && session.expiresAt > now(),
    async issueLegacy(user) {
      const year = 365 * 24 * 3600 * 1000
      const token = await signJwt({ ...claims(user, year), iss: 'lanonasis-legacy' }, secret)
      legacy.set(token, user.id)
      return token
    },
    legacyOwner: (token) => legacy.get(token),
  }
}

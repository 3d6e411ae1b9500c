import { randomToken } from '../crypto/random.ts'

/** The gateway's sessions of people in browsers, by the value of their cookie. */
export interface SessionStore {
  open(userId: string): string
  userOf(session: string | undefined): string | undefined
  close(session: string): void
}

export const sessionCookieName = 'lanonasis_session'
export const sessionSeconds = 7 * 24 * 3600

export function createSessionStore(now: () => number): SessionStore {
  const sessions = new Map<string, { userId: string; expiresAt: number }>()
  return {
    open(userId) {
      const session = randomToken(43)
      sessions.set(session, { userId, expiresAt: now() + sessionSeconds * 1000 })
      return session
    },
    userOf(session) {
      const found = session === undefined ? undefined : sessions.get(session)
      return found !== undefined && found.expiresAt > now() ? found.userId : undefined
    },
    close(session) {
      sessions.delete(session)
    },
  }
}

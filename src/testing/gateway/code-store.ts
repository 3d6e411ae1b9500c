import { randomToken } from '../crypto/random.ts'
import type { Grant } from './token-store.ts'

/** A validated authorization request. */
export interface AuthorizationRequest {
  readonly clientId: string
  readonly redirectUri: string
  readonly scope: readonly string[]
  readonly state: string | undefined
  readonly codeChallenge: string | undefined
}

/** What an authorization code stands for. */
interface AuthorizationCode extends Grant {
  readonly redirectUri: string
  readonly codeChallenge: string | undefined
  readonly expiresAt: number
}

export interface CodeStore {
  /** Keeps a request until the person has decided; the id goes into the consent form. */
  ask(request: AuthorizationRequest, userId: string): string
  /** Takes the request out again, once, for the person who was asked. */
  decide(id: string, userId: string): AuthorizationRequest | undefined
  issue(request: AuthorizationRequest, userId: string): string
  get(code: string): AuthorizationCode | undefined
  /** Uses the code up. */
  consume(code: string): void
}

const codeSeconds = 300

export function createCodeStore(now: () => number): CodeStore {
  const asked = new Map<string, { request: AuthorizationRequest; userId: string }>()
  const codes = new Map<string, AuthorizationCode>()
  return {
    ask(request, userId) {
      const id = randomToken(32)
      asked.set(id, { request, userId })
      return id
    },
    decide(id, userId) {
      const entry = asked.get(id)
      if (entry === undefined || entry.userId !== userId) return undefined
      asked.delete(id)
      return entry.request
    },
    issue(request, userId) {
      const code = randomToken(64)
      codes.set(code, {
        clientId: request.clientId,
        userId,
        scope: request.scope,
        redirectUri: request.redirectUri,
        codeChallenge: request.codeChallenge,
        expiresAt: now() + codeSeconds * 1000,
      })
      return code
    },
    get(code) {
      const found = codes.get(code)
      return found !== undefined && found.expiresAt > now() ? found : undefined
    },
    consume(code) {
      codes.delete(code)
    },
  }
}

import { type ApiKeyKind, inspectApiKey } from '../api-keys/inspect.ts'
import type { AuthErrorCode } from '../errors/definitions.ts'
import type { TokenKind } from '../store/account.ts'
import type { Account, HeldApiKey } from './account.ts'
import { isValid } from './freshness.ts'

/** What is known of the API key in use. Only a key that this library created has more than its form. */
export interface SessionApiKey {
  /** Its printable name: the public half, or the first 8 characters. */
  readonly publicId: string
  /** Which of the known forms it has. */
  readonly kind: ApiKeyKind
  /** The service's id. */
  readonly id?: string
  /** Its name at the service, where this library created it. */
  readonly name?: string
  /** When it ends, epoch ms, where it was created with an end. */
  readonly expiresAt?: number
}

/** What is known whatever the status. */
export interface SessionFacts {
  /** The API key that requests to MCP Core carry, if there is one. Independent of `status`. */
  readonly apiKey?: SessionApiKey
  /** Whether a token of the time before OAuth is held, to be exchanged. */
  readonly legacy: boolean
  /** Set while the session could not be renewed and is served from what is still valid. */
  readonly degraded?: {
    /** Why it could not be renewed. */
    readonly code: AuthErrorCode
    /** When that was noticed first, epoch ms. */
    readonly since: number
  }
}

/** What is known of the person's session; a union on `status`. Holds no secret. */
export type Session = SessionFacts &
  (
    | { readonly status: 'loading' }
    | { readonly status: 'signed-out' }
    /** A definitive answer ended it: the person has to sign in again. */
    | { readonly status: 'expired' }
    | {
        readonly status: 'signed-in'
        /** When the access token ends, epoch ms; it is renewed before. */
        readonly expiresAt?: number
        /** When the session can no longer be renewed, epoch ms, where the server says; each renewal puts it off. */
        readonly refreshExpiresAt?: number
        /** Space-delimited, as granted. */
        readonly scope?: string
        readonly tokenKind: TokenKind
        /**
         * Tells one sign-in from another: each has an id of its own, which all renewals keep, in every process
         * and tab. Random; no secret, and nothing accepts it as a credential. Absent where the sign-in is not
         * known: in records of the time before these ids, and for tokens that `memoryStore` was made with.
         */
        readonly signInId?: string
      }
  )

/** Before anything was read, and on a server that renders a page. */
export const loadingSession: Session = Object.freeze({ status: 'loading', legacy: false })

interface SessionView {
  readonly apiKey: string | undefined
  readonly degraded: SessionFacts['degraded']
  readonly now: number
}

/** What may be shown of an account. `apiKey` outweighs the stored one. */
export function toSession(account: Account, { apiKey, degraded, now }: SessionView): Session {
  const key = apiKey === undefined ? apiKeyOf(account.apiKey) : shown(apiKey)
  const facts: SessionFacts = {
    legacy: account.legacyToken !== undefined,
    ...(key === undefined ? undefined : { apiKey: key }),
    ...(degraded === undefined ? undefined : { degraded }),
  }
  const { session } = account
  if (session.status !== 'signed-in') return Object.freeze({ ...facts, status: session.status })
  const { expiresAt, refreshExpiresAt, scope, kind, refreshToken, signInId } = session.tokens
  if (refreshToken === undefined && !isValid(session.tokens, now)) {
    return Object.freeze({ ...facts, status: 'expired' })
  }
  return Object.freeze({
    ...facts,
    status: 'signed-in',
    tokenKind: kind,
    ...(expiresAt === undefined ? undefined : { expiresAt }),
    ...(refreshExpiresAt === undefined ? undefined : { refreshExpiresAt }),
    ...(scope === undefined ? undefined : { scope }),
    ...(signInId && { signInId }),
  })
}

function apiKeyOf(held: HeldApiKey | undefined): SessionApiKey | undefined {
  if (held === undefined) return undefined
  const { secret, id, name, expiresAt } = held
  const key = shown(secret.reveal())
  return (
    key && {
      ...key,
      ...(id === undefined ? undefined : { id }),
      ...(name === undefined ? undefined : { name }),
      ...(expiresAt === undefined ? undefined : { expiresAt }),
    }
  )
}

/** What may be shown of a key; `undefined` for a text that is none. */
function shown(key: string): SessionApiKey | undefined {
  const inspection = inspectApiKey(key)
  return inspection.ok ? { publicId: inspection.publicId, kind: inspection.kind } : undefined
}

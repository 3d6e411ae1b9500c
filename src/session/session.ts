import { type ApiKeyKind, inspectApiKey } from '../api-keys/inspect.ts'
import type { AuthErrorCode } from '../errors/definitions.ts'
import type { TokenKind } from '../store/account.ts'
import type { Account, HeldApiKey } from './account.ts'
import { isValid } from './freshness.ts'

/** What is known of the API key in use. Only a key that this library created has more than its form. */
export interface SessionApiKey {
  readonly publicId: string
  readonly kind: ApiKeyKind
  /** The service's id. */
  readonly id?: string
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
  readonly degraded?: { readonly code: AuthErrorCode; readonly since: number }
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
  const { expiresAt, refreshExpiresAt, scope, kind, refreshToken } = session.tokens
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

import type { ApiKeyKind } from '../api-keys/inspect.ts'
import type { Secret } from '../secret/secret.ts'
import type { Tokens } from '../session/account.ts'
import type { ImportedKind, UnusableCode } from './report.ts'

/** A credential that can be used, and where it was found. */
export type Candidate = TokensCandidate | KeyCandidate | LegacyCandidate

interface Found {
  readonly location: string
}

export interface TokensCandidate extends Found {
  readonly kind: 'tokens'
  readonly tokens: Tokens
  /** Whether the place says that they are this client's. */
  readonly certain: boolean
}

interface KeyCandidate extends Found {
  readonly kind: 'api-key'
  readonly secret: Secret
  readonly publicId: string
  readonly keyKind: ApiKeyKind
  readonly id: string | undefined
  readonly name: string | undefined
  readonly origins: readonly string[]
}

interface LegacyCandidate extends Found {
  readonly kind: 'legacy-token'
  readonly secret: Secret
  readonly expiresAt: number | undefined
  readonly origins: readonly string[]
}

/** What became of one thing that was found. */
export type Verdict =
  | {
      readonly usable: Candidate
      /** A credential beside it stays behind, such as the refresh token of another client. */
      readonly leavesRest?: boolean
    }
  | { readonly kind: ImportedKind; readonly code: UnusableCode; readonly message: string }

/** The credential itself, by which the same one is recognised elsewhere. */
export function secretOf(candidate: Candidate): Secret {
  return candidate.kind === 'tokens' ? candidate.tokens.accessToken : candidate.secret
}

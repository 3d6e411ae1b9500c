import type { ApiKeyKind } from './inspect.ts'

/** What a new API key is made with. */
export interface NewApiKey {
  /** Unique among the person's keys; say which machine or program it is for. */
  readonly name: string
  /** As the services name their levels, for example `authenticated`, `team` or `admin`; open, because they add to them. */
  readonly accessLevel?: string
  readonly expiresInDays?: number
  readonly description?: string
  readonly scopes?: readonly string[]
}

/** An API key as the services describe it, without its secret. */
export interface ApiKeyRecord {
  readonly id: string
  readonly name: string
  /** `false` when it was revoked. */
  readonly active: boolean
  readonly accessLevel?: string
  readonly permissions?: readonly string[]
  readonly description?: string
  readonly createdAt?: Date
  readonly expiresAt?: Date
  /** The public half of a `pk_….sk_…` pair, where the service says it. */
  readonly publicId?: string
}

/** A key that was just created or rotated. The full key is shown this once. */
export interface CreatedApiKey extends ApiKeyRecord {
  /**
   * The full key. It is readable here and nowhere else: it does not appear when this object is
   * printed, spread or serialised.
   */
  readonly key: string
  readonly publicId: string
  readonly kind: ApiKeyKind
}

/** The API key that this client uses. */
export interface EnsuredApiKey {
  readonly publicId: string
  readonly kind: ApiKeyKind
  /** The service's id, for a key that this library created. */
  readonly id?: string
  readonly name?: string
  /** Whether it was created by this call. */
  readonly created: boolean
}

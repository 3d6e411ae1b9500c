import type { AuthError } from '../errors/auth-error.ts'
import type { CallOptions } from '../http/call-options.ts'
import type { ApiKeyKind } from './inspect.ts'

/** What a new API key is made with. */
export interface NewApiKey {
  /** Unique among the person's keys; say which machine or program it is for. */
  readonly name: string
  /** As the services name their levels, for example `authenticated`, `team` or `admin`; open, because they add to them. */
  readonly accessLevel?: string
  /** After how many days it ends, a whole number; without it, it has no end. */
  readonly expiresInDays?: number
  /** A note for the person who looks through their keys. */
  readonly description?: string
  /** What it may do, for example `memories:read`; default: as the service has it. */
  readonly scopes?: readonly string[]
}

/** An API key as the services describe it, without its secret. */
export interface ApiKeyRecord {
  /** The service's id, which the other calls take. */
  readonly id: string
  /** As it was given when the key was made. */
  readonly name: string
  /** `false` when it was revoked. */
  readonly active: boolean
  /** The level it was made with, in the words of the service. */
  readonly accessLevel?: string
  /** What the service lets it do, for example `memories:read`. */
  readonly permissions?: readonly string[]
  /** What a person wrote about it. */
  readonly description?: string
  /** When it was made, where the service says. */
  readonly createdAt?: Date
  /** When it ends; `undefined`: it has no end, or the service does not say. */
  readonly expiresAt?: Date
  /** The public half of a `pk_….sk_…` pair, where the service says it. */
  readonly publicId?: string
}

/** How `apiKeys.create` and `apiKeys.rotate(id)` make a key for another program. */
export interface HandOverOptions extends CallOptions {
  /**
   * Takes the new key to where it is used, and resolves when it is there: it was printed, or stored. When it
   * throws, nobody has the key: it is revoked, and what was thrown is thrown. Where it cannot be revoked, the
   * error is `api_key_left_over`, whose hint names it by its id.
   *
   * With `rotate`, the old key is revoked after it, and lives on when it throws. Without it the old secret is
   * dead before anybody has the new one (★21).
   */
  readonly handOver?: ((key: CreatedApiKey) => Promise<void> | void) | undefined
}

/** The key whose place a new one has taken. */
export interface ReplacedApiKey {
  /** The service's id of the old key. */
  readonly id: string
  /** `false`: the service has not confirmed it, and the old key may still work. Try `apiKeys.revoke(id)` again. */
  readonly revoked: boolean
  /** Why it is not revoked. */
  readonly error?: AuthError
}

/** A key that was just created or rotated. The full key is shown this once. */
export interface CreatedApiKey extends ApiKeyRecord {
  /**
   * The full key. It is readable here and nowhere else: it does not appear when this object is
   * printed, spread or serialised.
   */
  readonly key: string
  readonly publicId: string
  /** Which of the known forms it has. */
  readonly kind: ApiKeyKind
  /** With `rotate(id, { handOver })`: what became of the old key. Look at it where the old key may have leaked. */
  readonly replaced?: ReplacedApiKey
}

/** The API key that this client uses. */
export interface EnsuredApiKey {
  /** Its printable name: the public half, or the first 8 characters. */
  readonly publicId: string
  /** Which of the known forms it has. */
  readonly kind: ApiKeyKind
  /** The service's id, for a key that this library created. */
  readonly id?: string
  /** Its name at the service, for a key that this library created. */
  readonly name?: string
  /** Whether it was created by this call. */
  readonly created: boolean
  /**
   * With `rotate`: what became of the old key. Look at it where the old key may have leaked. Absent when
   * `created` is `false`: somebody else has put another key in use meanwhile, and nothing was revoked.
   */
  readonly replaced?: ReplacedApiKey
}

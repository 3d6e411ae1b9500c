import type { ApiKeyKind } from '../api-keys/inspect.ts'
import type { Endpoints, ServiceName } from '../endpoints/presets.ts'
import type { TokenKind } from '../store/account.ts'

/** What an import found, took and left. Plain JSON; nothing in it is secret, so it may be printed whole. */
export interface ImportReport {
  /** Whether it only says what it would do. */
  readonly dryRun: boolean
  /** The old places in which there was something, the strongest first where that matters. */
  readonly found: readonly ImportedSource[]
  /** What is in the client's store now (or would be, in a dry run). */
  readonly taken: readonly TakenCredential[]
  /** What is good and was not needed. */
  readonly passedOver: readonly PassedOverCredential[]
  /** What could not be read or used, and why. */
  readonly unusable: readonly UnusableCredential[]
  /** What a person should do or know. */
  readonly hints: readonly ImportHint[]
  /** The services that an old program works with, where they are others than the client's. */
  readonly deployment?: ImportedDeployment
}

/**
 * Other addresses than the client has, of the strongest place that names some. They are never applied: an
 * address from a file is not the user's own word (★1). It becomes that when the person has seen each of them
 * and has agreed; then pass them as `endpoints`, and import with that client.
 *
 * | the service's address here comes from | the place names another one | so `endpoints` has |
 * |---|---|---|
 * | nobody: it is that of production | yes | the place's, and the service is in `changed` |
 * | an option, `environment`, a variable, the client's own config file | yes | the client's: it outweighs the place |
 * | anywhere | no | the client's |
 *
 * There is none where nothing would change, where an address of the place cannot be used (see the hint
 * `address_invalid`), or where a folder that is opened may have written the place: in an editor that works
 * on another machine, such as a dev container.
 */
export interface ImportedDeployment {
  /** Where it was found. */
  readonly location: string
  /** Complete, and each as the option `endpoints` takes it. */
  readonly endpoints: Endpoints
  /** The services whose address would be another one; never empty. */
  readonly changed: readonly ServiceName[]
}

/** The kinds of places that are looked into. */
export type ImportPlace = 'file' | 'keychain' | 'environment' | 'secret-storage' | 'local-storage'

/**
 * Whose form the content has, found out by its fields: the roadmap's `maas-config`, the flat file of the
 * old CLI (`cli-config`), the answer of a token endpoint (`tokens`), an API key with or without details.
 */
export type ImportFormat = 'maas-config' | 'cli-config' | 'tokens' | 'api-key' | 'unknown'

/** An old place in which there was something. */
export interface ImportedSource {
  /** Which of the known places it is. */
  readonly place: ImportPlace
  /** A path, the name of a variable or of an entry. */
  readonly location: string
  /** What form its content has. */
  readonly format: ImportFormat
  /** The permission bits of a file, such as `0644`. */
  readonly mode?: string
  /** When the file was last written, epoch ms. */
  readonly modifiedAt?: number
  /**
   * Addresses of services that it names, by its own names for them, to be shown. Without what may be secret in
   * them; {@link ImportReport.deployment} has those that can be used.
   */
  readonly services?: Readonly<Record<string, string>>
  /** What became of the old place itself. */
  readonly became: 'kept' | 'tightened' | 'removed'
}

/** What kind of credential it is about. */
export type ImportedKind = 'tokens' | 'api-key' | 'legacy-token'

/** A credential that is in the client's store now. */
export type TakenCredential = { readonly location: string } & (
  | {
      readonly kind: 'tokens'
      readonly tokenKind: TokenKind
      /** Whether they can be renewed; if not, the session ends at `expiresAt`. */
      readonly renewable: boolean
      /** Epoch ms. */
      readonly expiresAt?: number
    }
  | { readonly kind: 'api-key'; readonly publicId: string; readonly keyKind: ApiKeyKind }
  /** A token of the time before OAuth: the person should sign in again. */
  | { readonly kind: 'legacy-token'; readonly expiresAt?: number }
)

/**
 * Why a good credential was not taken.
 *
 * | reason | meaning |
 * |---|---|
 * | `held` | the store has this very one |
 * | `same` | another place has this very one, and it was taken from there |
 * | `taken_before` | an earlier import took it, and it has been replaced or removed since |
 * | `outranked` | the store, or another place, has a better one |
 * | `signed_out` | somebody has signed out here since |
 */
export type PassedOverReason = 'held' | 'same' | 'taken_before' | 'outranked' | 'signed_out'

/** A good credential that was not taken. */
export interface PassedOverCredential {
  /** Where it is. */
  readonly location: string
  /** What it is. */
  readonly kind: ImportedKind
  /** Why it was not needed. */
  readonly reason: PassedOverReason
  /** One sentence for people. */
  readonly message: string
}

/**
 * Why something could not be used.
 *
 * | code | meaning |
 * |---|---|
 * | `unreadable` | the place could not be read: permissions, a keychain that does not answer |
 * | `not_a_file` | a directory, a socket, a device |
 * | `too_large` | nothing that these programs wrote |
 * | `not_decryptable` | made on another machine or by another user, or damaged |
 * | `damaged` | not JSON, or a field of another type |
 * | `expired` | it has ended, and nothing comes with it to renew it |
 * | `refused` | the server has refused this very refresh token already |
 * | `other_client` | it is bound to another OAuth client (★14) |
 * | `other_issuer` | it is for another gateway, or other services (★3) |
 * | `key_incomplete`, `key_malformed` | not a whole API key |
 * | `key_hash` | the SHA-256 of a key (★9) |
 * | `key_elsewhere` | the file says that the key is in the key storage, and it is not there |
 * | `environment_only` | variables of the environment are stored only where that is asked for |
 */
export type UnusableCode =
  | 'unreadable'
  | 'not_a_file'
  | 'too_large'
  | 'not_decryptable'
  | 'damaged'
  | 'expired'
  | 'refused'
  | 'other_client'
  | 'other_issuer'
  | 'key_incomplete'
  | 'key_malformed'
  | 'key_hash'
  | 'key_elsewhere'
  | 'environment_only'

/** Something that could not be read or used. */
export interface UnusableCredential {
  /** Where it is. */
  readonly location: string
  /** Absent where it was not even read. */
  readonly kind?: ImportedKind
  /** Why it could not be used. */
  readonly code: UnusableCode
  /** One sentence for people. */
  readonly message: string
}

/** Something that a person should do or know. */
export interface ImportHint {
  /** What it is about. */
  readonly code: /** An old file that others on this machine can read (★30). */
    | 'readable_by_others'
    /** A copy of an old file that is still there. */
    | 'backup'
    /** The old place could not be tightened or removed as asked. */
    | 'not_changed'
    /** A variable that outranks what is stored. */
    | 'environment_outranks'
    /** What was taken cannot be renewed. */
    | 'sign_in_again'
    /** The old programs used other services than this client. */
    | 'other_services'
    /** An address of a service that cannot be used; so none of this place is offered. */
    | 'address_invalid'
    /** The client's store forgets; so no old file was removed. */
    | 'store_forgets'
    /** The system's keychain could not be asked, or the package for it is missing. */
    | 'keychain_unavailable'
  /** The place that it is about, where it is about one. */
  readonly location?: string
  /** One sentence for people. */
  readonly message: string
}

import type { AuthErrorCode } from '../errors/definitions.ts'
import type { Lock } from '../lock/lock.ts'
import type { StoredAccount } from './account.ts'

/** Which account a record belongs to. Two keys that differ in any part never touch each other (★3). */
export interface StoreKey {
  /** The authorization server that issued the tokens, with its port. */
  readonly issuer: string
  /** The OAuth client that the tokens were issued to (★14). */
  readonly clientId: string
  /** Several accounts of one person; `default` unless the application says otherwise. */
  readonly profile: string
  /** The resource the tokens are bound to (RFC 8707), where they are. */
  readonly resource?: string | undefined
}

/** What a store holds under a key, and the revision to name when changing it. */
export interface StoredEntry {
  /** What is kept. */
  readonly value: StoredAccount
  /** Opaque; differs after each commit and never comes back. */
  readonly revision: string
}

/** What became of a commit: with `ok: false` nothing was written, because the entry has another revision by now. */
export type CommitResult =
  | { readonly ok: true; readonly revision: string }
  | { readonly ok: false; readonly current: StoredEntry | undefined }

/** How a store describes itself, for people and for `doctor()`. Holds no secret. */
export interface StoreDescription {
  /** `memory`, `file`, `keychain`, … */
  readonly kind: string
  /** Where it is, in the words of its kind: a path, a service name, a database name. */
  readonly location?: string | undefined
  /** Whether what is written survives the end of the process. */
  readonly persistent: boolean
  /** Whether it is encrypted where it lies. */
  readonly encrypted: boolean
  /** Who else sees the same entries. */
  readonly shared: 'process' | 'tabs' | 'machine' | 'cluster'
  /** The kind of the place that was asked for first and could not be used, so that this one is. */
  readonly insteadOf?: string | undefined
  /** What a person should know of it: that it forgets, or who can read it. One sentence. */
  readonly note?: string | undefined
}

/** That credentials are kept in another place than the one that was asked for first. */
export interface StoreFallback {
  /** Why the first one cannot be used. */
  readonly code: AuthErrorCode
  /** The place that is used. */
  readonly instead: StoreDescription
}

/**
 * A place where credentials live.
 *
 * A store knows nothing of OAuth: it keeps one record per key, and changes it only for a caller who
 * has seen the latest revision.
 */
export interface TokenStore {
  /**
   * Reads the entry of a key.
   *
   * @returns the entry, or `undefined` when nothing is stored, which is never said of a place that could not be read
   * @throws AuthError `store_unavailable`, `store_corrupt` (once: the unreadable content was set aside)
   */
  read(key: StoreKey): Promise<StoredEntry | undefined>
  /**
   * Compare-and-swap: writes `value` (or removes the entry) if it still has `expectedRevision`
   * (`undefined`: if there is none). What it confirms is durable.
   * @throws AuthError `store_unavailable`; then nothing was changed
   */
  commit(
    key: StoreKey,
    expectedRevision: string | undefined,
    value: StoredAccount | undefined,
  ): Promise<CommitResult>
  /** Calls `listener` after somebody else changed the entry. Returns how to stop. */
  watch?(key: StoreKey, listener: () => void): () => void
  /** Where it keeps things and who else sees them, as far as that has been decided; no I/O. */
  describe(): StoreDescription
  /**
   * Calls `listener` when it turns out that another place is used than the one that was asked for, and
   * soon if that is known already. Returns how to stop.
   */
  onFallback?(listener: (fallback: StoreFallback) => void): () => void
  /**
   * Removes what was written for this key, and everything of the store's own that nobody needs then:
   * lock and temporary files, empty databases, encryption keys. What cannot be read is removed as well,
   * unless it may be of other accounts, too: then it is set aside.
   * @throws AuthError `store_unavailable`, `store_corrupt` (once: what others may miss was set aside)
   */
  destroy?(key: StoreKey): Promise<void>
  /**
   * Whether any account is in it, whosever it is, where the store can tell: a list of stores does not
   * forget its choice of one that is in use.
   * @throws AuthError `store_unavailable`, `store_corrupt`
   */
  holdsAccounts?(): Promise<boolean>
  /** The lock that reaches as far as this store is shared. */
  readonly lock?: Lock | undefined
  /** Remembers for a list of stores which of them is used, where this store can do so whatever happens. */
  readonly choice?: StoreChoice | undefined
}

/**
 * Remembers on this machine in which of several stores credentials are kept, so that a process that
 * cannot reach that one does not begin another session somewhere else. Places have names that the list
 * gives them. Lists may have different places: each asks for its own, and what others remember stays.
 */
export interface StoreChoice {
  /**
   * What was settled before.
   *
   * @returns which of `places` is remembered, or `undefined` when nothing was decided between them
   */
  read(places: readonly string[]): Promise<string | undefined>
  /** Remembers `place`, unless another of `places` is remembered. @returns the one that is remembered then */
  settle(place: string, places: readonly string[]): Promise<string>
  /** Forgets `places`, unless other accounts are known to be there. */
  clear(places: readonly string[]): Promise<void>
}

/** A key as one text, for places that have only names. */
export function nameOf(key: StoreKey): string {
  return JSON.stringify([key.issuer, key.clientId, key.profile, key.resource ?? ''])
}

/** What a place is called where a {@link StoreChoice} remembers it. */
export function placeName({ kind, location }: StoreDescription): string {
  return location === undefined ? kind : `${kind}:${location}`
}

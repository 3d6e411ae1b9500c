import type { AuthError } from '../errors/auth-error.ts'
import type { Secret } from '../secret/secret.ts'
import type { Tokens } from './account.ts'
import type { LockedRenewalsOptions } from './locked-renewals.ts'

/** What the keeper works with; everything that touches the world is passed in. */
export interface SessionKeeperOptions extends Omit<LockedRenewalsOptions, 'known' | 'reload'> {
  readonly random: () => number
  /** Gives up a pair that nobody will use. */
  readonly discard: (tokens: Tokens) => Promise<void>
  /** Called after the lock is released, never inside it. */
  readonly onEvent: (event: KeeperEvent) => void
}

/** What happened to the session, in the order it happened. */
export type KeeperEvent =
  /** The lock is free again: what happened inside may be told. */
  | { readonly type: 'released' }
  | { readonly type: 'changed' }
  | { readonly type: 'renewed' }
  | { readonly type: 'degraded'; readonly error: AuthError }
  | { readonly type: 'unsaved'; readonly error: AuthError }

/** Which tokens a caller can use. */
export interface TokenRequest {
  /** How long they have to be valid for still, ms. */
  readonly minValidityMs?: number | undefined
  readonly signal?: AbortSignal | undefined
}

/** Which access token to replace. */
export interface RefreshRequest {
  readonly refused?: Secret | undefined
  readonly signal?: AbortSignal | undefined
}

/** What a caller takes. */
export interface WantedTokens {
  /** Whether tokens found in the store make a request needless. */
  readonly isGood: (tokens: Tokens) => boolean
  /** Whether one that is due will do, for as long as it is valid. */
  readonly serveValid: boolean
}

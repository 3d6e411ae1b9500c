import type { AuthError } from '../errors/auth-error.ts'
import type { Tokens } from './account.ts'
import { isValid } from './freshness.ts'
import type { SessionKeeperOptions } from './keeper-types.ts'
import type { KnownAccount } from './known-account.ts'
import type { RenewalResult } from './renewal.ts'
import { endedAgain, refreshFailed } from './session-errors.ts'

/** Whom a renewal is told to. */
export interface SettlementOptions extends Pick<SessionKeeperOptions, 'now' | 'onEvent'> {
  readonly known: KnownAccount
  /** Whether the caller can use a token that is due, but valid still. */
  readonly serveValid: boolean
  /** The session could not be renewed. */
  readonly degrade: (error: AuthError) => void
}

/**
 * Tells what a renewal has found or obtained; the lock is released by now.
 * @returns what its caller gets
 * @throws AuthError `refresh_failed`, `store_unavailable`
 */
export function settle(
  result: Exclude<RenewalResult, { type: 'overtaken' }>,
  { now, onEvent, known, serveValid, degrade }: SettlementOptions,
): Tokens {
  const { tokens } = result
  switch (result.type) {
    case 'renewed':
      // Whatever the trouble was, it is over.
      known.trouble = undefined
      onEvent({ type: 'changed' })
      onEvent({ type: 'renewed' })
      return tokens
    case 'adopted':
      onEvent({ type: 'changed' })
      return tokens
    case 'outdated':
      onEvent({ type: 'changed' })
      if (serveValid && isValid(tokens, now())) return tokens
      throw endedAgain()
    case 'unsaved':
      onEvent({ type: 'changed' })
      onEvent({ type: 'unsaved', error: result.error })
      return tokens
    case 'kept':
      degrade(result.error)
      if (serveValid && isValid(tokens, now())) return tokens
      throw refreshFailed(result.error)
  }
}

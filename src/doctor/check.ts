import type { ServiceName } from '../endpoints/presets.ts'
import { type AuthError, isAuthError } from '../errors/auth-error.ts'
import { type Answered, inShort } from './ask.ts'
import type { CheckContext } from './context.ts'
import type { CheckId, Finding } from './report.ts'

/** A finding, before it is known whose it is. */
export type Result = Omit<Finding, 'check'>

/** One thing to look into. It throws nothing but `aborted`: what it cannot do is a finding. */
export interface Check {
  readonly id: CheckId
  /** What it is about, in a few words. */
  readonly title: string
  run(context: CheckContext): Promise<readonly Result[]>
}

type Details = Omit<Result, 'status' | 'what'>

export function ok(what: string, details: Details = {}): Result {
  return { status: 'ok', what, ...details }
}

/** Works, and somebody should look at it. */
export function warning(what: string, details: Details & { readonly hint: string }): Result {
  return { status: 'warning', what, ...details }
}

/** Does not work; `hint` says what to do. */
export function failure(what: string, details: Details & { readonly hint: string }): Result {
  return { status: 'failure', what, ...details }
}

export function skipped(what: string, details: Details = {}): Result {
  return { status: 'skipped', what, ...details }
}

/** A limit was met, the doctor's own perhaps: what was to be seen is hidden, and nothing is wrong with it. */
export function limited(
  answer: Answered,
  { about, service }: { about: string; service: ServiceName },
): Result {
  return skipped(`${about}: ${answer.url.host} asks us to wait (${inShort(answer)}).`, { service })
}

/** The library's own error says what happened and what to do. */
export function failed({ message, hint }: AuthError, details: Details = {}): Result {
  return failure(message, { hint, ...details })
}

/** For what another check tells of. @throws AuthError `aborted` */
export function unlessAborted(error: unknown): undefined {
  if (!isAuthError(error) || error.code === 'aborted') throw error
}

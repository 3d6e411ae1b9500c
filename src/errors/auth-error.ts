import { describeCause } from './cause.ts'
import { type AuthErrorCode, errorDefinitions } from './definitions.ts'

/** What an {@link AuthError} carries besides its code and message. */
export interface AuthErrorOptions {
  /** Whether the same call may succeed later; the default belongs to the code. */
  readonly retryable?: boolean | undefined
  /** How long to wait before trying again, in milliseconds. */
  readonly retryAfterMs?: number | undefined
  /** The HTTP status that led to this error. */
  readonly status?: number | undefined
  /** The service's own id of the request, to quote in a report. */
  readonly requestId?: string | undefined
  /** With `insufficient_scope`: what the request needs and was not granted, space-delimited. */
  readonly missingScope?: string | undefined
  /** With an error answer of JSON-RPC: its code, and what came with it. */
  readonly rpc?:
    | {
        /** Such as -32602 for wrong parameters. */
        readonly code: number
        /** What came with it. */
        readonly data?: unknown
      }
    | undefined
  /** One sentence a person can act on; the default belongs to the code. */
  readonly hint?: string | undefined
  /** What went wrong underneath. Only its names and codes are kept, because its text may hold a secret. */
  readonly cause?: unknown
}

/**
 * The one error this library throws. Decide on `code`; `message` and `hint` are for people.
 *
 * Nothing in it is secret: it may be logged, serialised and sent to a crash reporter whole.
 *
 * @example
 * ```ts
 * import { isAuthError } from '@lanonasis/auth-client'
 *
 * function describe(error: unknown): string {
 *   if (isAuthError(error, 'login_required')) return 'Please sign in.'
 *   if (isAuthError(error)) return `${error.message} ${error.hint}`
 *   throw error
 * }
 * ```
 */
export class AuthError extends Error {
  /** A literal, so that minified and duplicated copies of this package recognise each other's errors. */
  override readonly name = 'AuthError'
  /** What went wrong; never changes its meaning. Decide on this. */
  readonly code: AuthErrorCode
  /** Whether the same call may succeed later without anybody doing anything. */
  readonly retryable: boolean
  /** How long to wait before the next attempt, ms, where somebody said. */
  declare readonly retryAfterMs?: number
  /** The HTTP status that led to this error. */
  declare readonly status?: number
  /** The service's own id of the request, to quote in a report. */
  declare readonly requestId?: string
  /**
   * With `insufficient_scope`, where the service says it: what is missing, space-delimited. To get it,
   * sign in again with it: `login({ scope: `${session.scope} ${error.missingScope}` })`.
   */
  declare readonly missingScope?: string
  /** The code of an error answer of JSON-RPC, such as -32602 for wrong parameters. */
  declare readonly rpcCode?: number
  /** What the other side sent along with it. As it is not ours, it is in no log and no JSON of this error. */
  declare readonly rpcData?: unknown
  /** What a person can do about it, in one sentence. */
  readonly hint: string

  /** For stores, flows and tests of your own: `message` names no secret. */
  constructor(code: AuthErrorCode, message: string, options: AuthErrorOptions = {}) {
    const cause = describeCause(options.cause)
    super(message, cause === undefined ? undefined : { cause })
    const definition = errorDefinitions[code]
    this.code = code
    this.retryable = options.retryable ?? definition.retryable
    this.hint = options.hint ?? definition.hint
    if (options.retryAfterMs !== undefined) this.retryAfterMs = options.retryAfterMs
    if (options.status !== undefined) this.status = options.status
    if (options.requestId !== undefined) this.requestId = options.requestId
    if (options.missingScope !== undefined) this.missingScope = options.missingScope
    if (options.rpc !== undefined) {
      this.rpcCode = options.rpc.code
      Object.defineProperty(this, 'rpcData', { value: options.rpc.data, enumerable: false })
    }
  }

  /** A plain object with everything but the stack, for structured logs. */
  toJSON(): Record<string, unknown> {
    const { name, code, message, hint, retryable } = this
    const { retryAfterMs, status, requestId, missingScope, rpcCode } = this
    return {
      name,
      code,
      message,
      hint,
      retryable,
      retryAfterMs,
      status,
      requestId,
      ...(missingScope === undefined ? {} : { missingScope }),
      ...(rpcCode === undefined ? {} : { rpcCode }),
    }
  }
}

/**
 * Whether `error` is an {@link AuthError}, and one with this code when a code is given.
 *
 * It goes by name and shape and not by class, so it works when two copies of this package are loaded. The other
 * one may be newer, and have a `code` that this one does not know: keep a `default` for it.
 *
 * @example
 * ```ts
 * import { isAuthError } from '@lanonasis/auth-client'
 *
 * function canWait(error: unknown): boolean {
 *   return isAuthError(error, 'rate_limited') || (isAuthError(error) && error.retryable)
 * }
 * ```
 */
export function isAuthError<Code extends AuthErrorCode = AuthErrorCode>(
  error: unknown,
  code?: Code,
): error is AuthError & { readonly code: Code } {
  if (!(error instanceof Error) && Object.prototype.toString.call(error) !== '[object Error]') {
    return false
  }
  const { name, code: own, retryable, hint } = error as Partial<AuthError>
  // Other libraries have an `AuthError`, and even one with a code of ours; none has a hint and says whether to retry.
  const isOne = name === 'AuthError' && typeof retryable === 'boolean' && typeof hint === 'string'
  return isOne && typeof own === 'string' && (code === undefined || own === code)
}

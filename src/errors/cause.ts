/** What is kept of a foreign error: enough to diagnose, nothing that may hold a secret. */
export interface ErrorCause {
  /** The name of the error, for example `TypeError`. */
  readonly name: string
  /** The system's code, for example `ECONNREFUSED`. */
  readonly code?: string
  /** What was beneath that one. */
  readonly cause?: ErrorCause
}

const printable = /^[\w.:-]{1,64}$/
const maximalDepth = 4

/**
 * Reduces a foreign error to its names and codes.
 *
 * Messages are dropped on purpose: fetch puts a rejected header value into its message, JSON.parse a
 * piece of the body, and oauth4webapi keeps the whole `Response` or the callback's parameters as `cause`.
 */
export function describeCause(error: unknown, depth = 0): ErrorCause | undefined {
  if (typeof error !== 'object' || error === null || depth >= maximalDepth) return undefined
  const { name, code, cause, errors } = error as Record<string, unknown>
  const inner = describeCause(cause ?? (Array.isArray(errors) ? errors[0] : undefined), depth + 1)
  return {
    name: typeof name === 'string' && printable.test(name) ? name : 'Error',
    ...(typeof code === 'string' && printable.test(code) ? { code } : {}),
    ...(inner === undefined ? {} : { cause: inner }),
  }
}

/** The first code in a chain of causes, such as `ECONNREFUSED` or `CERT_HAS_EXPIRED`. */
export function innermostCode(cause: ErrorCause | undefined): string | undefined {
  return cause === undefined ? undefined : (innermostCode(cause.cause) ?? cause.code)
}

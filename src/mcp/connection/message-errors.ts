import { AuthError, isAuthError } from '../../errors/auth-error.ts'

/** Most are far too short for their bytes to be counted: a UTF-16 unit has at most three in UTF-8. */
export function assertSize(text: string, maxMessageBytes: number): void {
  if (text.length * 3 <= maxMessageBytes) return
  if (new TextEncoder().encode(text).length <= maxMessageBytes) return
  throw new AuthError('validation_failed', `The message is larger than ${maxMessageBytes} bytes.`, {
    hint: 'Send less at once, or raise maxMessageBytes.',
  })
}

export function timedOut({ host }: URL, what: string): AuthError {
  return new AuthError('timeout', `${host} did not ${what}.`)
}

export function notOpen({ host }: URL): AuthError {
  return new AuthError('network_error', `The connection to ${host} is not open.`)
}

export function tooLarge({ host }: URL): AuthError {
  return new AuthError('invalid_response', `A message of ${host} is too large.`, {
    hint: 'Ask for less at once, or raise maxMessageBytes.',
  })
}

/** ★26 */
export function acknowledgedTooLate({ host }: URL): AuthError {
  return new AuthError('network_error', `${host} acknowledged the connection too late.`, {
    hint: 'What was sent before that is lost; try again.',
  })
}

export function silent({ host }: URL, ms: number): AuthError {
  const seconds = Math.round(ms / 1_000)
  return new AuthError('network_error', `No sign of life from ${host} for ${seconds} s.`)
}

/** What is no JSON; and what is an error of ours already. */
export function notSendable(error: unknown): AuthError {
  return isAuthError(error)
    ? error
    : new AuthError('validation_failed', 'The message cannot be sent.', { cause: error })
}

export function notUnderstood({ host }: URL): AuthError {
  return new AuthError('invalid_response', `${host} sent a message in an unknown form.`)
}

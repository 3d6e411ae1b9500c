import { notesOn } from '../../http/credentialed-fetch.ts'
import { challengeParameter } from '../../http/missing-scope.ts'
import { errorFromResponse } from '../../http/response-error.ts'
import type { Fetch } from '../../http/transport.ts'
import { wholeFetch } from '../../http/whole-fetch.ts'
import type { ConnectionContext } from '../context.ts'

/**
 * A fetch for the official transports, which know our errors when they are thrown and not what a 401 means:
 * an answer that says that the credential does not do becomes the right `AuthError`. All others are theirs.
 */
export function throwRefusals(
  fetch: Fetch,
  { now, timeoutMs }: Pick<ConnectionContext, 'now' | 'timeoutMs'>,
): Fetch {
  return async (input, init) => {
    const response = await fetch(input, init)
    if (!isRefusal(response)) return response
    // Read to its end in any case, which frees the connection.
    const whole = await wholeFetch(async () => response, timeoutMs)(input, init)
    const { credential: sent, error } = notesOn(whole) ?? {}
    const credential = sent?.type ?? 'bearer'
    const service = new URL(input instanceof Request ? input.url : input).host
    throw error ?? (await errorFromResponse(whole, { service, credential, now: now() }))
  }
}

/** A 403 is the server's own affair, unless it asks for another scope (RFC 6750 §3.1). */
function isRefusal({ status, headers }: Response): boolean {
  if (status === 403) return challengeParameter(headers, 'error') === 'insufficient_scope'
  return status === 401
}

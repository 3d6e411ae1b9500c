import type { Credential } from '../../http/credentialed-fetch.ts'
import type { Fetch } from '../../http/transport.ts'
import type { ConnectionContext } from '../context.ts'

/** A fetch whose requests and streams end when the person signs out. */
export interface SignedInFetch {
  readonly fetch: Fetch
  /** Listens no longer. */
  readonly stop: () => void
}

/**
 * A stream that is open was signed in when it began, and would go on in the name of somebody who has signed
 * out since. What comes after that is refused by the fetch itself, until somebody signs in again.
 */
export function endAtSignOut(
  fetch: Fetch,
  { onSignOut }: ConnectionContext,
  credential: Credential,
): SignedInFetch {
  let present = new AbortController()
  const stop = onSignOut(credential, (why) => {
    const past = present
    present = new AbortController()
    past.abort(why)
  })
  return {
    stop,
    async fetch(input, init) {
      const { signal } = present
      const signals = init?.signal ? [init.signal, signal] : [signal]
      try {
        return await fetch(input, { ...init, signal: AbortSignal.any(signals) })
      } catch (error) {
        throw signal.aborted ? signal.reason : error
      }
    },
  }
}

import { raceSignal } from '../async/abort.ts'
import { singleFlight } from '../async/single-flight.ts'
import { isAuthError } from '../errors/auth-error.ts'

/** What a deployment calls the collection: `memory` in the roadmap, `memories` in newer ones. */
export type CollectionName = 'memory' | 'memories'

/** Finds out once what this deployment calls its collection, and remembers it. */
export interface Collection {
  /** Sends a request to the collection, and again under the other name where the first does not exist. */
  readonly reach: <T>(
    send: (name: CollectionName) => Promise<T>,
    signal?: AbortSignal | undefined,
  ) => Promise<T>
}

/**
 * A 404 may be that of a missing memory or that of a missing route. Only before any answer but 404
 * has come is the other name looked for; a deployment does not change its routes in between.
 *
 * @param exists whether the collection is there under a name; `undefined` when that cannot be told now
 */
export function createCollection(
  exists: (name: CollectionName) => Promise<boolean | undefined>,
): Collection {
  let name: CollectionName = 'memory'
  let certain = false

  const lookForOther = singleFlight(async () => {
    const found = await exists('memories')
    if (found === undefined) return
    certain = true
    if (found) name = 'memories'
  })

  return {
    async reach(send, signal) {
      const tried = name
      try {
        const result = await send(tried)
        certain = true
        return result
      } catch (error) {
        if (!isAuthError(error, 'not_found')) throw error
        if (!certain) await raceSignal(lookForOther(), signal)
        // Another call may have found it while this one was under way.
        if (name === tried) throw error
        return send(name)
      }
    },
  }
}

import { isAuthError } from '../errors/auth-error.ts'

/** What a deployment calls the collection: `memory` in the roadmap, `memories` in newer ones. */
export type CollectionName = 'memory' | 'memories'

/** Finds out once what this deployment calls its collection, and remembers it. */
export interface Collection {
  /** Sends a request to the collection, and again under the other name where the first does not exist. */
  readonly reach: <T>(send: (name: CollectionName) => Promise<T>) => Promise<T>
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

  return {
    async reach(send) {
      try {
        const result = await send(name)
        certain = true
        return result
      } catch (error) {
        if (certain || !isAuthError(error, 'not_found')) throw error
        const found = await exists('memories')
        if (found === undefined) throw error
        certain = true
        if (!found) throw error
        name = 'memories'
        return send(name)
      }
    },
  }
}

import { AuthError } from '../../src/errors/auth-error.ts'
import type { TokenStore } from '../../src/store/store.ts'

/** A store with counters, whose reads and commits can be made to fail. */
export function observedStore(inner: TokenStore) {
  const seen = { reads: 0, commits: 0 }
  const fail = { reads: false, commits: false }
  const unavailable = () => {
    throw new AuthError('store_unavailable', 'The disk is full.')
  }
  const store: TokenStore = {
    ...inner,
    async read(key) {
      seen.reads += 1
      return fail.reads ? unavailable() : inner.read(key)
    },
    async commit(key, revision, value) {
      seen.commits += 1
      return fail.commits ? unavailable() : inner.commit(key, revision, value)
    },
  }
  return { store, seen, fail }
}

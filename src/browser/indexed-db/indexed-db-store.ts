import { lazyStore } from '../../store/lazy-store.ts'
import type { TokenStore } from '../../store/store.ts'
import { describeDatabase } from './description.ts'

/** Where {@link indexedDbStore} keeps its entries. */
export interface IndexedDbStoreOptions {
  /** The name of the database; default `lanonasis-auth`. Applications of one origin that use the same share their sessions. */
  readonly name?: string | undefined
}

/**
 * Keeps credentials in IndexedDB, encrypted (AES-GCM) with a key that the browser does not hand out. All
 * tabs of the origin share it: one of them renews, a sign-out reaches the others at once.
 *
 * What is copied from the disk, or read by a tool that dumps IndexedDB, is of no use. A script that runs
 * in the page can use the key as the page does: nothing in a browser protects from that but keeping such
 * scripts out.
 *
 * | where | what happens |
 * |---|---|
 * | storage is blocked, or there is none (a frame without an origin, an insecure page, a server) | everything is kept in memory |
 * | the browser lets the page read and not write (a private window, no space), at a sign-in | that account is kept in memory |
 * | there is no space to change what is stored | `store_unavailable`; a pair that was renewed is served from memory and written later |
 * | the database does not answer | `store_unavailable` |
 * | the key or a record is damaged or lost | `store_corrupt`, once; what is there is set aside |
 *
 * That memory is used is decided once per page, and reported: `client.on('store', …)` with `operation: 'open'`.
 *
 * @example
 * ```ts
 * import { createClient, indexedDbStore } from '@lanonasis/auth-client/browser'
 *
 * const client = createClient({ clientId: 'my-dashboard', store: indexedDbStore() })
 * ```
 */
export function indexedDbStore({
  name = 'lanonasis-auth',
}: IndexedDbStoreOptions = {}): TokenStore {
  return lazyStore({
    load: async () => {
      const { openDatabaseStore } = await import('./open.ts')
      return openDatabaseStore(name)
    },
    describe: () => describeDatabase(globalThis, name),
  })
}

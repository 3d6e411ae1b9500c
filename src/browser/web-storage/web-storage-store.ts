import { AuthError } from '../../errors/auth-error.ts'
import { lazyStore } from '../../store/lazy-store.ts'
import type { TokenStore } from '../../store/store.ts'
import { describeStorage } from './description.ts'

/** Where {@link webStorageStore} keeps its entries. There is no default: it is a choice to be made. */
export interface WebStorageStoreOptions {
  /** `local`: all tabs of the origin share it, and it stays. `session`: one tab, until that is closed. */
  readonly storage: 'local' | 'session'
  /** What the names of the entries begin with; default `lanonasis-auth:`. */
  readonly prefix?: string | undefined
}

/**
 * Keeps credentials in `localStorage` or `sessionStorage`, as plain text. **Every script that runs in the
 * page, and whoever gets at the disk, can read them and take them away.** {@link indexedDbStore} is the
 * better choice; this one is for applications that have to share the place with a program that knows
 * nothing else.
 *
 * `localStorage` has no compare-and-swap: one is made of a Web Lock. Browsers write it to the disk when
 * they see fit, so a crash of the machine can undo the last seconds.
 *
 * @throws AuthError `config_invalid` without a `storage`
 * @example
 * ```ts
 * import { createClient, webStorageStore } from '@lanonasis/auth-client/browser'
 *
 * const store = webStorageStore({ storage: 'session' })
 * const client = createClient({ clientId: 'my-dashboard', store })
 * ```
 */
export function webStorageStore({
  storage,
  prefix = 'lanonasis-auth:',
}: WebStorageStoreOptions): TokenStore {
  if (storage !== 'local' && storage !== 'session') {
    throw new AuthError('config_invalid', 'storage is neither local nor session.')
  }
  const place = { storage, prefix }
  return lazyStore({
    load: async () => {
      const { openPlainStore } = await import('./open.ts')
      return openPlainStore(place)
    },
    describe: () => describeStorage(globalThis, place),
  })
}

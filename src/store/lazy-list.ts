import { AuthError } from '../errors/auth-error.ts'
import { lazyStore } from './lazy-store.ts'
import type { TokenStore } from './store.ts'

/**
 * Several stores as one; see `storeList`. Its code is loaded on first use: most clients have one store.
 *
 * @throws AuthError `config_invalid` when the list is empty
 */
export function lazyList(stores: readonly TokenStore[]): TokenStore {
  const [first] = stores
  if (first === undefined) {
    throw new AuthError('config_invalid', 'The list of stores is empty.', {
      hint: 'Name at least one store.',
    })
  }
  return lazyStore({
    describe: () => first.describe(),
    async load() {
      const { storeList } = await import('./store-list.ts')
      return storeList(stores)
    },
  })
}

import { LanonasisClient } from '../client/lanonasis-client.ts'
import type { LanonasisClientOptions } from '../client/options.ts'
import { redirectFlow } from './redirect/redirect-flow.ts'

/** Options of {@link createClient}: those of the client, with the defaults of a page. */
export type BrowserClientOptions = LanonasisClientOptions

/**
 * A client for pages.
 *
 * | setting | default |
 * |---|---|
 * | `clientId` | none: a page needs a client of its own, registered with its redirect |
 * | `store` | the memory of this page, where no other script finds it and a reload forgets it |
 * | `login` | {@link redirectFlow}, back to the page on which `login()` is called |
 *
 * Make it before anything else runs: when the person comes back from a sign-in, it takes code and state
 * out of the address bar at once.
 *
 * On a server that renders pages it is inert: no request, no store, `loading`.
 *
 * @throws AuthError `config_invalid`, `api_key_malformed`, `api_key_incomplete`, naming the setting
 * @example
 * ```ts
 * import { createClient, indexedDbStore } from '@lanonasis/auth-client/browser'
 *
 * const lanonasis = createClient({ clientId: 'my-dashboard', store: indexedDbStore() })
 * lanonasis.on('store', (event) => {
 *   if (event.operation === 'open') showNotice(event.instead.note)
 * })
 * const session = await lanonasis.getSession()
 * if (session.status !== 'signed-in') await lanonasis.login()
 * declare function showNotice(text: string | undefined): void
 * ```
 */
export function createClient(options: BrowserClientOptions): LanonasisClient {
  return new LanonasisClient({ ...options, login: options.login ?? redirectFlow() })
}

import { loadPart } from '../../errors/load-part.ts'
import type { LoginFlow } from '../../login/flow.ts'
import { collectAnswer } from './collect.ts'
import type { RedirectPage, RedirectWorld } from './page.ts'
import { forgetTransactions } from './transactions.ts'

/** How {@link redirectFlow} signs in. */
export interface RedirectFlowOptions {
  /**
   * The page that the person comes back to, as it is registered for the client: an address of this
   * origin, or a path. Default: the page on which `login()` is called, without query and fragment.
   */
  readonly redirectUri?: string | undefined
  /** Sends the person there; default: `location.assign`. */
  readonly navigate?: ((url: string) => void) | undefined
  /**
   * Called after a sign-in, with path, query and fragment of the page on which it began, for the
   * application's router. Not needed where that is the page of `redirectUri`: there the query and the
   * fragment are put back by themselves.
   */
  readonly onReturn?: ((path: string) => void) | undefined
}

/**
 * Signs in by leaving the page for the authorization server, which sends the person back.
 *
 * `login()` does not settle when all goes well: the page ends. It fails when nothing could be begun, and
 * with `login_cancelled` when the person comes back by the back button to the same, living page.
 *
 * On return, making the client takes code and state out of the address bar and the history at once, so
 * make it before anything else runs. `completeLogin()` finishes the sign-in; whatever else needs the session
 * (`getSession()`, a request) waits for that.
 *
 * What has to be remembered in between lies in `sessionStorage`, for this tab and ten minutes. Each answer
 * is used once: a reload, the back button or a copied address bring a clear error, not a second use.
 *
 * @see RFC 6749 §4.1, RFC 7636, RFC 9207, RFC 9700 §2.1
 * @example
 * ```ts
 * import { createClient, redirectFlow } from '@lanonasis/auth-client/browser'
 *
 * const client = createClient({
 *   clientId: 'my-dashboard',
 *   login: redirectFlow({ redirectUri: '/auth/callback', onReturn: (path) => show(path) }),
 * })
 * client.completeLogin().catch((error) => showProblem(error.message, error.hint))
 * declare function show(path: string): void
 * declare function showProblem(message: string, hint: string): void
 * ```
 */
export function redirectFlow(options: RedirectFlowOptions = {}): LoginFlow {
  return redirectFlowIn(globalThis, options)
}

/** The same in any world. */
export function redirectFlowIn(world: RedirectWorld, options: RedirectFlowOptions): LoginFlow {
  return {
    name: 'redirect',
    async canRun() {
      const { judgePage } = await loadPart(import('./journey.ts'))
      return judgePage(pageOf(world))
    },

    async run(context) {
      const { depart } = await loadPart(import('./journey.ts'))
      const page = pageOf(world)
      if (page === undefined) throw new TypeError('A redirect needs a page.')
      return depart(page, { context, options })
    },

    collect(account, url) {
      const page = pageOf(world)
      const found = page && attempt(() => collectAnswer(page, { account, url }))
      if (page === undefined || found === undefined) return undefined
      return {
        id: found.state,
        async finish(context) {
          const { finishReturn } = await loadPart(import('./journey.ts'))
          return finishReturn(page, { ...found, account, context, onReturn: options.onReturn })
        },
      }
    },

    forget(account) {
      const page = pageOf(world)
      if (page !== undefined) attempt(() => forgetTransactions(page, account))
    },
  }
}

/** `undefined` on a server, where nothing of a page is touched. */
function pageOf(world: RedirectWorld): RedirectPage | undefined {
  return typeof world.window === 'object' ? world.window : undefined
}

/** Where the browser keeps nothing for a page, nothing was begun there. */
function attempt<T>(work: () => T): T | undefined {
  try {
    return work()
  } catch {
    return undefined
  }
}
